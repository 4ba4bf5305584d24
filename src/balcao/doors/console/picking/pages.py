"""The worklist, an order's box, the pick list to print."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Invalid, NotFound
from balcao.base.paging import PageAsk
from balcao.base.values import OrderId, SkuId
from balcao.doors.console.headers import STAFF
from balcao.doors.console.orders.act import give
from balcao.doors.console.orders.filters import Filters, narrow
from balcao.doors.console.orders.listing import stores_of
from balcao.doors.console.orders.looks import left_s, urgency
from balcao.doors.console.refusals import explain, reason_pt
from balcao.doors.console.visit import Notice, View, Visit
from balcao.orders.find import By, OrderRef, get_order, get_whole_orders, list_orders
from balcao.orders.pick import PickItem, find_picks, find_picks_of, pick_items
from balcao.orders.reject import RejectItem, list_holds, reject_item, release_hold
from balcao.orders.reroute import Rerouting, try_reroute
from balcao.orders.rules.listing import CREATED, OrderFilter
from balcao.orders.rules.picking import PICKED_IN, RejectReason, is_picked, lines_of, may_pick
from balcao.sellers.find import find_sellers
from balcao.tenants.rules import Caller

HERE: Final = "/console/picking"
SHOWN_MAX: Final = 100
REASONS: Final = {
    RejectReason.NOT_FOUND: ("Não encontrado (zera o saldo)", "Not found (sets the count to zero)"),
    RejectReason.DAMAGED: ("Avariado (tira uma unidade)", "Damaged (takes one unit off)"),
    RejectReason.ON_DISPLAY: ("Em exposição (reserva a unidade)", "On display (holds the unit)"),
}


@get("/picking", opt=STAFF)
async def show_worklist(visit: View) -> Response[bytes]:
    """A store's orders to pick, the most urgent first, and what it keeps on display."""
    filters = Filters.of(visit.request.query_params.multi_items())
    caller = narrow(visit.caller, filters.seller)
    async with visit.db.read() as tx:
        ask = PageAsk(sort=CREATED, ascending=True, per_page=SHOWN_MAX)
        page = await list_orders(tx, caller, OrderFilter(statuses=PICKED_IN), ask)
        ids = [line.order_id for line in page.rows]
        wholes, picks = await get_whole_orders(tx, caller, ids), await find_picks_of(tx, visit.tenant, ids)
        holds, sellers = await list_holds(tx, caller), await stores_of(tx, visit)
    work = [
        (whole.order, lines_of(whole.order, picks.get(whole.order.order_id, [])), whole.seller)
        for whole in wholes
        if may_pick(whole.order)
    ]
    return visit.page(
        "picking/worklist.html",
        here=HERE,
        filters=filters,
        work=work,
        holds=holds,
        sellers=sellers,
        clock=lambda order: left_s(order.status, order.create_us, visit.now),
        urgency=urgency,
    )


@get("/picking/print", opt=STAFF)
async def print_worklist(visit: View) -> Response[bytes]:
    """The pick list on paper: every SKU with how many are wanted, and in which orders."""
    filters = Filters.of(visit.request.query_params.multi_items())
    caller = narrow(visit.caller, filters.seller)
    async with visit.db.read() as tx:
        ask = PageAsk(sort=CREATED, ascending=True, per_page=SHOWN_MAX)
        page = await list_orders(tx, caller, OrderFilter(statuses=PICKED_IN), ask)
        ids = [line.order_id for line in page.rows]
        wholes, picks = await get_whole_orders(tx, caller, ids), await find_picks_of(tx, visit.tenant, ids)
    orders = [whole.order for whole in wholes if may_pick(whole.order)]
    wanted: dict[str, Any] = {}
    for order in orders:
        for line in lines_of(order, picks.get(order.order_id, [])):
            if line.left > 0:
                row = wanted.setdefault(line.item.sku_code, [line.item, 0, []])
                row[1] += line.left
                row[2].append((order.friendly_code, line.left))
    rows = sorted(wanted.values(), key=lambda row: (row[0].body.name, row[0].sku_code))
    return visit.page("picking/print.html", here=HERE, rows=rows, orders=orders)


