"""Picking, rejecting, rerouting and handing over: what is written, and that a refusal changes nothing."""

from collections.abc import Awaitable, Callable

import pytest

from balcao.base.db import Database
from balcao.base.errors import BalcaoError, NotFound
from balcao.base.values import OrderId
from balcao.orders.change import Outcome
from balcao.orders.hand_over import HandOver, hand_over_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pick import PickItem, find_picks, pick_items
from balcao.orders.reject import RejectItem, list_holds, reject_item, release_hold
from balcao.orders.reroute import RerouteOrder, reroute_order
from balcao.orders.rules.model import Order
from balcao.orders.rules.picking import Pick, RejectReason, Target
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Role
from tests.verbs.invariants import check
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import COUNTED, OTHER_STORE, STORE, Shop, dump, items, open_shop, refused

NOT_FOUND, DAMAGED, ON_DISPLAY = RejectReason
LOGS = ("order_log",)


async def scan(shop: Shop, order_id: OrderId, code: str = "1", quantity: int = 1, **bound: str) -> Outcome:
    caller = shop.caller(Role.OPERATOR, **bound)
    return await shop.one(pick_items, PickItem(caller=caller, order_id=order_id, code=code, quantity=quantity))


async def reject(
    shop: Shop, order_id: OrderId, reason: RejectReason = DAMAGED, quantity: int = 1, line: int = 1, **bound: str
) -> Outcome:
    cmd = RejectItem(
        caller=shop.caller(Role.OPERATOR, **bound), order_id=order_id, line=line, reason=reason, quantity=quantity
    )
    return await shop.db.run(lambda tx: reject_item(tx, shop.tenant, cmd, shop.now))


async def reroute(shop: Shop, order_id: OrderId, to: str = OTHER_STORE, **bound: str) -> Outcome:
    target = Target(shop.stores[to], to, to)
    cmd = RerouteOrder(caller=shop.caller(Role.OPERATOR, **bound), order_id=order_id, to=target)
    return await shop.db.run(lambda tx: reroute_order(tx, shop.tenant, cmd, shop.now))


async def hand(shop: Shop, order_id: OrderId, code: str, document: str = "55570403906", **bound: str) -> Outcome:
    caller = shop.caller(Role.OPERATOR, **bound)
    return await shop.one(hand_over_orders, HandOver(caller=caller, order_id=order_id, code=code, document=document))


async def picks(shop: Shop, order_id: OrderId) -> list[Pick]:
    async with shop.db.read() as tx:
        return await find_picks(tx, shop.tenant, order_id)


async def unchanged(shop: Shop, act: Callable[[], Awaitable[Outcome]], code: str) -> None:
    """It is refused for this reason, and nothing is otherwise afterwards but for lines in the log of who tried."""
    before = await dump(shop.db, but=LOGS)
    outcome = await act()
    assert isinstance(outcome, BalcaoError), outcome
    assert outcome.code == code
    assert await dump(shop.db, but=LOGS) == before


async def test_scans_add_up(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2, s2=1))
    assert isinstance(await scan(shop, order_id), Order)
    assert isinstance(await scan(shop, order_id, "2"), Order)
    assert isinstance(await scan(shop, order_id), Order)
    assert await picks(shop, order_id) == [Pick(1, 2, 0), Pick(2, 1, 0)]
    told = [(event["data"]["skuCode"], event["data"]["isComplete"]) for event in await shop.events("order.picked")]
    assert told == [("1", False), ("2", False), ("1", True)]
    assert await shop.logs(order_id, "Picked") == ["2 lines"]
    assert (await shop.order(order_id)).status is Status.PENDING_CREATE
    await check(shop)


