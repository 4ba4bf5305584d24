"""Writing new orders, set-based: to go with the tick in one round trip (`base.clock.ticking`)."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from balcao.base.columns import array, columns_of, json_array, numbers, unnest
from balcao.base.statements import Statement
from balcao.base.values import Tenant
from balcao.orders.rules.model import Order
from balcao.orders.store.codes import FRIENDLY_CODE
from balcao.orders.store.save import types_of

_ORDER: Final = {
    "order_id": "uuid",
    "channel": "text",
    "external_id": "text",
    "seller_id": "uuid",
    "status": "smallint",
    "is_delivery": "boolean",
    "is_short": "boolean",
    "expires_us": "bigint",
    "sub_total_amount": "numeric",
    "discount_amount": "numeric",
    "freight_amount": "numeric",
    "fee_amount": "numeric",
    "bonus_amount": "numeric",
    "total_amount": "numeric",
    "created_by": "text",
}
_BODY: Final = {
    "freight.reference": "freight_reference",
    "freight.description": "freight_description",
    "buyer.document": "buyer_document",
    "buyer.full_name": "buyer_name",
}
_MADE: Final = {"row": "bigint", "created_us": "bigint", "types": "text", "body": "jsonb"}
_ITEM: Final = {
    "line": "smallint",
    "sku_id": "uuid",
    "sku_code": "text",
    "product_code": "text",
    "quantity": "bigint",
    "unit_price": "numeric",
    "discount_price": "numeric",
    "is_gift": "boolean",
    "reserved": "bigint",
    "consumed": "bigint",
}
_PAYMENT: Final = {"line": "smallint", "type": "smallint", "status": "smallint", "amount": "numeric"}
_OF_ORDER: Final = {"order_id": "uuid", "body": "jsonb"}


def insert_lines(tenant: Tenant, orders: Sequence[Order]) -> Statement[None]:
    """Write the items and payments of new orders, which need nothing of the clock."""
    items = [*chain.from_iterable(order.items for order in orders)]
    payments = [*chain.from_iterable(order.payments for order in orders)]
    return Statement(
        "",
        (
            tenant,
            *columns_of(items, tuple(_ITEM)),
            array([order.order_id for order in orders for _ in order.items]),
            json_array(item.body for item in items),
            *columns_of(payments, tuple(_PAYMENT)),
            array([order.order_id for order in orders for _ in order.payments]),
            json_array(payment.body for payment in payments),
        ),
        beside=_LINES,
    )


def insert_orders(tenant: Tenant, orders: Sequence[Order]) -> Statement[None]:
    """Write new orders, to go with the tick.

    The nth has the friendly code of the clock's nth number and its nth instant; one without a time of creation was
    created then.
    """
    bodies = [order.body for order in orders]
    return Statement(
        _INSERT_ORDERS,
        (
            tenant,
            *columns_of(orders, tuple(_ORDER)),
            *columns_of(bodies, tuple(_BODY)),
            numbers(range(len(orders))),
            numbers(order.create_us or None for order in orders),
            # As text, since PostgreSQL has no arrays of arrays of different lengths.
            array([",".join(str(int(kind)) for kind in types_of(order)) for order in orders]),
            json_array(bodies),
        ),
    )


ITEMS, PAYMENTS = "new_item", "new_payment"
"""The names of `insert_lines`' statements, for what comes after them."""
_LINES: Final = tuple(
    (
        name,
        f"""
        INSERT INTO {table} (tenant, {", ".join(columns)})
        SELECT $1, n.* FROM {unnest(first, columns)}
        RETURNING true
        """,  # noqa: S608
    )
    for name, table, columns, first in (
        (ITEMS, "order_item", _ITEM | _OF_ORDER, 2),
        (PAYMENTS, "order_payment", _PAYMENT | _OF_ORDER, 2 + len(_ITEM | _OF_ORDER)),
    )
)
_AS_THEY_ARE: Final = ", ".join((*_ORDER, *_BODY.values(), "body"))
_INSERT_ORDERS: Final = f"""
    INSERT INTO orders (tenant, {_AS_THEY_ARE}, friendly_code, create_us, last_update_us, payment_types)
    SELECT $1, {_AS_THEY_ARE}, {FRIENDLY_CODE.format("n.row")}, coalesce(n.created_us, clock.at_us + n.row),
           clock.at_us + n.row, string_to_array(n.types, ',')::smallint[]
      FROM clock, {unnest(2, _ORDER | dict.fromkeys(_BODY.values(), "text") | _MADE)}
"""  # noqa: S608
ALSO_THE_CODE: Final = f"jsonb_build_object('friendlyCode', {FRIENDLY_CODE.format('n.number')})"
"""What only the tick tells of a placed order, for `events.append.appending`: the nth event is the nth order's."""
