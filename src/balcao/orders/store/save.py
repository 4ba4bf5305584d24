"""Writing what changes on orders, set-based.

Each statement goes with the tick in one round trip and counts on from its `clock` (`base.clock.ticking`): so nothing is
made ready while the tenant's clock is held.
"""

from collections.abc import Sequence

from balcao.base.statements import Statement
from balcao.base.values import OrderId, Tenant
from balcao.orders.rules.model import Invoice, Item, Label, Order, Payment


def update_orders(tenant: Tenant, changed: Sequence[tuple[Order, int]]) -> Statement[None]:
    """Write what may change on an order's own row, with the instant of its nth change."""
    orders = [order for order, _ in changed]
    return Statement(
        """
        UPDATE orders o SET status = n.status, resume_status = n.resume_status, seller_order_id = n.seller_order_id,
            last_update_us = clock.at_us + n.row, expires_us = n.expires_us,
            payment_types = string_to_array(n.types, ',')::smallint[], invoice_key = n.invoice_key,
            tracking_code = n.tracking_code, body = n.body, seller_id = n.seller_id
        FROM clock, unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[],
            $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::uuid[])
            AS n(order_id, status, resume_status, seller_order_id, row, expires_us, types, invoice_key,
                 tracking_code, body, seller_id)
        WHERE o.tenant = $1 AND o.order_id = n.order_id
        """,
        (
            tenant,
            [order.order_id for order in orders],
            [order.status for order in orders],
            [order.resume_status for order in orders],
            [order.seller_order_id for order in orders],
            [n for _, n in changed],
            [order.expires_us for order in orders],
            # As text, since PostgreSQL has no arrays of arrays of different lengths.
            [",".join(str(int(kind)) for kind in types_of(order)) for order in orders],
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


def insert_invoices(tenant: Tenant, invoices: Sequence[tuple[OrderId, Invoice, int]]) -> Statement[None]:
    """Write new invoices, each with the instant of its nth change; their access keys have been claimed."""
    return Statement(
        """
        INSERT INTO order_invoice (tenant, order_id, access_key, number, serie, total_amount, issued_us, body,
            created_us)
        SELECT $1, n.order_id, n.access_key, n.number, n.serie, n.total, n.issued_us, n.body, clock.at_us + n.row
          FROM clock, unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::bigint[], $8::jsonb[],
               $9::bigint[]) AS n(order_id, access_key, number, serie, total, issued_us, body, row)
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
            [n for _, _, n in invoices],
        ),
    )


def insert_labels(tenant: Tenant, labels: Sequence[tuple[OrderId, Label, int]]) -> Statement[None]:
    """Write new labels, each with the instant of its nth change; their files are stored already."""
    return Statement(
        """
        INSERT INTO order_label (tenant, order_id, number, file_name, content_type, path, created_us)
        SELECT $1, n.order_id, n.number, n.file_name, n.content_type, n.path, clock.at_us + n.row
          FROM clock, unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[])
               AS n(order_id, number, file_name, content_type, path, row)
        """,
        (
            tenant,
            [order_id for order_id, _, _ in labels],
            [label.number for _, label, _ in labels],
            [label.file_name for _, label, _ in labels],
            [label.content_type for _, label, _ in labels],
            [label.path for _, label, _ in labels],
            [n for _, _, n in labels],
        ),
    )


def types_of(order: Order) -> list[int]:
    """The payments' types, once each."""
    return sorted({payment.type for payment in order.payments})
