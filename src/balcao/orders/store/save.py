"""Writing orders: new ones and changed ones, set-based, all with the transaction's ticks."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant, new_id
from balcao.orders.rules.change import Note
from balcao.orders.rules.model import Invoice, Item, Label, Order, Payment
from balcao.orders.rules.status import Status, description_of


class Entry(NamedTuple):
    """What one change adds to an order's history: its event's sequence number, its instant, its steps and log lines."""

    order_id: OrderId
    seq: int
    at_us: Micros
    steps: tuple[Status, ...]
    notes: tuple[Note, ...]
    issuer: str


async def insert_orders(tx: Tx, tenant: Tenant, orders: Sequence[Order]) -> None:
    """Write new orders with their items and payments; their history is written by `insert_history`."""
    await tx.execute(
        """
        INSERT INTO orders (tenant, order_id, channel, external_id, friendly_code, seller_id, status, is_delivery,
            is_short, create_us, last_update_us, expires_us, sub_total_amount, discount_amount, freight_amount,
            fee_amount, bonus_amount, total_amount, freight_reference, freight_description, payment_types,
            buyer_document, buyer_name, created_by, body)
        SELECT $1, n.order_id, n.channel, n.external_id, n.friendly_code, n.seller_id, n.status, n.is_delivery,
            n.is_short, n.create_us, n.last_update_us, n.expires_us, n.sub_total, n.discount, n.freight, n.fee, n.bonus,
            n.total, n.reference, n.description, string_to_array(n.types, ',')::smallint[], n.document, n.name,
            n.created_by, n.body
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::smallint[], $8::boolean[],
            $9::boolean[], $10::bigint[], $11::bigint[], $12::bigint[], $13::numeric[], $14::numeric[], $15::numeric[],
            $16::numeric[], $17::numeric[], $18::numeric[], $19::text[], $20::text[], $21::text[], $22::text[],
            $23::text[], $24::text[], $25::jsonb[])
            AS n(order_id, channel, external_id, friendly_code, seller_id, status, is_delivery, is_short, create_us,
                 last_update_us, expires_us, sub_total, discount, freight, fee, bonus, total, reference, description,
                 types, document, name, created_by, body)
        """,
        tenant,
        [order.order_id for order in orders],
        [order.channel for order in orders],
        [order.external_id for order in orders],
        [order.friendly_code for order in orders],
        [order.seller_id for order in orders],
        [order.status for order in orders],
        [order.is_delivery for order in orders],
        [order.is_short for order in orders],
        [order.create_us for order in orders],
        [order.last_update_us for order in orders],
        [order.expires_us for order in orders],
        [order.sub_total_amount for order in orders],
        [order.discount_amount for order in orders],
        [order.freight_amount for order in orders],
        [order.fee_amount for order in orders],
        [order.bonus_amount for order in orders],
        [order.total_amount for order in orders],
        [order.body.freight.reference for order in orders],
        [order.body.freight.description for order in orders],
        [_types(order) for order in orders],
        [order.body.buyer.document for order in orders],
        [order.body.buyer.full_name for order in orders],
        [order.created_by for order in orders],
        [order.body for order in orders],
    )
    await _insert_items(tx, tenant, [(order.order_id, item) for order in orders for item in order.items])
    await put_payments(tx, tenant, [(order.order_id, payment) for order in orders for payment in order.payments])


async def update_orders(tx: Tx, tenant: Tenant, orders: Sequence[Order]) -> None:
    """Write what may change on an order's own row."""
    await tx.execute(
        """
        UPDATE orders o SET status = n.status, resume_status = n.resume_status, seller_order_id = n.seller_order_id,
            last_update_us = n.last_update_us, expires_us = n.expires_us,
            payment_types = string_to_array(n.types, ',')::smallint[], invoice_key = n.invoice_key,
            tracking_code = n.tracking_code, body = n.body
        FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
            $9::text[], $10::text[], $11::jsonb[])
            AS n(order_id, status, resume_status, seller_order_id, last_update_us, expires_us, types, invoice_key,
                 tracking_code, body)
        WHERE o.tenant = $1 AND o.order_id = n.order_id
        """,
        tenant,
        [order.order_id for order in orders],
        [order.status for order in orders],
        [order.resume_status for order in orders],
        [order.seller_order_id for order in orders],
        [order.last_update_us for order in orders],
        [order.expires_us for order in orders],
        [_types(order) for order in orders],
        [order.invoices[-1].access_key if order.invoices else None for order in orders],
        [order.body.tracking.code if order.body.tracking else None for order in orders],
        [order.body for order in orders],
    )


async def update_items(tx: Tx, tenant: Tenant, items: Sequence[tuple[OrderId, Item]]) -> None:
    """Write what lines hold and have consumed."""
    if not items:
        return
    await tx.execute(
        """
        UPDATE order_item i SET reserved = n.reserved, consumed = n.consumed
        FROM unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[]) AS n(order_id, line, reserved, consumed)
        WHERE i.tenant = $1 AND i.order_id = n.order_id AND i.line = n.line
        """,
        tenant,
        [order_id for order_id, _ in items],
        [item.line for _, item in items],
        [item.reserved for _, item in items],
        [item.consumed for _, item in items],
    )


