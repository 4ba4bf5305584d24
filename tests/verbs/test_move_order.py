"""Every move of the lifecycle on a real database: what is allowed is done whole, what is refused leaves nothing."""

from collections import Counter
from collections.abc import Callable
from itertools import product

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.values import OrderId, new_id
from balcao.orders.change import Outcome
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.rules.model import Order
from balcao.orders.rules.status import CANCELLED, Status, wire_name
from balcao.tenants.rules import Role
from tests.rules.lifecycle_table import expected
from tests.verbs.invariants import check
from tests.verbs.order_states import CHANNELS, State, put_orders
from tests.verbs.shop import OTHER_STORE, Shop, dump, logged, open_shop, refused

RESUMES = {"unpaid": Status.PENDING, "paid": Status.SEPARATE, "cash": Status.READY_FOR_PICKUP}
PAYS = [("unpaid", True), ("paid", True), ("unpaid", False), ("paid", False), ("cash", False)]
"""How it is paid, and whether it is delivered."""


def every_move(status: Status) -> list[tuple[State, Status]]:
    """Orders in that status, paid or not, delivered or collected, invoiced or not, in each channel: to each status."""
    asked = status in {13, 16, 17, 18, 19}
    states = [
        State(
            status=status,
            channel=channel,
            pays=pays,
            is_delivery=delivery,
            is_invoiced=invoiced,
            resume=RESUMES[pays] if asked else None,
            passed=frozenset({Status.SEPARATE}) if channel == "asks" else frozenset(),
        )
        for channel, (pays, delivery), invoiced in product(CHANNELS, PAYS, (False, True))
    ]
    return [(state, to) for state in states for to in Status]


EVERY_MOVE = [move for status in Status for move in every_move(status)]


async def put(shop: Shop, which: Callable[[State, Status], bool]) -> list[tuple[OrderId, State, Status]]:
    moves = [(state, to) for state, to in EVERY_MOVE if which(state, to)]
    ids = await put_orders(shop, [state for state, _ in moves])
    return [(order_id, state, to) for order_id, (state, to) in zip(ids, moves, strict=True)]


async def move_all(shop: Shop, moves: list[tuple[OrderId, State, Status]]) -> list[Outcome]:
    caller = shop.caller(Role.OPERATOR)
    cmds = [MoveOrder(caller=caller, order_id=order_id, to=to) for order_id, _, to in moves]
    return await shop.all(move_orders, *cmds)


async def test_every_refused_move_leaves_a_log_line_and_nothing_else(db: Database) -> None:
    shop = await open_shop(db)
    moves = await put(shop, lambda state, to: to is not state.status and not expected(state.facts, to))
    before, lines = await dump(db, but=["order_log"]), await logged(db)
    outcomes = await move_all(shop, moves)
    assert await dump(db, but=["order_log"]) == before
    assert Counter(await logged(db)) - Counter(lines) == Counter(
        (order_id, "Refused", "operator:qaapp.operator") for order_id, _, _ in moves
    )
    for (order_id, state, to), outcome in zip(moves, outcomes, strict=True):
        facts = refused(outcome).facts
        may = [wire_name(end) for end in Status if expected(state.facts, end)]
        assert facts.pop("reason") in str(outcome)
        assert facts == {
            "orderId": str(order_id),
            "from": wire_name(state.status),
            "to": wire_name(to),
            "allowed": may,
        }
    assert len(moves) == 10_405


async def test_every_allowed_move_is_done_whole(db: Database) -> None:
    shop = await open_shop(db)
    moves = await put(shop, lambda state, to: expected(state.facts, to))
    outcomes = await move_all(shop, moves)
    held: dict[OrderId, tuple[int, int]] = {}
    ends: dict[OrderId, Status] = {}
    for (order_id, state, to), outcome in zip(moves, outcomes, strict=True):
        assert isinstance(outcome, Order), (state, to, outcome)
        assert outcome.status == (state.resume if to in {16, 18, 19} else to)
        ends[order_id] = outcome.status
        # Cancelled, it holds nothing and gives back what was invoiced; finished, it has lost what it held.
        held[order_id] = (0, 0) if to in CANCELLED else (0, 1) if to is Status.FINALIZED else state.held
    async with db.read() as tx:
        lines = await tx.fetch("SELECT order_id, reserved, consumed FROM order_item")
        saved = await tx.fetch("SELECT order_id, status FROM orders")
    assert {order_id: (reserved, consumed) for order_id, reserved, consumed in lines if order_id in held} == held
    assert {row["order_id"]: row["status"] for row in saved if row["order_id"] in ends} == ends
    told = Counter((event["subject"], event["type"]) for event in (await shop.events())[1:])
    assert told == Counter(
        (str(order_id), "order.cancelled" if to in CANCELLED else "order.moved") for order_id, _, to in moves
    )
    assert len(moves) == 3_455
    await check(shop, *LIFECYCLE)


