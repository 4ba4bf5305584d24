"""Writing orders: new ones and changed ones, set-based, all with the transaction's ticks."""

from collections.abc import Sequence
from typing import Any

from balcao.base.statements import Statement
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.rules.model import Invoice, Item, Label, Order, Payment
from balcao.orders.store.history import INSERT_LOGS, INSERT_STEPS, Entry, log_rows, step_rows


def insert_orders(tenant: Tenant, orders: Sequence[Order], entries: Sequence[Entry]) -> Statement[None]:
    """Write new orders with their items and payments and how their history begins, all in one statement.

    The rows go as JSON: for the driver a third of the work of an array a column, and the database reads it quickly.
    """
    return Statement(
        _INSERT_ORDERS,
        (
            tenant,
            [_order_row(order) for order in orders],
            [_item_row(order.order_id, item) for order in orders for item in order.items],
            [_payment_row(order.order_id, payment) for order in orders for payment in order.payments],
            step_rows(entries),
            log_rows((entry, note) for entry in entries for note in entry.notes),
        ),
        beside=_INSERT_PARTS,
    )


def update_orders(tenant: Tenant, orders: Sequence[Order]) -> Statement[None]:
    """Write what may change on an order's own row."""
    return Statement(
        """
        UPDATE orders o SET status = n.status, resume_status = n.resume_status, seller_order_id = n.seller_order_id,
            last_update_us = n.last_update_us, expires_us = n.expires_us,
            payment_types = string_to_array(n.types, ',')::smallint[], invoice_key = n.invoice_key,
            tracking_code = n.tracking_code, body = n.body, seller_id = n.seller_id
        FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
            $9::text[], $10::text[], $11::jsonb[], $12::uuid[])
            AS n(order_id, status, resume_status, seller_order_id, last_update_us, expires_us, types, invoice_key,
                 tracking_code, body, seller_id)
        WHERE o.tenant = $1 AND o.order_id = n.order_id
        """,
        (
            tenant,
            [order.order_id for order in orders],
            [order.status for order in orders],
            [order.resume_status for order in orders],
            [order.seller_order_id for order in orders],
            [order.last_update_us for order in orders],
            [order.expires_us for order in orders],
            # As text, since PostgreSQL has no arrays of arrays of different lengths.
            [",".join(str(int(kind)) for kind in _types(order)) for order in orders],
            [order.invoices[-1].access_key if order.invoices else None for order in orders],
            [order.body.tracking.code if order.body.tracking else None for order in orders],
            [order.body for order in orders],
            [order.seller_id for order in orders],
        ),
    )


def update_items(tenant: Tenant, items: Sequence[tuple[OrderId, Item]]) -> Statement[None]:
    """Write what lines hold and have consumed."""
    return Statement(
        """
        UPDATE order_item i SET reserved = n.reserved, consumed = n.consumed
        FROM unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[]) AS n(order_id, line, reserved, consumed)
        WHERE i.tenant = $1 AND i.order_id = n.order_id AND i.line = n.line
        """,
        (
            tenant,
            [order_id for order_id, _ in items],
            [item.line for _, item in items],
            [item.reserved for _, item in items],
            [item.consumed for _, item in items],
        ),
    )


def put_payments(tenant: Tenant, payments: Sequence[tuple[OrderId, Payment]]) -> Statement[None]:
    """Insert or replace payments by (order, line)."""
    return Statement(
        """
        INSERT INTO order_payment (tenant, order_id, line, type, status, amount, body)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::numeric[],
            $7::jsonb[]) AS n
        ON CONFLICT (tenant, order_id, line)
        DO UPDATE SET type = excluded.type, status = excluded.status, amount = excluded.amount, body = excluded.body
        """,
        (
            tenant,
            [order_id for order_id, _ in payments],
            [payment.line for _, payment in payments],
            [payment.type for _, payment in payments],
            [payment.status for _, payment in payments],
            [payment.amount for _, payment in payments],
            [payment.body for _, payment in payments],
        ),
    )


def insert_invoices(tenant: Tenant, invoices: Sequence[tuple[OrderId, Invoice, Micros]]) -> Statement[None]:
    """Write new invoices, each with its instant; their access keys have been claimed."""
    return Statement(
        """
        INSERT INTO order_invoice (tenant, order_id, access_key, number, serie, total_amount, issued_us, body,
            created_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::bigint[],
            $8::jsonb[], $9::bigint[]) AS n
        """,
        (
            tenant,
            [order_id for order_id, _, _ in invoices],
            [invoice.access_key for _, invoice, _ in invoices],
            [invoice.number for _, invoice, _ in invoices],
            [invoice.serie for _, invoice, _ in invoices],
            [invoice.total_amount for _, invoice, _ in invoices],
            [invoice.issued_us for _, invoice, _ in invoices],
            [invoice.body for _, invoice, _ in invoices],
            [at_us for _, _, at_us in invoices],
        ),
    )