async def test_scans_of_one_batch_see_one_another(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    cmd = PickItem(caller=shop.caller(), order_id=order_id, code="1")
    *right, last = await shop.all(pick_items, cmd, cmd, cmd)
    assert all(isinstance(each, Order) for each in right)
    assert refused(last, "picked_enough").facts == {"left": 0}
    assert await picks(shop, order_id) == [Pick(1, 2, 0)]


async def test_scans_that_are_refused(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await unchanged(shop, lambda: scan(shop, order_id, "9"), "wrong_item")
    await unchanged(shop, lambda: scan(shop, order_id, quantity=3), "picked_enough")
    await unchanged(shop, lambda: scan(shop, order_id, quantity=0), "picked_enough")
    await unchanged(shop, lambda: scan(shop, order_id, seller_cnpj=OTHER_STORE), "order_not_found")
    await unchanged(shop, lambda: scan(shop, OrderId(shop.stores[STORE])), "order_not_found")
    (waiting,) = await put_orders(shop, [State(Status.PENDING, pays="unpaid")])
    await unchanged(shop, lambda: scan(shop, waiting), "not_to_pick")


async def test_nothing_is_picked_once_it_is_separated(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.SEPARATE))
    await unchanged(shop, lambda: scan(shop, order_id), "not_to_pick")
    await unchanged(shop, lambda: reject(shop, order_id), "not_to_pick")
    await unchanged(shop, lambda: reroute(shop, order_id), "not_rerouted")


@pytest.mark.parametrize(
    ("reason", "level", "cause"),
    [(NOT_FOUND, (1, 2), 4), (DAMAGED, (COUNTED - 1, 2), 4), (ON_DISPLAY, (COUNTED, 3), 5)],
)
async def test_a_rejection(db: Database, reason: RejectReason, level: tuple[int, int], cause: int) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await scan(shop, order_id)
    assert isinstance(await reject(shop, order_id, reason), Order)
    assert await shop.level() == level
    assert await picks(shop, order_id) == [Pick(1, 1, 1, reason)]
    (event,) = await shop.events("order.item_rejected")
    assert (event["data"]["reason"], event["data"]["quantity"]) == (reason.value, 1)
    assert len(await shop.logs(order_id, "ItemRejected")) == 1
    async with db.read() as tx:
        assert await tx.fetchval("SELECT array_agg(cause) FROM stock_ledger") == [cause]
        held = await list_holds(tx, shop.caller())
    assert [hold["quantity"] for hold in held] == ([1] if reason is ON_DISPLAY else [])


async def test_rejections_that_are_refused(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await scan(shop, order_id)
    await unchanged(shop, lambda: reject(shop, order_id, quantity=2), "picked_enough")
    await unchanged(shop, lambda: reject(shop, order_id, quantity=0), "picked_enough")
    await unchanged(shop, lambda: reject(shop, order_id, line=2), "line_not_found")
    await unchanged(shop, lambda: reject(shop, order_id, seller_cnpj=OTHER_STORE), "order_not_found")
    (gone,) = await put_orders(shop, [State(Status.CANCELED_BY_BUYER)])
    await unchanged(shop, lambda: reject(shop, gone), "not_to_pick")


async def test_what_is_held_is_given_back_once(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await reject(shop, order_id, ON_DISPLAY, quantity=2)

    async def release(caller: Caller) -> int:
        return await db.run(lambda tx: release_hold(tx, caller, shop.skus["1"], order_id, shop.now))

    before = await dump(db)
    with pytest.raises(NotFound):
        await release(shop.caller(Role.OPERATOR, seller_cnpj=OTHER_STORE))
    assert await dump(db) == before
    assert await release(shop.caller(Role.OPERATOR, seller_cnpj=STORE)) == 2
    assert await shop.level() == (COUNTED, 2)
    before = await dump(db)
    with pytest.raises(NotFound):
        await release(shop.caller())
    assert await dump(db) == before


async def test_an_order_goes_to_another_store(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2, s2=1))
    await scan(shop, order_id)
    outcome = await reroute(shop, order_id)
    assert isinstance(outcome, Order)
    assert (outcome.seller_cnpj, outcome.status) == (OTHER_STORE, Status.PENDING_CREATE)
    assert await picks(shop, order_id) == []
    for sku, units in (("1", 2), ("2", 1)):
        assert await shop.level(sku, STORE) == (COUNTED, 0)
        assert await shop.level(sku, OTHER_STORE) == (COUNTED, units)
    (event,) = await shop.events("order.rerouted")
    assert (event["data"]["sellerCnpjBefore"], event["data"]["sellerCnpj"]) == (STORE, OTHER_STORE)
    assert event["seller_id"] == shop.stores[OTHER_STORE]
    await check(shop)


async def test_orders_that_stay(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=2))
    await unchanged(shop, lambda: reroute(shop, order_id, STORE), "not_rerouted")
    await unchanged(shop, lambda: reroute(shop, order_id, seller_cnpj=OTHER_STORE), "order_not_found")
    await shop.count("1", 1, OTHER_STORE)
    await unchanged(shop, lambda: reroute(shop, order_id), "not_rerouted")
    collected, billed = await put_orders(
        shop, [State(Status.PENDING_CREATE, is_delivery=False), State(Status.INVOICE_CREATED, is_invoiced=True)]
    )
    for each in (collected, billed):
        await unchanged(shop, lambda each=each: reroute(shop, each), "not_rerouted")  # type: ignore[misc]


async def test_handed_over_once(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(is_delivery=False)
    await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.READY_FOR_PICKUP))
    code = (await shop.order(order_id)).friendly_code
    await unchanged(shop, lambda: hand(shop, order_id, "ZZZ"), "wrong_pickup_code")
    await unchanged(shop, lambda: hand(shop, order_id, code, "11144477735"), "wrong_document")
    await unchanged(shop, lambda: hand(shop, order_id, code, seller_cnpj=OTHER_STORE), "order_not_found")
    assert len(await shop.logs(order_id, "Refused")) == 2
    outcome = await hand(shop, order_id, code)
    assert isinstance(outcome, Order)
    assert outcome.status is Status.FINALIZED
    before = await dump(db)
    assert isinstance(await hand(shop, order_id, code), Order)
    assert await dump(db) == before


async def test_what_is_not_ready_is_not_handed_over(db: Database) -> None:
    shop = await open_shop(db)
    states = [
        State(status, is_delivery=False)
        for status in Status
        if status not in (Status.READY_FOR_PICKUP, Status.FINALIZED)
    ]
    for order_id in await put_orders(shop, [*states, State(Status.READY_FOR_PICKUP)]):
        code = (await shop.order(order_id)).friendly_code
        await unchanged(shop, lambda order_id=order_id, code=code: hand(shop, order_id, code), "refused_transition")  # type: ignore[misc]
