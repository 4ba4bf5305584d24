"""Two changes of one order at once: one after the other, each on what the one before left, and all of it or nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.values import Micros, OrderId
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.expire import BATCH, expire_due_orders, expire_orders
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.label import LabelOrder, label_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.rules.model import Label, Order, Tracking
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.status import CANCELLED, Status
from balcao.orders.track import TrackOrder, track_orders
from tests.rules.order_samples import invoice
from tests.verbs.invariants import check
from tests.verbs.shop import NOW, Shop, items, open_shop, refused

ROUNDS = 12
"""How many orders each pair of changes is tried on, all at once."""
EXPIRED = Micros(NOW + 4 * 24 * 3600 * 1_000_000)

Act = Callable[[Shop, OrderId], Awaitable[Outcome]]


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A database with a connection for every change."""
    database = await Database.open(database_url, size=32)
    yield database
    await database.close()


async def once(shop: Shop, verb: Any, **said: Any) -> Outcome:
    """Change in a transaction that is not tried again: a deadlock would be raised."""
    async with shop.db.transaction() as tx:
        outcomes: list[Outcome] = await verb(tx, shop.tenant, said["cmds"], shop.now)
        return outcomes[0]


def cancel(by: CancelledBy) -> Act:
    async def act(shop: Shop, order_id: OrderId) -> Outcome:
        cmd = CancelOrder(caller=shop.caller(), order_id=order_id, by=by, reason="x")
        return await once(shop, cancel_orders, cmds=[cmd])

    return act


def move(to: Status) -> Act:
    async def act(shop: Shop, order_id: OrderId) -> Outcome:
        return await once(shop, move_orders, cmds=[MoveOrder(caller=shop.caller(), order_id=order_id, to=to)])

    return act


async def bill(shop: Shop, order_id: OrderId, key: str | None = None) -> Outcome:
    document = invoice(key or f"key of {order_id}", "10")
    cmd = InvoiceOrder(caller=shop.caller(), order_id=order_id, invoice=document)
    return await once(shop, invoice_orders, cmds=[cmd])


async def ship(shop: Shop, order_id: OrderId) -> Outcome:
    cmd = TrackOrder(caller=shop.caller(), order_id=order_id, tracking=Tracking(code="BR1"))
    return await once(shop, track_orders, cmds=[cmd])


async def pay(shop: Shop, order_id: OrderId) -> Outcome:
    cmd = PayOrder(caller=shop.caller(), order_id=order_id, payments=(PaymentNews(nsu="1"),))
    return await once(shop, pay_orders, cmds=[cmd])


async def expire(shop: Shop, order_id: OrderId) -> Outcome:
    async with shop.db.transaction() as tx:
        return (await expire_orders(tx, shop.tenant, [order_id], EXPIRED))[0]


async def race(shop: Shop, ids: Sequence[OrderId], one: Act, other: Act) -> list[tuple[Order, Outcome, Outcome]]:
    """Both changes on every order, all at once; in either order of starting."""
    pairs = [(one, other) if n % 2 else (other, one) for n in range(len(ids))]
    done = await asyncio.gather(
        *(asyncio.gather(*(act(shop, order_id) for act in pair)) for order_id, pair in zip(ids, pairs, strict=True))
    )
    ones = [(first, second) if n % 2 else (second, first) for n, (first, second) in enumerate(done)]
    return [(await shop.order(order_id), *outcomes) for order_id, outcomes in zip(ids, ones, strict=True)]


async def paid(shop: Shop) -> list[OrderId]:
    return [await shop.paid(items=items(s1=1, s2=1)) for _ in range(ROUNDS)]


BUYER, SELLER = cancel(CancelledBy.BUYER), cancel(CancelledBy.SELLER)


