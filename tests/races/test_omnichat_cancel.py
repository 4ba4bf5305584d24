"""Cancelled at OmniChat or here while the order is paid, picked, invoiced, shipped and delivered: both sides agree.

Real HTTP between the stand-in and a server, two workers that never pause, and whoever acts on the order on connections
of their own. `BALCAO_TEST_OMNICHAT=1000` races so many orders; the suite a few.
"""

import asyncio
import copy
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from balcao.base.db import Database
from balcao.base.settings import read_settings
from balcao.freight.networks import Networks
from balcao.omnichat.rules.model import Checkout
from balcao.omnichat.rules.statuses import TOLD
from balcao.omnichat.work import work_for_omnichat
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.pick import PickItem, pick_items
from balcao.orders.rules.model import Order, Tracking
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.status import CANCELLED, Status
from balcao.orders.track import TrackOrder, track_orders
from balcao.partners.omnichat_stand_in import StandIn, standing_in
from balcao.partners.omnichat_stand_in.send import Hooks
from tests.doors.conftest import NO_TLS, serving
from tests.rules.order_samples import invoice
from tests.verbs.chat_shop import BARCODE, ChatShop, asked, chat_shop
from tests.verbs.invariants import INVARIANTS, check
from tests.verbs.shop import STORE, Shop, refused

JITTER_S = 0.15
"""Within so long both sides act: some looks of the worker, so that either is first now and then."""
TOLD_OF_ORDERS = "an order's newest event is its last update"
"""Not here: `omnichat.*` events tell of an order without changing it."""
SHIPPED = {Status.IN_DELIVERY, Status.FINALIZED}


class Race(NamedTuple):
    """One order that is cancelled by `side` while `act` happens to it."""

    act: str
    side: str
    n: int

    @property
    def object_id(self) -> str:
        """The order at OmniChat."""
        return f"{self.act}-{self.side}-{self.n}"


class Ring(NamedTuple):
    """Where they race; shop: ours, on connections of its own; web: the salesperson's way to the stand-in."""

    chat: ChatShop
    shop: Shop
    web: httpx.AsyncClient
    stand_in: StandIn
    hooks: Hooks


async def _once(shop: Shop, verb: Any, cmd: Any) -> Outcome:
    """In a transaction that is not tried again: a deadlock would be raised."""
    async with shop.db.transaction() as tx:
        outcomes: list[Outcome] = await verb(tx, shop.tenant, [cmd], shop.now)
        return outcomes[0]


async def pay(shop: Shop, order: Order) -> Outcome:
    said = PaymentNews(amount=order.total_amount)
    return await _once(shop, pay_orders, PayOrder(caller=shop.caller(), order_id=order.order_id, payments=(said,)))


async def pick(shop: Shop, order: Order) -> Outcome:
    cmd = PickItem(caller=shop.caller(), order_id=order.order_id, code=order.items[0].sku_code, quantity=5)
    return await _once(shop, pick_items, cmd)


async def separate(shop: Shop, order: Order) -> Outcome:
    return await _move(shop, order, Status.SEPARATE)


async def bill(shop: Shop, order: Order) -> Outcome:
    document = invoice(f"key of {order.order_id}", str(order.total_amount))
    cmd = InvoiceOrder(caller=shop.caller(), order_id=order.order_id, invoice=document)
    return await _once(shop, invoice_orders, cmd)


async def ship(shop: Shop, order: Order) -> Outcome:
    cmd = TrackOrder(caller=shop.caller(), order_id=order.order_id, tracking=Tracking(code="BR1"))
    return await _once(shop, track_orders, cmd)


async def deliver(shop: Shop, order: Order) -> Outcome:
    return await _move(shop, order, Status.FINALIZED)


async def _move(shop: Shop, order: Order, to: Status) -> Outcome:
    return await _once(shop, move_orders, MoveOrder(caller=shop.caller(), order_id=order.order_id, to=to))


async def cancel(shop: Shop, order: Order) -> Outcome:
    cmd = CancelOrder(caller=shop.caller(), order_id=order.order_id, by=CancelledBy.SELLER, reason="sem peça")
    return await _once(shop, cancel_orders, cmd)