def insert_labels(tenant: Tenant, labels: Sequence[tuple[OrderId, Label, Micros]]) -> Statement[None]:
    """Write new labels, each with its instant; their files are stored already."""
    return Statement(
        """
        INSERT INTO order_label (tenant, order_id, number, file_name, content_type, path, created_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[]) AS n
        """,
        (
            tenant,
            [order_id for order_id, _, _ in labels],
            [label.number for _, label, _ in labels],
            [label.file_name for _, label, _ in labels],
            [label.content_type for _, label, _ in labels],
            [label.path for _, label, _ in labels],
            [at_us for _, _, at_us in labels],
        ),
    )


_INSERT_PARTS = (
    (
        "new_item",
        """
        INSERT INTO order_item (tenant, order_id, line, sku_id, sku_code, product_code, quantity, unit_price,
            discount_price, is_gift, reserved, consumed, body)
        SELECT $1, n.* FROM json_to_recordset($3::json)
            AS n(order_id uuid, line smallint, sku_id uuid, sku_code text, product_code text, quantity bigint,
                 unit_price numeric, discount_price numeric, is_gift boolean, reserved bigint, consumed bigint,
                 body jsonb)
        """,
    ),
    (
        "new_payment",
        """
        INSERT INTO order_payment (tenant, order_id, line, type, status, amount, body)
        SELECT $1, n.* FROM json_to_recordset($4::json)
            AS n(order_id uuid, line smallint, type smallint, status smallint, amount numeric, body jsonb)
        """,
    ),
    ("new_step", INSERT_STEPS.format(5)),
    ("new_log", INSERT_LOGS.format(6)),
)
_INSERT_ORDERS = """
    INSERT INTO orders (tenant, order_id, channel, external_id, friendly_code, seller_id, status, is_delivery,
        is_short, create_us, last_update_us, expires_us, sub_total_amount, discount_amount, freight_amount,
        fee_amount, bonus_amount, total_amount, freight_reference, freight_description, payment_types,
        buyer_document, buyer_name, created_by, body)
    SELECT $1, n.* FROM json_to_recordset($2::json)
        AS n(order_id uuid, channel text, external_id text, friendly_code text, seller_id uuid, status smallint,
             is_delivery boolean, is_short boolean, create_us bigint, last_update_us bigint, expires_us bigint,
             sub_total numeric, discount numeric, freight numeric, fee numeric, bonus numeric, total numeric,
             reference text, description text, types smallint[], document text, name text, created_by text, body jsonb)
"""


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "channel": order.channel,
        "external_id": order.external_id,
        "friendly_code": order.friendly_code,
        "seller_id": order.seller_id,
        "status": order.status,
        "is_delivery": order.is_delivery,
        "is_short": order.is_short,
        "create_us": order.create_us,
        "last_update_us": order.last_update_us,
        "expires_us": order.expires_us,
        "sub_total": order.sub_total_amount,
        "discount": order.discount_amount,
        "freight": order.freight_amount,
        "fee": order.fee_amount,
        "bonus": order.bonus_amount,
        "total": order.total_amount,
        "reference": order.body.freight.reference,
        "description": order.body.freight.description,
        "types": _types(order),
        "document": order.body.buyer.document,
        "name": order.body.buyer.full_name,
        "created_by": order.created_by,
        "body": order.body,
    }


def _item_row(order_id: OrderId, item: Item) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "line": item.line,
        "sku_id": item.sku_id,
        "sku_code": item.sku_code,
        "product_code": item.product_code,
        "quantity": item.quantity,
        "unit_price": item.unit_price,
        "discount_price": item.discount_price,
        "is_gift": item.is_gift,
        "reserved": item.reserved,
        "consumed": item.consumed,
        "body": item.body,
    }


def _payment_row(order_id: OrderId, payment: Payment) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "line": payment.line,
        "type": payment.type,
        "status": payment.status,
        "amount": payment.amount,
        "body": payment.body,
    }


def _types(order: Order) -> list[int]:
    """The payments' types, once each."""
    return sorted({payment.type for payment in order.payments})