@pytest.mark.parametrize(
    ("one", "other", "ends"),
    [
        (BUYER, SELLER, {11, 10}),
        (SELLER, ship, {10, 7}),
        (SELLER, move(Status.FINALIZED), {10, 9}),
        (ship, move(Status.CANCELED_BY_ADMIN), {7, 12}),
        (move(Status.CANCELED_BY_BUYER), move(Status.CANCELED_BY_PROCESSOR), {11, 21}),
    ],
    ids=["two cancel", "cancel and ship", "cancel and finish", "ship and cancel", "two moves"],
)
async def test_exactly_one_of_two_changes_that_exclude_each_other(
    wide: Database, one: Act, other: Act, ends: set[int]
) -> None:
    """The winner's status stands; the other is refused from there and says so in the action log."""
    shop = await open_shop(wide)
    ids = await paid(shop)
    for order_id in ids:
        await bill(shop, order_id)
    for order, *outcomes in await race(shop, ids, one, other):
        (no,) = [outcome for outcome in outcomes if not isinstance(outcome, Order)]
        (yes,) = [outcome for outcome in outcomes if isinstance(outcome, Order)]
        assert order.status == yes.status
        assert order.status in ends
        assert len(await shop.logs(order.order_id, "Refused")) == 1
        assert str(order.order_id) == refused(no).facts["orderId"]
        held = [(line.reserved, line.consumed) for line in order.items]
        assert held == 2 * [(0, 0) if order.status in CANCELLED else (0, 1)]
    await check(shop)


async def test_cancelling_against_invoicing(wide: Database) -> None:
    """Cancelled first, there is no invoice; invoiced first, the goods are back on hand. Never anything between."""
    shop = await open_shop(wide)
    for order, cancelled, billed in await race(shop, await paid(shop), SELLER, bill):
        assert isinstance(cancelled, Order)
        assert order.status is Status.CANCELED_BY_SELLER
        assert len(order.invoices) == (1 if isinstance(billed, Order) else 0)
        if not order.invoices:
            assert refused(billed).facts["from"] == "CandeledBySeller"
    assert (await shop.level(), await shop.level("2")) == ((100, 0), (100, 0))
    await check(shop)


async def test_asking_for_a_cancellation_against_invoicing(wide: Database) -> None:
    """Where the store's consent is needed, the invoice is refused as long as it is asked for."""
    shop = await open_shop(wide, cancel_needs_consent=True)
    for order, asked, billed in await race(shop, await paid(shop), BUYER, bill):
        assert isinstance(asked, Order)
        assert order.status is Status.PENDING_CANCEL
        came = bool(order.invoices)
        assert order.resume_status is (Status.INVOICE_CREATED if came else Status.PENDING_CREATE)
        assert isinstance(billed, Order) is came
    await check(shop)


async def test_paying_against_expiring(wide: Database) -> None:
    """Paid first, it stays; expired first, the payment is refused and kept for the operator."""
    shop = await open_shop(wide)
    ids = [await shop.placed() for _ in range(ROUNDS)]
    ends = Counter[int]()
    for order, paid, expired in await race(shop, ids, pay, expire):
        assert isinstance(expired, Order)
        ends[order.status] += 1
        if isinstance(paid, Order):
            assert (order.status, order.items[0].reserved) == (Status.PENDING_CREATE, 1)
        else:
            refused(paid, "paid_after_cancellation")
            assert (order.status, order.items[0].reserved) == (Status.CANCELED_BY_PROCESSOR, 0)
            assert len(await shop.logs(order.order_id, "PaidAfterCancellation")) == 1
    assert await shop.level() == (100, ends[2])
    assert sum(ends.values()) == ends[2] + ends[21] == ROUNDS
    await check(shop)


async def test_two_workers_expire_each_order_once(wide: Database) -> None:
    shop = await open_shop(wide)
    await shop.count("1", 2 * BATCH)
    await shop.place(*(shop.new() for _ in range(BATCH + 20)))
    gone = await asyncio.gather(*(expire_due_orders(wide, EXPIRED) for _ in range(4)))
    assert sum(gone) == len(await shop.events("order.expired")) == BATCH + 20
    assert await shop.level() == (2 * BATCH, 0)
    await check(shop)


