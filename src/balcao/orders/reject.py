"""Reject an item that cannot be picked: the store's stock is put right, and somebody or another store must act."""

from collections.abc import Sequence

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Conflict, NotFound
from balcao.base.values import Micros, OrderId, SkuId, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.orders.change import Outcome, open_changes
from balcao.orders.pick import not_to_pick
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.picking import PickLine, Rejection, RejectReason, lines_of, may_pick, reject
from balcao.orders.store import picks as store
from balcao.orders.store.picks import Hold
from balcao.stock.ledger import write_lines
from balcao.stock.reserve import Moving, StockMove, lock_levels, move_stock
from balcao.stock.rules.ledger import Cause, LedgerLine
from balcao.stock.rules.model import Level
from balcao.tenants.rules import Caller


class RejectItem(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of this line cannot be had."""

    caller: Caller
    order_id: OrderId
    line: int
    reason: RejectReason
    quantity: int = 1


async def reject_item(tx: Tx, tenant: Tenant, cmd: RejectItem, now: Micros) -> Outcome:
    """The order after the rejection; Conflict when it is not to be picked or so much is not left of the line.

    Not found: the store's count becomes what was picked already. Damaged: so many fewer. On display: so many are held,
    whatever is counted later, until `release_hold`. Appends `order.item_rejected`; its log line asks for a person until
    the order is rerouted or ended.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id])
    order = changes.order(cmd.order_id)
    known = (await store.find_picks(tx, tenant, [cmd.order_id])).get(cmd.order_id, [])
    line = _line(lines_of(order, known), cmd.line) if order is not None else None
    level: Level | None = None
    if order is not None and line is not None:
        key = (order.seller_id, line.item.sku_id)
        level = (await lock_levels(tx, tenant, [key])).get(key)
    made: list[Rejection] = []

    def rule(at: Situation) -> Decision | BalcaoError:
        if not may_pick(at.order):
            return not_to_pick(at.order.status)
        if line is None:
            return NotFound("There is no such line.", code="line_not_found")
        decided = reject(at.order, line, cmd.reason, cmd.quantity, level)
        if isinstance(decided, BalcaoError):
            return decided
        made.append(decided)
        return decided.change

    outcome = changes.decide(cmd.caller, cmd.order_id, rule)
    await changes.save(tx, now)
    await store.put_picks(tx, tenant, [(cmd.order_id, each.pick) for each in made])
    await store.add_holds(tx, tenant, [hold for each in made if (hold := _hold(cmd, each, line, now)) is not None])
    return outcome


async def list_holds(tx: Tx, caller: Caller, *, limit: int = 100) -> list[dict[str, object]]:
    """What stores keep on display, newest first, as far as the caller may see."""
    return await store.list_holds(tx, caller.tenant, caller.seller_cnpj, limit)


async def release_hold(tx: Tx, caller: Caller, sku_id: SkuId, order_id: OrderId, now: Micros) -> int:
    """Units on display may be sold again; how many. Raises NotFound. Appends `stock.given_back`."""
    tenant = caller.tenant
    hold = await store.delete_hold(tx, tenant, sku_id, order_id, caller.seller_cnpj)
    if hold is None:
        raise NotFound("Nothing is held there.", code="hold_not_found")
    move = StockMove(seller_id=hold.seller_id, sku_id=hold.sku_id, reserved=-hold.quantity)
    levels = await lock_levels(tx, tenant, [(hold.seller_id, hold.sku_id)])
    if not levels:
        raise Conflict("There is no stock level to give it back to.", code="level_not_found")
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await move_stock(tx, Moving(tenant, [move], levels), ticks, 0)
    line = LedgerLine(
        sku_id=hold.sku_id,
        seller_id=hold.seller_id,
        at_us=ticks.at(0),
        cause=Cause.GIVEN_BACK,
        subject_id=None,
        actor=caller.client_id,
        reserved_change=-hold.quantity,
    )
    await write_lines(tx, tenant, [line])
    event = Event(
        type="stock.given_back",
        subject=str(hold.sku_id),
        actor=caller.client_id,
        data={"quantity": hold.quantity},
        seller_id=hold.seller_id,
    )
    await append(tx, tenant, [event], ticks)
    return hold.quantity


def _line(lines: Sequence[PickLine], number: int) -> PickLine | None:
    return next((line for line in lines if line.item.line == number), None)


def _hold(cmd: RejectItem, made: Rejection, line: PickLine | None, now: Micros) -> Hold | None:
    if line is None or not made.held:
        return None
    return Hold(
        sku_id=line.item.sku_id,
        seller_id=made.change.order.seller_id,
        order_id=cmd.order_id,
        quantity=made.held,
        actor=cmd.caller.client_id,
        at_us=now,
    )