@get("/picking/{order_id:uuid}", opt=STAFF)
async def show_box(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """One order being picked: scan, count, reject."""
    return await _box(visit, OrderId(order_id))


@post("/picking/{order_id:uuid}/scan", opt=STAFF)
async def scan(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """One scan, of a bar code or typed in: right ones count, wrong ones are refused, seen and heard."""
    code, number = await visit.field("code", length_max=100), await visit.field("quantity", length_max=9)
    if not code:
        raise Invalid(errors={visit.t("código", "code"): [visit.t("é obrigatório", "is required")]})
    quantity = int(number) if number.isdecimal() and number.isascii() else 1
    cmd = PickItem(caller=visit.caller, order_id=OrderId(order_id), code=code, quantity=quantity)
    try:
        await give(visit, pick_items, cmd)
    except NotFound:
        raise
    except BalcaoError as refusal:
        return await _box(visit, OrderId(order_id), Notice("danger", explain(visit.words, refusal)))
    return await _box(visit, OrderId(order_id), Notice("success", visit.t(f"{code}: certo.", f"{code}: right.")))


@post("/picking/{order_id:uuid}/reject", opt=STAFF)
async def reject(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """An item cannot be had: the stock is put right, and another store gets the order where one can send it."""
    line, reason = await visit.field("line", length_max=5), await visit.field("reason", length_max=20)
    number = await visit.field("quantity", length_max=9)
    if not (line.isdecimal() and line.isascii()) or reason not in tuple(RejectReason):
        raise Invalid(errors={visit.t("motivo", "reason"): ["?"]})
    cmd = RejectItem(
        caller=visit.caller,
        order_id=OrderId(order_id),
        line=int(line),
        reason=RejectReason(reason),
        quantity=int(number) if number.isdecimal() and number.isascii() else 1,
    )
    outcome = await visit.db.run(lambda tx: reject_item(tx, visit.tenant, cmd, visit.now))
    if isinstance(outcome, BalcaoError):
        raise outcome
    went = await try_reroute(visit.db, visit.house.networks, _as_shop(visit.caller), OrderId(order_id), visit.now)
    return visit.go(HERE, _told(visit, went))


@post("/picking/holds/{sku_id:uuid}/{order_id:uuid}", opt=STAFF)
async def give_back(visit: View, sku_id: FromPath[UUID], order_id: FromPath[UUID]) -> Response[bytes]:
    """Units on display may be sold again."""
    await visit.db.run(partial(_give_back, visit=visit, sku_id=SkuId(sku_id), order_id=OrderId(order_id)))
    return visit.done(HERE, visit.t("De volta ao saldo.", "Back in the stock."))


async def _give_back(tx: Tx, *, visit: Visit, sku_id: SkuId, order_id: OrderId) -> int:
    return await release_hold(tx, visit.caller, sku_id, order_id, visit.now)


async def _box(visit: Visit, order_id: OrderId, notice: Notice | None = None) -> Response[bytes]:
    async with visit.db.read() as tx:
        whole = await get_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))
        lines = lines_of(whole.order, await find_picks(tx, visit.tenant, order_id))
        sellers = await find_sellers(tx, visit.tenant, ids=[whole.order.seller_id])
    return visit.page(
        "picking/box.html",
        here=HERE,
        order=whole.order,
        lines=lines,
        seller=sellers[0],
        is_done=is_picked(lines),
        may_pick=may_pick(whole.order),
        reasons=[(reason.value, visit.t(*words)) for reason, words in REASONS.items()],
        heard=notice,
    )


def _as_shop(caller: Caller) -> Caller:
    """An operator of one store may hand an order on to another one, though it sees only its own."""
    return Caller(tenant=caller.tenant, client_id=caller.client_id, role=caller.role)


def _told(visit: Visit, went: Rerouting) -> Notice:
    if went.to is not None:
        name = went.to.name
        return Notice(
            "success", visit.t(f"Estoque acertado; o pedido foi para {name}.", f"Stock put right; sent to {name}.")
        )
    why = visit.t(reason_pt(went.why_not), went.why_not)
    return Notice(
        "warning",
        visit.t(
            f"Estoque acertado; o pedido fica e precisa de alguém: {why}.",
            f"Stock put right; the order stays and needs somebody: {why}.",
        ),
    )


routes: Sequence[HTTPRouteHandler] = (show_worklist, print_worklist, show_box, scan, reject, give_back)
