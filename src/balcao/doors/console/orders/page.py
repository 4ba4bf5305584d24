"""One order's page: everything that is known of it, and what may be done with it now."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.doors.console.headers import STAFF
from balcao.doors.console.orders.looks import PAYMENT_STATES, PAYMENTS, left_s, tone_of, urgency
from balcao.doors.console.visit import View, Visit
from balcao.events.find import find_events_of
from balcao.orders.change import issuer
from balcao.orders.find import By, OrderRef, get_order
from balcao.orders.pick import find_picks
from balcao.orders.reveal import SEEN, SEEN_US
from balcao.orders.rules.buttons import Button, buttons
from balcao.orders.rules.change import Situation
from balcao.orders.rules.picking import lines_of, may_pick
from balcao.orders.rules.status import TERMINAL, Status, wire_name
from balcao.orders.rules.whole import Whole
from balcao.webhooks.find import list_attempts_of

HERE: Final = "/console/orders"
FIRST: Final = ("Pay", "ApprovedExternal", "Separate", "Invoice", "Label", "Ship", "ReadyForPickup", "Finalized")
"""What is usually next, in the order of an order's life; the other moves stand in a menu."""
ATTEMPTS_SHOWN: Final = 20


@get("/orders/{order_id:uuid}", opt=STAFF)
async def show_order(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """An order: its numbers, people, items, money, papers, history, and what may be done with it now."""
    async with visit.db.read() as tx:
        whole = await get_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))
        picks = await find_picks(tx, visit.tenant, whole.order.order_id)
        attempts = await list_attempts_of(tx, visit.tenant, str(order_id), limit=ATTEMPTS_SHOWN)
    order = whole.order
    may = {button.type: button for button in buttons(Situation(order, whole.channel, visit.caller))}
    left = left_s(order.status, order.create_us, visit.now)
    return visit.page(
        "orders/order.html",
        here=HERE,
        whole=whole,
        order=order,
        body=order.body,
        lines=lines_of(order, picks),
        attempts=attempts,
        may=may,
        moves=_moves(may),
        steps=list(reversed(whole.history.steps)),
        logs=list(reversed(whole.history.logs)),
        is_seen=is_seen(visit, whole),
        may_pick=may_pick(order),
        is_over=order.status in TERMINAL,
        tone_of=tone_of,
        left=left,
        urgency=urgency(left),
        payments=PAYMENTS,
        payment_states=PAYMENT_STATES,
        Status=Status,
    )


@get("/orders/{order_id:uuid}/events", opt=STAFF)
async def show_events(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """The part of an order's page that is fetched once it is opened: its events in the log."""
    async with visit.db.read() as tx:
        whole = await get_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))
        steps, logs = whole.history.steps, whole.history.logs
        instants = [*(step.created_us for step in steps), *(line.created_us for line in logs)]
        found = await find_events_of(tx, visit.tenant, str(order_id), instants)
    return visit.page("orders/events.html", events=found)


@get("/orders/{order_id:uuid}/slip", opt=STAFF)
async def show_slip(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """The packing slip that goes into the parcel, to print."""
    async with visit.db.read() as tx:
        whole = await get_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))
    return visit.page("orders/slip.html", here=HERE, whole=whole, order=whole.order, body=whole.order.body)


def is_seen(visit: Visit, whole: Whole) -> bool:
    """Whether this user has asked to see the buyer within the last quarter of an hour: the log says so."""
    me = issuer(visit.caller)
    return any(
        line.type == SEEN and line.issuer == me and line.created_us > visit.now - SEEN_US for line in whole.history.logs
    )


def _moves(may: dict[str, Button]) -> list[Button]:
    """The plain moves beside those that have a form or a button of their own."""
    special = {"Pay", "Invoice", "Ship", "Label", "Cancel", wire_name(Status.CANCELED_BY_ADMIN), *FIRST}
    return [button for kind, button in may.items() if kind not in special]


routes: Sequence[HTTPRouteHandler] = (show_order, show_events, show_slip)
