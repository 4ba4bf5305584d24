"""Approving payments, and moving paid orders on: every order once, checked against the database afterwards."""

from collections.abc import Sequence
from uuid import UUID

from balcao.base.values import OrderId
from balcao.bench.bench import Bench
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Requests
from balcao.bench.orders import request_head
from balcao.bench.store.sample import count_in_status, newest_orders

ORDERS = "/cp/management/commerce/orders/"
PAYMENT = b'{"nsu":"000123456","authorizationCode":"A1B2C3","amount":21,"paymentMethod":{"type":7}}'
APPROVAL = b'{"status":4,"message":"aprovado pela loja"}'
PAID, APPROVED = 2, 4
MOST_A_SECOND = 6_000


async def bench_payments(bench: Bench) -> list[Figure]:
    """Pay created orders by every number of callers, then approve those that were paid."""
    figures = {
        (name, connections): Figure(
            suite="payments",
            name=name,
            unit="orders",
            connections=connections,
            runs=[],
            limits=[Limit(name="bare answer", rates=[]), Limit(name="commits", rates=[])],
        )
        for connections in bench.options.connections
        for name in ("approve the payment", "move on to 4")
    }
    count = int(MOST_A_SECOND * (bench.options.warm_up_s + bench.options.seconds))
    for _ in range(bench.options.runs):
        for connections in bench.options.connections:
            await bench.fill(count)
            async with bench.stage.db.read() as tx:
                ids = await newest_orders(tx, bench.shop.tenant, count)
            paid = await _run(bench, figures["approve the payment", connections], ids, ("payment", PAYMENT, PAID))
            await _run(bench, figures["move on to 4", connections], paid, ("status", APPROVAL, APPROVED))
    await bench.check()
    return list(figures.values())


async def _run(
    bench: Bench, figure: Figure, ids: Sequence[OrderId], change: tuple[str, bytes, int]
) -> Sequence[OrderId]:
    """One run; the orders that were changed. Moves follow payments, and have no more orders than these were: all of
    them count, or few would be gone before anything is measured.
    """
    action, body, status = change
    head = request_head("PUT", f"{ORDERS}{{}}/{action}", bench.shop, bench.house.port, length=len(body))
    before, _, middle = head.partition(b"{}")
    requests = Requests(before=before, keys=[str(each).encode() for each in ids], middle=middle, after=body)
    is_warm = status == APPROVED
    run = await bench.measure(requests, connections=figure.connections, expect=204, keeps=True, is_warm=is_warm)
    changed = [OrderId(UUID(key.decode())) for key, _ in run.answers]
    async with bench.stage.db.read() as tx:
        found = await count_in_status(tx, bench.shop.tenant, changed, status)
    if found != len(changed):
        raise BenchFailed(f"WRONG DATA: of {len(changed)} orders that were answered, {found} are in status {status}.")
    run.answers.clear()
    figure.runs.append(run)
    bare, commits = figure.limits
    bare.rates.append(await bench.bare_rate(requests, figure.connections, 201))
    commits.rates.append(await bench.commit_rate(figure.connections))
    bench.screen.run(figure)
    return changed
