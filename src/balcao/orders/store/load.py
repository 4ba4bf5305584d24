"""Reading whole orders: one statement, whatever their number."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, SellerId, Tenant
from balcao.orders.rules.model import History, Invoice, Item, Label, LogLine, Order, OrderBody, Payment, Step
from balcao.orders.rules.status import Status

_items = msgspec.json.Decoder(tuple[Item, ...]).decode
_payments = msgspec.json.Decoder(tuple[Payment, ...]).decode
_invoices = msgspec.json.Decoder(tuple[Invoice, ...]).decode
_labels = msgspec.json.Decoder(tuple[Label, ...]).decode
_steps = msgspec.json.Decoder(tuple[Step, ...]).decode
_logs = msgspec.json.Decoder(tuple[LogLine, ...]).decode
_body = msgspec.json.Decoder(OrderBody).decode

# The parts come as JSON text and are decoded straight into their types: exact decimals, one pass.
_ORDER = """
    o.*, o.body::text AS body_text, s.cnpj AS seller_cnpj,
    (SELECT coalesce(json_agg(json_build_object('line', i.line, 'sku_id', i.sku_id, 'sku_code', i.sku_code,
        'product_code', i.product_code, 'quantity', i.quantity, 'unit_price', i.unit_price,
        'discount_price', i.discount_price, 'is_gift', i.is_gift, 'reserved', i.reserved, 'consumed', i.consumed,
        'body', i.body) ORDER BY i.line), '[]')::text
     FROM order_item i WHERE i.tenant = o.tenant AND i.order_id = o.order_id) AS items,
    (SELECT coalesce(json_agg(json_build_object('line', p.line, 'type', p.type, 'status', p.status,
        'amount', p.amount, 'body', p.body) ORDER BY p.line), '[]')::text
     FROM order_payment p WHERE p.tenant = o.tenant AND p.order_id = o.order_id) AS payments,
    (SELECT coalesce(json_agg(json_build_object('access_key', n.access_key, 'number', n.number, 'serie', n.serie,
        'total_amount', n.total_amount, 'issued_us', n.issued_us, 'body', n.body)
        ORDER BY n.created_us, n.access_key), '[]')::text
     FROM order_invoice n WHERE n.tenant = o.tenant AND n.order_id = o.order_id) AS invoices,
    (SELECT coalesce(json_agg(json_build_object('number', l.number, 'file_name', l.file_name,
        'content_type', l.content_type, 'path', l.path) ORDER BY l.number), '[]')::text
     FROM order_label l WHERE l.tenant = o.tenant AND l.order_id = o.order_id) AS labels"""
_PASSED = """,
    ARRAY(SELECT DISTINCT t.status FROM order_step t WHERE t.tenant = o.tenant AND t.order_id = o.order_id) AS passed"""
_HISTORY = """,
    (SELECT coalesce(json_agg(json_build_object('status', t.status, 'description', t.description,
        'created_us', t.created_us) ORDER BY t.seq, t.number), '[]')::text
     FROM order_step t WHERE t.tenant = o.tenant AND t.order_id = o.order_id) AS steps,
    (SELECT coalesce(json_agg(json_build_object('type', g.type, 'display_message', g.display_message,
        'internal_message', g.internal_message, 'issuer', g.issuer, 'created_us', g.created_us)
        ORDER BY g.created_us, g.log_id), '[]')::text
     FROM order_log g WHERE g.tenant = o.tenant AND g.order_id = o.order_id) AS logs"""
_FROM = """
    FROM orders o JOIN seller s ON s.tenant = o.tenant AND s.seller_id = o.seller_id
    WHERE o.tenant = $1 AND o.order_id = ANY($2::uuid[])"""

_LOAD = f"SELECT {_ORDER}{_PASSED}{_FROM}"
_LOAD_WHOLE = f"SELECT {_ORDER}{_PASSED}{_HISTORY}{_FROM}"


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
    orders = [order_of(row) for row in await tx.fetch(_LOAD, tenant, ids)]
    return {order.order_id: order for order in orders}


async def load_whole(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, tuple[Order, History]]:
    """The orders with their steps and action logs, by id."""
    rows = await tx.fetch(_LOAD_WHOLE, tenant, ids)
    return {
        OrderId(row["order_id"]): (order_of(row), History(steps=_steps(row["steps"]), logs=_logs(row["logs"])))
        for row in rows
    }


def order_of(row: "asyncpg.Record") -> Order:
    """An order from a row of `_ORDER`."""
    columns: dict[str, Any] = {field: row[field] for field in _PLAIN}
    return Order(
        **columns,
        tenant=Tenant(row["tenant"]),
        order_id=OrderId(row["order_id"]),
        seller_id=SellerId(row["seller_id"]),
        status=Status(row["status"]),
        resume_status=None if row["resume_status"] is None else Status(row["resume_status"]),
        create_us=Micros(row["create_us"]),
        last_update_us=Micros(row["last_update_us"]),
        body=_body(row["body_text"]),
        items=_items(row["items"]),
        payments=_payments(row["payments"]),
        invoices=_invoices(row["invoices"]),
        labels=_labels(row["labels"]),
        passed=frozenset(Status(status) for status in row["passed"]),
    )


_PLAIN = (
    "channel",
    "external_id",
    "friendly_code",
    "seller_cnpj",
    "seller_order_id",
    "is_delivery",
    "is_short",
    "expires_us",
    "sub_total_amount",
    "discount_amount",
    "freight_amount",
    "fee_amount",
    "bonus_amount",
    "total_amount",
    "created_by",
)
