"""Two operators at one order: one succeeds, the other is told why not, and the stock is right."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from balcao.base.db import Database
from balcao.base.errors import BalcaoError, Conflict, NotFound
from balcao.base.values import OrderId
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.hand_over import HandOver, hand_over_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pick import PickItem, pick_items
from balcao.orders.reject import RejectItem, reject_item, release_hold
from balcao.orders.reroute import RerouteOrder, reroute_order
from balcao.orders.rules.model import Order
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.picking import RejectReason, Target
from balcao.orders.rules.status import Status
from balcao.users.create import CreateUser, create_user
from balcao.users.rules import UserRole
from balcao.users.sessions import LogIn, log_in
from tests.races.test_orders_change import once
from tests.staff import PASSWORD
from tests.verbs.invariants import check
from tests.verbs.shop import COUNTED, NOW, OTHER_STORE, STORE, Shop, items, open_shop

ROUNDS = 8
Act = Callable[[Shop, OrderId], Awaitable[Outcome]]


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A database with a connection for every operator."""
    database = await Database.open(database_url, size=32)
    yield database
    await database.close()


async def scan(shop: Shop, order_id: OrderId) -> Outcome:
    return await once(shop, pick_items, cmds=[PickItem(caller=shop.caller(), order_id=order_id, code="1", quantity=2)])


async def separate(shop: Shop, order_id: OrderId) -> Outcome:
    return await once(shop, move_orders, cmds=[MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.SEPARATE)])


async def cancel(shop: Shop, order_id: OrderId) -> Outcome:
    cmd = CancelOrder(caller=shop.caller(), order_id=order_id, by=CancelledBy.BUYER, reason="x")
    return await once(shop, cancel_orders, cmds=[cmd])


def reject(reason: RejectReason) -> Act:
    async def act(shop: Shop, order_id: OrderId) -> Outcome:
        cmd = RejectItem(caller=shop.caller(), order_id=order_id, line=1, reason=reason, quantity=2)
        async with shop.db.transaction() as tx:
            return await reject_item(tx, shop.tenant, cmd, shop.now)

    return act


async def reroute(shop: Shop, order_id: OrderId) -> Outcome:
    target = Target(shop.stores[OTHER_STORE], OTHER_STORE, "Norte")
    async with shop.db.transaction() as tx:
        return await reroute_order(
            tx, shop.tenant, RerouteOrder(caller=shop.caller(), order_id=order_id, to=target), NOW
        )


async def hand(shop: Shop, order_id: OrderId) -> Outcome:
    code = (await shop.order(order_id)).friendly_code
    cmd = HandOver(caller=shop.caller(), order_id=order_id, code=code, document="55570403906")
    return await once(shop, hand_over_orders, cmds=[cmd])


async def race(shop: Shop, one: Act, other: Act, **order: object) -> list[tuple[Outcome, Outcome]]:
    """What became of both, on several orders at once."""
    ids = [await shop.paid(items=items(s1=2), **order) for _ in range(ROUNDS)]
    if order.get("is_delivery") is False:
        cmds = [MoveOrder(caller=shop.caller(), order_id=each, to=Status.READY_FOR_PICKUP) for each in ids]
        await shop.all(move_orders, *cmds)
    done = await asyncio.gather(*(act(shop, each) for each in ids for act in (one, other)))
    return list(zip(done[::2], done[1::2], strict=True))


def told(outcome: Outcome) -> str:
    """`done`, or why not."""
    return outcome.code if isinstance(outcome, BalcaoError) else "done"


