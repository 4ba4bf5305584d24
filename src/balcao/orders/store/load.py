"""Reading whole orders: one statement, whatever their number.

The database makes one JSON text of each order, and one pass in C makes the structs of it: exact decimals, and no work
in Python for each row or column.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import OrderId, SellerId, Tenant
from balcao.orders.rules.model import History, LogLine, Order, Step
from balcao.orders.rules.whole import Whole
from balcao.sellers.rules import Seller
from balcao.tenants.rules import Channel


class _Row(msgspec.Struct, frozen=True):
    """What `_WHOLE` answers; channel and seller only once for all the orders that have the same one."""

    order: Order
    steps: tuple[Step, ...]
    logs: tuple[LogLine, ...]
    channel: Channel | None
    seller: Seller | None


_decode_order = msgspec.json.Decoder(Order).decode
_decode_row = msgspec.json.Decoder(_Row).decode


def _part(columns: str, table: str, order: str) -> str:
    """A part of the order `o` as a JSON array; the columns are called as the struct's fields. By the primary key."""
    return f"""(SELECT coalesce(json_agg(part), '[]') FROM (
        SELECT {columns} FROM {table} p WHERE p.tenant = o.tenant AND p.order_id = o.order_id ORDER BY {order}
    ) part)"""  # noqa: S608 (constants)


_ORDER: Final = f"""
    o.tenant, o.order_id, o.channel, o.external_id, o.friendly_code, o.seller_id, s.cnpj AS seller_cnpj,
    o.seller_order_id, o.status, o.resume_status, o.is_delivery, o.is_short, o.create_us, o.last_update_us,
    o.expires_us, o.sub_total_amount, o.discount_amount, o.freight_amount, o.fee_amount, o.bonus_amount,
    o.total_amount, o.created_by, o.body,
    {
    _part(
        '''line, sku_id, sku_code, product_code, quantity, unit_price, discount_price, is_gift, reserved, consumed,
           body''',
        "order_item",
        "line",
    )
} AS items,
    {_part("line, type, status, amount, body", "order_payment", "line")} AS payments,
    {
    _part("access_key, number, serie, total_amount, issued_us, body", "order_invoice", "created_us, access_key")
} AS invoices,
    {_part("number, file_name, content_type, path", "order_label", "number")} AS labels"""
_STEPS: Final = """
    LEFT JOIN LATERAL (
        SELECT coalesce(json_agg(step), '[]') AS steps, coalesce(array_agg(step.status), '{}') AS passed FROM (
            SELECT status, description, created_us FROM order_step t
             WHERE t.tenant = o.tenant AND t.order_id = o.order_id ORDER BY seq, number
        ) step
    ) t ON true"""
_FROM: Final = "FROM orders o JOIN seller s ON s.tenant = o.tenant AND s.seller_id = o.seller_id"
# The order of an id, by its key, which alone has this order. While the table is taken for empty, an equation of the id
# would do with any index, and read all of a tenant's orders for each.
ORDER_OF: Final = """
    SELECT o.* FROM orders o
     WHERE o.tenant = $1 AND o.order_id BETWEEN {0} AND {0} ORDER BY o.order_id LIMIT 1"""
# From the orders to the others and in no other order: each channel could be asked for its orders instead.
_AND_OTHERS: Final = """
    CROSS JOIN LATERAL (
        SELECT s.* FROM seller s WHERE s.tenant = o.tenant AND s.seller_id = o.seller_id OFFSET 0) s
    CROSS JOIN LATERAL (
        SELECT c.* FROM channel c WHERE c.tenant = o.tenant AND c.channel = o.channel OFFSET 0) c"""

_LOAD: Final = f"""
    SELECT row_to_json(z)::text AS "order" FROM (
        SELECT {_ORDER}, t.passed {_FROM} {_STEPS} WHERE o.tenant = $1 AND o.order_id = ANY($2::uuid[])
    ) z"""  # noqa: S608


def _whole(channel: str, seller: str, orders: str) -> str:
    logs = _part("type, display_message, internal_message, issuer, created_us", "order_log", "created_us, log_id")
    return f"""
    SELECT row_to_json(w)::text AS whole FROM (
        SELECT (SELECT z FROM (SELECT {_ORDER}, t.passed) z) AS "order", t.steps, {logs} AS logs,
            {channel} AS channel, {seller} AS seller
        FROM ({orders}) o {_AND_OTHERS} {_STEPS}
    ) w"""  # noqa: S608


_ORDERS: Final = "SELECT o.* FROM orders o WHERE o.tenant = $1 AND o.order_id"
_CHANNEL: Final = "(SELECT row_to_json(q) FROM (SELECT c.channel AS name, c.*) q)"
_FIRST: Final = "CASE WHEN row_number() OVER (PARTITION BY {}) = 1 THEN {} END"
# One order is not a list of one: PostgreSQL expects ten ids where a list comes, and would plan each time anew.
_WHOLE_ONE: Final = _whole(_CHANNEL, "row_to_json(s)", f"{_ORDERS} = $2")


def _some_whole(orders: str) -> str:
    return _whole(_FIRST.format("o.channel", _CHANNEL), _FIRST.format("o.seller_id", "row_to_json(s)"), orders)


_WHOLE: Final = _some_whole(f"{_ORDERS} = ANY($2::uuid[])")


async def lock_orders(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, Order]:
    """The orders, locked until the commit in the order of their ids; absent where there is none.

    Two statements on purpose: what is read together with the lock would be as old as the wait for it.
    """
    ordered = sorted(set(ids))
    await tx.execute(
        "SELECT 1 FROM orders WHERE tenant = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id FOR UPDATE",
        tenant,
        ordered,
    )
    return await load_orders(tx, tenant, ordered)


async def load_orders(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, Order]:
    """The orders without their history, by id."""
    orders = [_decode_order(row["order"]) for row in await tx.fetch(_LOAD, tenant, ids)]
    return {order.order_id: order for order in orders}


async def load_whole(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, Whole]:
    """The orders with their steps, action logs, channels and stores, by id."""
    found = await (tx.fetch(_WHOLE_ONE, tenant, ids[0]) if len(ids) == 1 else tx.fetch(_WHOLE, tenant, ids))
    return _wholes(found)


async def load_picked(tx: Tx, keys: str, arguments: Sequence[object]) -> dict[OrderId, Whole]:
    """The same of those whose ids (`sort_id`) this statement of our own gives; the tenant is its first argument."""
    order = ORDER_OF.format("k.sort_id")
    orders = f"SELECT o.* FROM ({keys}) k CROSS JOIN LATERAL ({order}) o"  # noqa: S608
    return _wholes(await tx.fetch(_some_whole(orders), *arguments))


def _wholes(found: Sequence[Record]) -> dict[OrderId, Whole]:
    rows: list[_Row] = [_decode_row(row["whole"]) for row in found]
    channels = {row.order.channel: row.channel for row in rows if row.channel is not None}
    sellers: dict[SellerId, Seller] = {row.order.seller_id: row.seller for row in rows if row.seller is not None}
    return {
        row.order.order_id: Whole(
            order=row.order,
            history=History(steps=row.steps, logs=row.logs),
            channel=channels[row.order.channel],
            seller=sellers[row.order.seller_id],
        )
        for row in rows
    }