Act = Callable[[Shop, Order], Awaitable[Outcome]]
PAID_THERE = "paid there"
ACTS: dict[str, Act | None] = {
    "pay": pay,
    PAID_THERE: None,
    "pick": pick,
    "separate": separate,
    "invoice": bill,
    "ship": ship,
    "deliver": deliver,
}
THERE, THERE_TWICE, HERE = "there", "there, by both hooks", "here"
SIDES = (THERE, THERE_TWICE, HERE)
ROUNDS = max(2, int(os.environ.get("BALCAO_TEST_OMNICHAT", "0")) // (len(ACTS) * len(SIDES)))
RACES = [Race(act, side, n) for n in range(ROUNDS) for act in ACTS for side in SIDES]


async def test_both_sides_agree_whatever_the_timing(own_database_url: str, tmp_path: Path) -> None:
    chance = random.Random()  # noqa: S311 - each run tries other moments
    async with _ring(own_database_url, tmp_path) as ring:
        orders = await _begin(ring)
        outcomes = await asyncio.gather(
            *(_race(ring, race, order, chance) for race, order in zip(RACES, orders, strict=True))
        )
        await _idle(ring)
        ends = Counter[tuple[str, bool]]()
        for race, order, outcome in zip(RACES, orders, outcomes, strict=True):
            after = await ring.chat.shop.order(order.order_id)
            ends[race.act, after.status in CANCELLED] += 1
            if after.status in CANCELLED:
                await _check_cancelled(ring, race, after)
            else:
                await _check_shipped(ring, race, after, outcome)
            calls = Counter(line.body["status"] for line in ring.stand_in.accepted(race.object_id))
            again = race.act == PAID_THERE or calls["CANCELLED"] < 2
            assert max((count for status, count in calls.items() if status != "CANCELLED"), default=1) == 1, calls
            assert again, (race, calls)
        await _check_all(ring)
        print(sorted(ends.items()))  # noqa: T201


async def _race(ring: Ring, race: Race, order: Order, chance: random.Random) -> Outcome | None:
    """What became of the cancellation on our side, None for one at OmniChat."""

    async def act() -> None:
        await asyncio.sleep(chance.uniform(0, JITTER_S))
        done = ACTS[race.act]
        if done is None:
            await _say(ring, race, "PAID")
        else:
            await done(ring.shop, order)

    async def end() -> Outcome | None:
        await asyncio.sleep(chance.uniform(0, JITTER_S))
        if race.side == HERE:
            return await cancel(ring.shop, order)
        if race.side == THERE:
            await _say(ring, race, "CANCELLED")
        else:
            answer = await ring.web.post(f"/orders/{race.object_id}/cancel")
            answer.raise_for_status()
        return None

    return (await asyncio.gather(act(), end()))[1]


async def _say(ring: Ring, race: Race, status: str) -> None:
    answer = await ring.web.post(f"/orders/{race.object_id}/status", json={"status": status})
    answer.raise_for_status()


async def _check_cancelled(ring: Ring, race: Race, order: Order) -> None:
    """Given back once, told, and nothing that could come later has changed it there."""
    assert [(item.reserved, item.consumed) for item in order.items] == [(0, 0)]
    text = "SELECT count(*) FROM event WHERE tenant = $1 AND subject = $2 AND type = 'order.cancelled'"
    async with ring.chat.db.read() as tx:
        assert await tx.fetchval(text, ring.shop.tenant, str(order.order_id)) == 1
    assert ring.stand_in.orders[race.object_id].status == "CANCELLED", (race, ring.stand_in.orders[race.object_id])
    assert await ring.chat.shop.logs(order.order_id, "CancelledAfterShipping") == []


async def _check_shipped(ring: Ring, race: Race, order: Order, outcome: Outcome | None) -> None:
    """Only what was shipped first goes on, and whoever decides knows that it was to be cancelled."""
    assert order.status in SHIPPED, race
    assert race.act in {"ship", "deliver"}
    there = ring.stand_in.orders[race.object_id].status
    told = await ring.chat.shop.logs(order.order_id, "CancelledAfterShipping")
    text = "SELECT count(*) FROM event WHERE tenant = $1 AND subject = $2 AND type = 'omnichat.cancelled_late'"
    async with ring.chat.db.read() as tx:
        late = await tx.fetchval(text, ring.shop.tenant, str(order.order_id))
    if race.side == HERE:
        assert refused(outcome).facts["from"] in {"InDelivery", "Finalized"}
        assert len(await ring.chat.shop.logs(order.order_id, "Refused")) == 1
        assert (len(told), late, there) == (0, 0, TOLD[order.status])
    else:
        assert (len(told), late) == (1, 1), race
        assert there in {"CANCELLED", "SHIPPED", "DELIVERED"}


async def _check_all(ring: Ring) -> None:
    await check(ring.chat.shop, *(INVARIANTS.keys() - {TOLD_OF_ORDERS}))
    async with ring.chat.db.read() as tx:
        text = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert await tx.fetchval(text) == 0
        assert await tx.fetchval("SELECT count(*) FROM omnichat_hook WHERE outcome = 'failed'") == 0
        assert await tx.fetchval("SELECT count(*) FROM orders") == len(RACES)


async def _begin(ring: Ring) -> list[Order]:
    """Every order provisioned by its hook, and brought to where its act is next."""
    for race in RACES:
        body = asked(objectId=race.object_id, team__externalId="loja-1", items__0__productReference=BARCODE, discount=0)
        answer = await ring.web.post("/orders", json=body)
        answer.raise_for_status()
    await _idle(ring)
    orders = [await ring.chat.find(race.object_id) for race in RACES]
    groups: Sequence[tuple[set[str], Any]] = (
        (set(ACTS) - {"pay", PAID_THERE}, pay),
        ({"deliver"}, ship),
    )
    for acts, step in groups:
        for race, order in zip(RACES, orders, strict=True):
            if race.act in acts:
                assert isinstance(await step(ring.shop, order), Order)
    await _idle(ring)
    return [await ring.chat.shop.order(order.order_id) for order in orders]


async def _idle(ring: Ring) -> None:
    """Until no hook is under way and the workers have nothing left."""
    async with asyncio.timeout(300):
        while True:
            await ring.hooks.drain()
            if not await ring.chat.is_open() and not ring.hooks.is_sending:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _ring(url: str, home: Path) -> AsyncIterator[Ring]:
    settings = read_settings({"BALCAO_HOME": str(home), "DATABASE_URL": url, "BALCAO_SECRET_KEY": "k" * 43})
    stand_in = StandIn()
    async with AsyncExitStack() as stack:
        ours, *others = [await _open(stack, url) for _ in range(4)]
        chat = await stack.enter_async_context(chat_shop(ours, home, ship_without_invoice=True))
        hooks = await stack.enter_async_context(standing_in(stand_in))
        address = await stack.enter_async_context(serving(settings))
        added = await chat.add(Checkout.OMNI, base_url=f"{stand_in.url}/v2", teams={"loja-1": STORE})
        stand_in.account.hook_url = f"{address}/hooks/omnichat/{added.integration.integration_id}"
        stand_in.account.inbound_secret = added.inbound_secret
        await chat.shop.count("1", 5 * len(RACES))
        shop = copy.copy(chat.shop)
        shop.db = others[0]
        web = await stack.enter_async_context(httpx.AsyncClient(base_url=stand_in.url, verify=NO_TLS, timeout=60))
        for db in others[1:]:
            await stack.enter_async_context(_working(chat, db))
        await stack.enter_async_context(chat.worker())
        yield Ring(chat, shop, web, stand_in, hooks)


async def _open(stack: AsyncExitStack, url: str) -> Database:
    db = await Database.open(url, size=32)
    stack.push_async_callback(db.close)
    return db


@asynccontextmanager
async def _working(chat: ChatShop, db: Database) -> AsyncIterator[None]:
    """One of the workers."""
    stop, networks = asyncio.Event(), Networks(db)
    working = asyncio.create_task(work_for_omnichat(db, networks, chat.now, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await working
        await networks.close()