@pytest.mark.parametrize(
    ("one", "other", "refusals"),
    [
        pytest.param(scan, scan, {"picked_enough"}, id="scans"),
        pytest.param(reject(RejectReason.DAMAGED), reject(RejectReason.DAMAGED), {"picked_enough"}, id="rejections"),
        pytest.param(scan, reject(RejectReason.ON_DISPLAY), {"picked_enough"}, id="scan and rejection"),
        pytest.param(reroute, reroute, {"not_rerouted"}, id="reroutings"),
        pytest.param(reject(RejectReason.ON_DISPLAY), cancel, {"done", "not_to_pick"}, id="rejection and cancelling"),
        pytest.param(scan, separate, {"done", "not_to_pick"}, id="scan and separating"),
        pytest.param(reroute, cancel, {"done", "not_rerouted"}, id="rerouting and cancelling"),
        pytest.param(reroute, separate, {"done", "not_rerouted"}, id="rerouting and separating"),
    ],
)
async def test_one_succeeds_and_the_other_is_told_why_not(
    wide: Database, one: Act, other: Act, refusals: set[str]
) -> None:
    shop = await open_shop(wide)
    for pair in await race(shop, one, other):
        first, *rest = sorted((told(each) for each in pair), key=lambda text: text != "done")
        assert first == "done", pair
        assert set(rest) <= refusals, pair
        assert all(isinstance(each, Order | Conflict) for each in pair)
    await reserved_is_what_orders_hold(shop)


async def reserved_is_what_orders_hold(shop: Shop) -> None:
    """The store's reservations are those of its orders' lines, and what is held on display."""
    async with shop.db.read() as tx:
        wrong = await tx.fetch(
            """
            SELECT k.seller_id, k.sku_id, k.reserved, k.on_hand FROM stock k WHERE k.tenant = $1 AND k.reserved <>
                   (SELECT coalesce(sum(i.reserved), 0) FROM orders o
                      JOIN order_item i ON i.tenant = o.tenant AND i.order_id = o.order_id
                     WHERE o.tenant = k.tenant AND o.seller_id = k.seller_id AND i.sku_id = k.sku_id)
                 + (SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h
                     WHERE h.tenant = k.tenant AND h.seller_id = k.seller_id AND h.sku_id = k.sku_id)
                OR k.on_hand < 0
            """,
            shop.tenant,
        )
    assert [dict(row) for row in wrong] == []


async def test_damaged_units_are_counted_off_once(wide: Database) -> None:
    shop = await open_shop(wide)
    damaged = reject(RejectReason.DAMAGED)
    await race(shop, damaged, damaged)
    assert await shop.level() == (COUNTED - 2 * ROUNDS, 2 * ROUNDS)


async def test_handed_over_once_or_cancelled(wide: Database) -> None:
    shop = await open_shop(wide)
    twice = await race(shop, hand, hand, is_delivery=False)
    assert {told(each) for pair in twice for each in pair} == {"done"}, "a repeat changes nothing"
    assert len(await shop.events("order.moved")) == 2 * ROUNDS
    mixed = await race(shop, hand, cancel, is_delivery=False)
    assert {tuple(sorted(told(each) for each in pair)) for pair in mixed} == {("done", "refused_transition")}
    await check(shop)


async def test_what_is_held_is_given_back_once(wide: Database) -> None:
    shop = await open_shop(wide)
    order_id = await shop.paid(items=items(s1=2))
    await reject(RejectReason.ON_DISPLAY)(shop, order_id)

    async def release() -> str:
        try:
            async with wide.transaction() as tx:
                return str(await release_hold(tx, shop.caller(), shop.skus["1"], order_id, NOW))
        except NotFound as error:
            return str(error.code)

    done = Counter(await asyncio.gather(*(release() for _ in range(6))))
    assert done == {"2": 1, "hold_not_found": 5}
    assert await shop.level("1", STORE) == (COUNTED, 2)


async def test_a_user_is_made_once_and_guesses_are_counted_together(wide: Database) -> None:
    await open_shop(wide)
    cmd = CreateUser(tenant="qaapp", email="a@b", role=UserRole.ADMIN, password=PASSWORD, actor="t")

    async def make() -> str:
        try:
            async with wide.transaction() as tx:
                await create_user(tx, cmd, NOW)
        except Conflict as error:
            return str(error.code)
        return "made"

    assert Counter(await asyncio.gather(*(make() for _ in range(6)))) == {"made": 1, "user_exists": 5}

    async def guess(n: int) -> str:
        try:
            await log_in(wide, LogIn(tenant="qaapp", email="a@b", password=f"guess {n}", address="::1"), NOW)
        except BalcaoError as error:
            return str(error.code)
        return "in"

    guesses = Counter(await asyncio.gather(*(guess(n) for n in range(12))))
    assert guesses == {"wrong_password": 5, "too_many_requests": 7}