async def put_payments(tx: Tx, tenant: Tenant, payments: Sequence[tuple[OrderId, Payment]]) -> None:
    """Insert or replace payments by (order, line)."""
    if not payments:
        return
    await tx.execute(
        """
        INSERT INTO order_payment (tenant, order_id, line, type, status, amount, body)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::numeric[],
            $7::jsonb[]) AS n
        ON CONFLICT (tenant, order_id, line)
        DO UPDATE SET type = excluded.type, status = excluded.status, amount = excluded.amount, body = excluded.body
        """,
        tenant,
        [order_id for order_id, _ in payments],
        [payment.line for _, payment in payments],
        [payment.type for _, payment in payments],
        [payment.status for _, payment in payments],
        [payment.amount for _, payment in payments],
        [payment.body for _, payment in payments],
    )


async def insert_invoices(tx: Tx, tenant: Tenant, invoices: Sequence[tuple[OrderId, Invoice, Micros]]) -> None:
    """Write new invoices, each with its instant; their access keys have been claimed."""
    if not invoices:
        return
    await tx.execute(
        """
        INSERT INTO order_invoice (tenant, order_id, access_key, number, serie, total_amount, issued_us, body,
            created_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::bigint[],
            $8::jsonb[], $9::bigint[]) AS n
        """,
        tenant,
        [order_id for order_id, _, _ in invoices],
        [invoice.access_key for _, invoice, _ in invoices],
        [invoice.number for _, invoice, _ in invoices],
        [invoice.serie for _, invoice, _ in invoices],
        [invoice.total_amount for _, invoice, _ in invoices],
        [invoice.issued_us for _, invoice, _ in invoices],
        [invoice.body for _, invoice, _ in invoices],
        [at_us for _, _, at_us in invoices],
    )


async def insert_labels(tx: Tx, tenant: Tenant, labels: Sequence[tuple[OrderId, Label, Micros]]) -> None:
    """Write new labels, each with its instant; their files are stored already."""
    if not labels:
        return
    await tx.execute(
        """
        INSERT INTO order_label (tenant, order_id, number, file_name, content_type, path, created_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[]) AS n
        """,
        tenant,
        [order_id for order_id, _, _ in labels],
        [label.number for _, label, _ in labels],
        [label.file_name for _, label, _ in labels],
        [label.content_type for _, label, _ in labels],
        [label.path for _, label, _ in labels],
        [at_us for _, _, at_us in labels],
    )


async def insert_history(tx: Tx, tenant: Tenant, entries: Sequence[Entry]) -> None:
    """Append steps and action log lines."""
    steps = [(entry, number, status) for entry in entries for number, status in enumerate(entry.steps, 1)]
    if steps:
        await tx.execute(
            """
            INSERT INTO order_step (tenant, order_id, seq, number, status, description, created_us)
            SELECT $1, n.* FROM unnest($2::uuid[], $3::bigint[], $4::smallint[], $5::smallint[], $6::text[],
                $7::bigint[]) AS n
            """,
            tenant,
            [entry.order_id for entry, _, _ in steps],
            [entry.seq for entry, _, _ in steps],
            [number for _, number, _ in steps],
            [status for _, _, status in steps],
            [description_of(status) for _, _, status in steps],
            [entry.at_us for entry, _, _ in steps],
        )
    await insert_logs(tx, tenant, [(entry, note) for entry in entries for note in entry.notes])


async def insert_logs(tx: Tx, tenant: Tenant, lines: Sequence[tuple[Entry, Note]]) -> None:
    """Append action log lines."""
    if not lines:
        return
    await tx.execute(
        """
        INSERT INTO order_log (tenant, order_id, log_id, type, display_message, internal_message, issuer, created_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
            AS n
        """,
        tenant,
        [entry.order_id for entry, _ in lines],
        [new_id() for _ in lines],
        [note.type for _, note in lines],
        [note.display for _, note in lines],
        [note.internal for _, note in lines],
        [entry.issuer for entry, _ in lines],
        [entry.at_us for entry, _ in lines],
    )


async def _insert_items(tx: Tx, tenant: Tenant, items: Sequence[tuple[UUID, Item]]) -> None:
    await tx.execute(
        """
        INSERT INTO order_item (tenant, order_id, line, sku_id, sku_code, product_code, quantity, unit_price,
            discount_price, is_gift, reserved, consumed, body)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[],
            $8::numeric[], $9::numeric[], $10::boolean[], $11::bigint[], $12::bigint[], $13::jsonb[]) AS n
        """,
        tenant,
        [order_id for order_id, _ in items],
        [item.line for _, item in items],
        [item.sku_id for _, item in items],
        [item.sku_code for _, item in items],
        [item.product_code for _, item in items],
        [item.quantity for _, item in items],
        [item.unit_price for _, item in items],
        [item.discount_price for _, item in items],
        [item.is_gift for _, item in items],
        [item.reserved for _, item in items],
        [item.consumed for _, item in items],
        [item.body for _, item in items],
    )


def _types(order: Order) -> str:
    """The payments' types, once each: as text, since PostgreSQL has no arrays of arrays of different lengths."""
    return ",".join(str(int(kind)) for kind in sorted({payment.type for payment in order.payments}))