async def test_one_payment_told_many_times_at_once(wide: Database) -> None:
    shop = await open_shop(wide)
    order_id = await shop.placed()
    outcomes = await asyncio.gather(*(pay(shop, order_id) for _ in range(20)))
    assert {outcome.status for outcome in outcomes if isinstance(outcome, Order)} == {Status.PENDING_CREATE}
    assert len(await shop.events("order.paid")) == 1
    assert len((await shop.order(order_id)).payments) == 1
    await check(shop)


async def test_one_invoice_sent_many_times_at_once(wide: Database) -> None:
    shop = await open_shop(wide)
    order_id = await shop.paid()
    outcomes = await asyncio.gather(*(bill(shop, order_id) for _ in range(20)))
    assert all(isinstance(outcome, Order) for outcome in outcomes)
    assert (await shop.level(), len(await shop.events("order.invoiced"))) == ((99, 0), 1)
    await check(shop)


async def test_one_key_on_many_orders_at_once(wide: Database) -> None:
    shop = await open_shop(wide)
    ids = [await shop.paid() for _ in range(20)]
    outcomes = await asyncio.gather(*(bill(shop, order_id, "one key") for order_id in ids))
    won = [outcome for outcome in outcomes if isinstance(outcome, Order)]
    lost = [refused(outcome, "invoice_key_taken") for outcome in outcomes if not isinstance(outcome, Order)]
    assert (len(won), len(lost)) == (1, 19)
    assert await shop.level() == (99, 19)
    await check(shop)


async def test_invoices_never_come_to_more_than_the_order(wide: Database) -> None:
    shop = await open_shop(wide)
    order_id = await shop.paid(items=items(s1=2))
    outcomes = await asyncio.gather(*(bill(shop, order_id, f"key {n}") for n in range(10)))
    assert len([outcome for outcome in outcomes if isinstance(outcome, Order)]) == 2
    assert len((await shop.order(order_id)).invoices) == 2
    assert await shop.level() == (98, 0)
    await check(shop)


async def test_labels_sent_at_once_get_numbers_of_their_own(wide: Database) -> None:
    shop = await open_shop(wide, ship_without_invoice=True)
    order_id = await shop.paid()

    async def send(path: str) -> Outcome:
        label = Label(number=0, file_name="a.pdf", content_type="application/pdf", path=path)
        cmd = LabelOrder(caller=shop.caller(), order_id=order_id, label=label, tracking=Tracking())
        return await once(shop, label_orders, cmds=[cmd])

    await asyncio.gather(*(send(f"label {n % 5}") for n in range(20)))
    order = await shop.order(order_id)
    assert [label.number for label in order.labels] == [1, 2, 3, 4, 5]
    assert len({label.path for label in order.labels}) == 5
    await check(shop)


async def test_batches_of_the_same_orders_in_opposite_order(wide: Database) -> None:
    """Each batch locks its orders by id and their stock by SKU, in whatever order its commands come."""
    shop = await open_shop(wide)
    ids = [await shop.paid(items=items(s1=1, s2=1) if n % 2 else items(s2=1, s1=1)) for n in range(8)]

    async def sweep(n: int) -> list[Outcome]:
        by = list(CancelledBy)[n % 4]
        order = ids if n % 2 else ids[::-1]
        cmds = [CancelOrder(caller=shop.caller(), order_id=each, by=by, reason="x") for each in order]
        async with wide.transaction() as tx:
            return await cancel_orders(tx, shop.tenant, cmds, shop.now)

    await asyncio.gather(*(sweep(n) for n in range(24)))
    assert len(await shop.events("order.cancelled")) == 8
    assert (await shop.level(), await shop.level("2")) == ((100, 0), (100, 0))
    await check(shop)


async def test_new_orders_against_cancellations_of_the_last_units(wide: Database) -> None:
    shop = await open_shop(wide)
    await shop.count("1", ROUNDS)
    ids = [await shop.placed() for _ in range(ROUNDS)]
    outcomes = await asyncio.gather(
        *(BUYER(shop, order_id) for order_id in ids), *(shop.place(shop.new()) for _ in range(ROUNDS))
    )
    sold = sum(isinstance(outcome, list) and not isinstance(outcome[0], Exception) for outcome in outcomes)
    assert await shop.level() == (ROUNDS, sold)
    await check(shop)
