"""New orders and all that is written with them, made ready: neither the stock nor the clock is held meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from asyncpg import DivisionByZeroError

from balcao.base.clock import Ticks, ticking
from balcao.base.db import Tx
from balcao.base.statements import done, or_undo, run_all
from balcao.base.values import Micros, Tenant
from balcao.events.append import appending
from balcao.orders.change import event_of, issuer
from balcao.orders.rules.change import Change
from balcao.orders.rules.model import Order
from balcao.orders.rules.placing import Draft
from balcao.orders.rules.receipt import OrderKey
from balcao.orders.rules.status import wire_name
from balcao.orders.store import create, history
from balcao.orders.store.keys import CLAIMED, claiming_order_keys
from balcao.stock.reserve import ENOUGH, Level, Moving, StockKey, StockMove
from balcao.tenants.rules import Caller


class NewOrders:
    """The orders of one transaction, as they were promised; the nth gets the nth event and instant."""

    def __init__(self, tenant: Tenant, placed: Sequence[tuple[Draft, Caller]], levels: Collection[StockKey]) -> None:
        """levels: of the stock that they reserve, the levels that there are, or are taken to be there (`fits`)."""
        self._tenant = tenant
        self._count = len(placed)
        entries, events, moves = [], [], []
        for n, (draft, caller) in enumerate(placed):
            order = draft.order
            entries.append(history.Entry(order.order_id, n, draft.steps, draft.notes, issuer(caller)))
            events.append(event_of(Change(order=order, event="order.placed", facts=_facts(order)), caller, n))
            moves += _moves_of(order)
        self._moving = Moving(tenant, moves, levels)
        self._move = self._moving.statement(self._count)
        orders = [draft.order for draft, _ in placed]
        self._lines = create.insert_lines(tenant, orders)
        self._beside = (
            create.insert_orders(tenant, orders),
            history.insert_history(tenant, entries),
            appending(tenant, events, also=create.ALSO_THE_CODE),
        )

    def fits(self, levels: Mapping[StockKey, Level]) -> bool:
        """Whether the stock, locked by now, has all that they reserve together: then none of them is short."""
        return self._moving.fits(levels)

    async def write(self, tx: Tx, now: Micros) -> Ticks:
        """Tick and write, in one round trip; the stock that they reserve is locked."""
        rows = self._count + self._moving.rows
        clock = ticking(self._tenant, events=self._count, rows=rows, now=now)
        ticks, turned = await run_all(tx, clock, self._move, before=(self._lines,), beside=self._beside)
        await self._moving.settle(tx, ticks, self._count, turned)
        return ticks

    async def write_at_once(self, tx: Tx, keys: Sequence[OrderKey], now: Micros) -> Ticks | None:
        """Claim their keys, lock the stock that they reserve, tick and write: a transaction of one statement, where
        `tx` is in none. None, and nothing is written, where a key is taken, or where of a SKU nothing would be left.

        Locks are taken in the house's order, and what needs no lock is written before the stock is locked.
        """
        claims = claiming_order_keys(self._tenant, keys)
        lock = self._moving.locking(after=f"{CLAIMED} AND {done(create.ITEMS, create.PAYMENTS)}")
        clock = ticking(
            self._tenant,
            events=self._count,
            rows=self._count + self._moving.rows,
            now=now,
            after=or_undo(f"{CLAIMED} AND {ENOUGH}"),
        )
        try:
            ticks, _ = await run_all(tx, clock, self._move, before=(claims, self._lines, lock), beside=self._beside)
        except DivisionByZeroError:
            return None
        return ticks


def _moves_of(order: Order) -> list[StockMove]:
    return [StockMove(seller_id=order.seller_id, sku_id=item.sku_id, reserved=item.reserved) for item in order.items]


def _facts(order: Order) -> dict[str, Any]:
    """Beside the friendly code, which comes with the tick."""
    return {
        "orderId": str(order.order_id),
        "externalId": order.external_id,
        "statusBefore": None,
        "status": wire_name(order.status),
        "sellerCnpj": order.seller_cnpj,
        "totalAmount": order.total_amount,
        "isDelivery": order.is_delivery,
        "isShort": order.is_short,
    }