async def test_a_move_to_where_the_order_is_writes_nothing(db: Database) -> None:
    shop = await open_shop(db)
    moves = await put(shop, lambda state, to: to is state.status)
    before = await dump(db)
    outcomes = await move_all(shop, moves)
    assert [isinstance(outcome, Order) and outcome.status for outcome in outcomes] == [to for _, _, to in moves]
    assert await dump(db) == before


async def test_a_move_is_told_in_full(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    erp = shop.caller(Role.ERP)
    cmd = MoveOrder(caller=erp, order_id=order_id, to=Status.SEPARATE, message="pronto", seller_order_id="PV-7")
    after = await shop.one(move_orders, cmd)
    order, history = await shop.whole(order_id)
    assert (order.status, order.seller_order_id) == (Status.SEPARATE, "PV-7")
    assert isinstance(after, Order)
    assert (after.status, after.items, after.passed) == (order.status, order.items, order.passed)
    assert [(step.status, step.description, step.created_us) for step in history.steps][-1] == (
        Status.SEPARATE,
        "Separado / Separated",
        order.last_update_us,
    )
    assert (history.logs[-1].internal_message, history.logs[-1].issuer) == ("Separate (6): pronto", "erp:qaapp.erp")
    event = (await shop.events())[-1]
    assert (event["type"], event["actor"], event["at_us"]) == ("order.moved", "qaapp.erp", order.last_update_us)
    assert event["data"] == {
        "orderId": str(order_id),
        "externalId": order.external_id,
        "statusBefore": "PendingCreate",
        "status": "Separate",
        "message": "pronto",
    }
    await check(shop)


async def test_the_stores_number_comes_without_a_move_too(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    cmd = MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.PENDING_CREATE, seller_order_id="PV-7")
    await shop.one(move_orders, cmd)
    assert (await shop.order(order_id)).seller_order_id == "PV-7"
    assert (await shop.events())[-1]["type"] == "order.renamed"
    before = await dump(db)
    await shop.one(move_orders, cmd)
    assert await dump(db) == before
    await check(shop)


async def test_one_batch_moves_an_order_step_by_step(db: Database) -> None:
    """As if its commands had come one after the other, a refused one among them included."""
    shop = await open_shop(db)
    order_id = await shop.paid()
    steps = [Status.APPROVED_EXTERNAL, Status.SEPARATE, Status.PROCESSING, Status.CANCELED_BY_SELLER]
    cmds = [MoveOrder(caller=shop.caller(), order_id=order_id, to=to) for to in steps]
    one, two, no, last = await shop.all(move_orders, *cmds)
    assert [isinstance(outcome, Order) and outcome.status for outcome in (one, two, last)] == [4, 6, 10]
    assert refused(no).facts["from"] == "Separate"
    _, history = await shop.whole(order_id)
    assert [step.status for step in history.steps] == [1, 2, 4, 6, 10]
    assert len(await shop.logs(order_id, "Refused")) == 1
    assert await shop.level() == (100, 0)
    await check(shop)


async def test_the_answer_of_a_request_is_a_step_of_its_own(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    for to in (Status.SEPARATE, Status.PENDING_UPDATE, Status.ERROR_UPDATE):
        await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=to))
    order, history = await shop.whole(order_id)
    assert [step.status for step in history.steps] == [1, 2, 6, 17, 19, 6]
    assert (order.status, order.resume_status) == (Status.SEPARATE, None)
    await check(shop)


async def test_an_order_that_one_may_not_see_is_not_there(db: Database) -> None:
    shop, rival = await open_shop(db), await open_shop(db, name="rival")
    order_id = await shop.paid()
    strangers = [
        shop.caller(Role.ERP, seller_cnpj=OTHER_STORE),
        shop.caller(Role.CHANNEL, channel="marketplace"),
        shop.caller(Role.CARRIER, carrier="SEDEX"),
        rival.caller(),
    ]
    before = await dump(db)
    cmds = [MoveOrder(caller=caller, order_id=order_id, to=Status.SEPARATE) for caller in strangers]
    unknown = MoveOrder(caller=shop.caller(), order_id=OrderId(new_id()), to=Status.SEPARATE)
    outcomes = [*await shop.all(move_orders, *cmds, unknown), *await rival.all(move_orders, cmds[-1])]
    assert [type(outcome) for outcome in outcomes] == 6 * [NotFound]
    assert await dump(db) == before


LIFECYCLE = (
    "what the stock reserves is what the orders' lines hold",
    "a closed order holds nothing, a cancelled one has given everything back",
    "the last step of an order is its status",
    "only a request remembers where it came from",
    "the log has no gap and ends at the clock",
    "events' instants rise with their numbers",
    "no two rows have one instant, none is ahead of the clock",
)
