"""Change orders: lock, read again, decide by pure rules, then write all of it or none.

Every verb that changes orders goes through here with a list of commands. Commands on one order are decided one after
the other, each on what the one before left, so that a batch ends as some serial order of its commands would.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TypeVar

from balcao.base.clock import Ticks, ticking
from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, NotFound
from balcao.base.statements import Statement, run_all
from balcao.base.values import Micros, OrderId, Tenant
from balcao.events.append import appending
from balcao.events.rules import Event
from balcao.orders.rules.change import Change, Decision, Note, Refusal, Situation
from balcao.orders.rules.model import Order
from balcao.orders.rules.seeing import may_see
from balcao.orders.store import history, load, save
from balcao.stock.ledger import write_lines
from balcao.stock.reserve import Moving, StockMove, lock_levels, net_moves
from balcao.stock.rules.ledger import LedgerLine, order_line
from balcao.tenants.channels import get_channels
from balcao.tenants.rules import Caller, Channel

Part = TypeVar("Part")
Outcome = Order | BalcaoError
"""What one command of a batch came to: the order after it, or why not."""


class Changes:
    """The orders of one batch: locked and read, then decided on, then saved."""

    def __init__(self, tenant: Tenant, orders: dict[OrderId, Order], channels: dict[str, Channel]) -> None:
        self.tenant = tenant
        self._before = orders
        self._after = dict(orders)
        self._channels = channels
        self._changes: list[tuple[Change, Caller]] = []
        self._noted: list[tuple[OrderId, Note, Caller]] = []

    def decide(self, caller: Caller, order_id: OrderId, rule: Callable[[Situation], Decision | BalcaoError]) -> Outcome:
        """Ask the rule about the order as it stands after the batch's earlier commands, and note what it says."""
        order = self._after.get(order_id)
        if order is None or not may_see(caller, order):
            return NotFound(f"There is no order {order_id}.", code="order_not_found")
        decision = rule(Situation(order, self._channels[order.channel], caller))
        if decision is None:
            return order
        if isinstance(decision, BalcaoError):
            return decision
        if isinstance(decision, Refusal):
            self._noted.append((order_id, decision.note, caller))
            return decision.error
        self._after[order_id] = decision.order
        self._changes.append((decision, caller))
        return decision.order

    def note(self, caller: Caller, order_id: OrderId, note: Note) -> Outcome:
        """Note something in the order's action log that changes nothing."""
        order = self._after.get(order_id)
        if order is None or not may_see(caller, order):
            return NotFound(f"There is no order {order_id}.", code="order_not_found")
        self._noted.append((order_id, note, caller))
        return order

    def order(self, order_id: OrderId) -> Order | None:
        """The order as it stands after the batch's earlier commands; None where there is none."""
        return self._after.get(order_id)

    async def save(self, tx: Tx, now: Micros) -> None:
        """Lock the stock, tick, and write every change, the refusals' log lines and what was noted."""
        await self._log_notes(tx, now)
        if not self._changes:
            return
        moves = self._stock_moves()
        levels = await lock_levels(tx, self.tenant, [(move.seller_id, move.sku_id) for move in moves])
        count, moving = len(self._changes), Moving(self.tenant, moves, levels)
        clock = ticking(self.tenant, events=count, rows=count + moving.rows, now=now)
        ticks, turned = await run_all(tx, clock, moving.statement(count), beside=self._writes())
        await moving.settle(tx, ticks, count, turned)
        await write_lines(tx, self.tenant, self._ledger_lines(ticks))

    async def _log_notes(self, tx: Tx, now: Micros) -> None:
        lines = [(order_id, note, issuer(caller)) for order_id, note, caller in self._noted]
        await history.insert_logs(tx, self.tenant, lines, now)

    def _stock_moves(self) -> list[StockMove]:
        return [move for change, _ in self._changes for move in _moves_of(change)]

    def _ledger_lines(self, ticks: Ticks) -> list[LedgerLine]:
        """What each change released or consumed, at its own instant."""
        lines = (
            order_line(
                move,
                at_us=ticks.at(n),
                order_id=change.order.order_id,
                actor=caller.client_id,
                cause=change.cause,
            )
            for n, (change, caller) in enumerate(self._changes)
            for move in net_moves(_moves_of(change))
        )
        return [line for line in lines if line is not None]

    def _writes(self) -> list[Statement[None]]:
        """What needs writing of all the changes, each part only where there is something, to go with the tick."""
        last = {change.order.order_id: n for n, (change, _) in enumerate(self._changes)}
        changed = [(self._after[key], n) for key, n in last.items()]
        pairs = [(self._before[order.order_id], order) for order, _ in changed]
        items, payments = _new_in(pairs, attrgetter("items")), _new_in(pairs, attrgetter("payments"))
        invoices, labels = self._added(attrgetter("invoices")), self._added(attrgetter("labels"))
        entries = [
            history.Entry(change.order.order_id, n, change.steps, change.notes, issuer(caller))
            for n, (change, caller) in enumerate(self._changes)
        ]
        events = [event_of(change, caller, n) for n, (change, caller) in enumerate(self._changes)]
        return [
            save.update_orders(self.tenant, changed),
            *([save.update_items(self.tenant, items)] if items else []),
            *([save.put_payments(self.tenant, payments)] if payments else []),
            *([save.insert_invoices(self.tenant, invoices)] if invoices else []),
            *([save.insert_labels(self.tenant, labels)] if labels else []),
            history.insert_history(self.tenant, entries),
            appending(self.tenant, events),
        ]

    def _added(self, part: Callable[[Order], Sequence[Part]]) -> list[tuple[OrderId, Part, int]]:
        """The members of a part (invoices, labels) that the nth change adds, and n: they are read by age."""
        there = dict(self._before)
        added = []
        for n, (change, _) in enumerate(self._changes):
            order, known = change.order, part(there[change.order.order_id])
            added += [(order.order_id, member, n) for member in part(order) if member not in known]
            there[order.order_id] = order
        return added


async def open_changes(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> Changes:
    """Lock the orders and read them and their channels' settings; unknown ids are simply not there."""
    orders = await load.lock_orders(tx, tenant, ids)
    channels = await get_channels(tx, tenant, sorted({order.channel for order in orders.values()}))
    return Changes(tenant, orders, channels)


def _moves_of(change: Change) -> list[StockMove]:
    store = change.order.seller_id
    return [
        StockMove(
            seller_id=shift.seller_id or store, sku_id=shift.sku_id, on_hand=shift.on_hand, reserved=shift.reserved
        )
        for shift in change.shifts
    ]


def issuer(caller: Caller) -> str:
    """How the action log names who acted: the role and the credential."""
    return f"{caller.role.value}:{caller.client_id}"


def event_of(change: Change, caller: Caller, row: int) -> Event:
    """The event that tells of a change."""
    order = change.order
    return Event(
        type=change.event,
        subject=str(order.order_id),
        actor=caller.client_id,
        data=change.facts,
        channel=order.channel,
        seller_id=order.seller_id,
        row=row,
    )


def _new_in(
    pairs: Sequence[tuple[Order, Order]], part: Callable[[Order], Sequence[Part]]
) -> list[tuple[OrderId, Part]]:
    """The members of a part (items, payments) that the order before did not have in this form."""
    return [(after.order_id, member) for before, after in pairs for member in part(after) if member not in part(before)]
