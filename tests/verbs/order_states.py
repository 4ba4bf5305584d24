"""Orders put into any state by SQL, as no verb would leave them: where the lifecycle's tests start from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from balcao.base.db import Tx
from balcao.base.values import OrderId, new_id
from balcao.orders.rules.lifecycle import Facts
from balcao.orders.rules.status import CANCELLED, Status
from tests.verbs.shop import COUNTED, Shop, items

CHANNELS: dict[str, dict[str, bool]] = {
    "ecommerce": {},
    "ships": {"ship_without_invoice": True},
    "asks": {"cancel_needs_consent": True},
}
"""The channels of `put_orders`, and how each is set."""


class State(NamedTuple):
    """An order of one unit of SKU 1; pays: `unpaid`, `paid` or `cash` (on pickup, not yet paid)."""

    status: Status
    channel: str = "ecommerce"
    pays: str = "paid"
    is_delivery: bool = True
    is_invoiced: bool = False
    resume: Status | None = None
    passed: frozenset[Status] = frozenset()

    @property
    def behind(self) -> frozenset[Status]:
        """The statuses it has been in."""
        return self.passed | {self.status} | ({Status.INVOICE_CREATED} if self.is_invoiced else set())

    @property
    def facts(self) -> Facts:
        """What the lifecycle asks of it."""
        return Facts(
            status=self.status,
            resume=self.resume,
            is_delivery=self.is_delivery,
            is_paid=self.pays == "paid",
            on_pickup=self.pays == "cash" and not self.is_delivery,
            has_invoice=self.is_invoiced,
            was_separated=Status.SEPARATE in self.behind,
            was_invoiced=Status.INVOICE_CREATED in self.behind,
            invoice_optional=self.channel == "ships",
            needs_consent=self.channel == "asks",
        )

    @property
    def held(self) -> tuple[int, int]:
        """What its line reserves and has consumed."""
        if self.status in CANCELLED:
            return 0, 0
        return (0, 1) if self.is_invoiced or self.status is Status.FINALIZED else (1, 0)


async def put_orders(shop: Shop, states: Sequence[State]) -> list[OrderId]:
    """The ids of new orders in these states, with stock that agrees with them."""
    for name, settings in CHANNELS.items():
        await shop.channel(name, **settings)
    template = await shop.placed(items=items(s1=1))
    ids = [OrderId(new_id()) for _ in states]
    await shop.db.run(lambda tx: _copy_all(tx, shop, template, list(zip(ids, states, strict=True))))
    async with shop.db.transaction() as tx:
        await tx.execute(
            """
            UPDATE stock k SET reserved = h.reserved, on_hand = $4 - h.consumed
              FROM (SELECT sum(reserved) AS reserved, sum(consumed) AS consumed FROM order_item WHERE tenant = $1) h
             WHERE k.tenant = $1 AND k.seller_id = $2 AND k.sku_id = $3
            """,
            *(shop.tenant, *next(iter(shop.counted)), COUNTED),
        )
    return ids


async def _copy_all(tx: Tx, shop: Shop, template: OrderId, orders: Sequence[tuple[OrderId, State]]) -> None:
    await _copy(
        tx, shop, template, "orders", [_order(order_id, state, n) for n, (order_id, state) in enumerate(orders)]
    )
    await _copy(tx, shop, template, "order_item", [_item(*order) for order in orders])
    await _copy(tx, shop, template, "order_payment", [_payment(*order) for order in orders])
    await _copy(tx, shop, template, "order_step", [step for order in orders for step in _steps(*order)])
    invoiced = [order_id for order_id, state in orders if state.is_invoiced]
    await tx.execute(
        """
        INSERT INTO order_invoice (tenant, order_id, access_key, number, serie, total_amount, body, created_us)
        SELECT $1, n, n::text, '1', '1', 1, '{}', 1 FROM unnest($2::uuid[]) AS n
        """,
        *(shop.tenant, invoiced),
    )
    await tx.execute(
        "INSERT INTO invoice_key (tenant, access_key, order_id) SELECT $1, n::text, n FROM unnest($2::uuid[]) AS n",
        *(shop.tenant, invoiced),
    )


async def _copy(tx: Tx, shop: Shop, template: OrderId, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows like the template's, but for these columns."""
    await tx.execute(
        f"""
        INSERT INTO {table} SELECT (jsonb_populate_record(t, n)).*
          FROM {table} t, unnest($3::jsonb[]) AS n WHERE t.tenant = $1 AND t.order_id = $2
        """,  # noqa: S608
        *(shop.tenant, template, rows),
    )


def _order(order_id: OrderId, state: State, number: int) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "channel": state.channel,
        "external_id": str(order_id),
        "friendly_code": str(order_id),
        "status": state.status,
        "resume_status": state.resume,
        "is_delivery": state.is_delivery,
        "expires_us": None,
        "last_update_us": 1_000_000 + number,
    }


def _item(order_id: OrderId, state: State) -> dict[str, Any]:
    reserved, consumed = state.held
    return {"order_id": order_id, "reserved": reserved, "consumed": consumed}


def _payment(order_id: OrderId, state: State) -> dict[str, Any]:
    return {"order_id": order_id, "status": 2 if state.pays == "paid" else 0, "type": 5 if state.pays == "cash" else 7}


def _steps(order_id: OrderId, state: State) -> list[dict[str, Any]]:
    return [
        {"order_id": order_id, "number": number, "status": status}
        for number, status in enumerate([*(state.behind - {state.status}), state.status], 1)
    ]
