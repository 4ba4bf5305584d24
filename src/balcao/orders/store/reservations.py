"""What orders hold and held of a stock level."""

from collections.abc import Sequence

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.stock.rules.model import StockKey


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """That an order was placed, by whom and when, and what it holds of a level now."""

    order_id: OrderId
    actor: str
    at_us: Micros
    reserved: int


async def find_placings(tx: Tx, tenant: Tenant, key: StockKey, ids: Sequence[OrderId]) -> list[Placing]:
    """The orders of this store that hold something of the SKU (order_item_holding), and these ones, wherever they are.

    One that went to another store holds nothing here any more.
    """
    rows = await tx.fetch(
        """
        SELECT o.order_id, o.created_by AS actor,
               sum(CASE WHEN o.seller_id = $2 THEN i.reserved ELSE 0 END)::bigint AS reserved,
               (SELECT t.created_us FROM order_step t WHERE t.tenant = $1 AND t.order_id = o.order_id
                 ORDER BY t.seq, t.number LIMIT 1) AS at_us
          FROM (SELECT order_id FROM order_item WHERE tenant = $1 AND sku_id = $3 AND reserved > 0
                 UNION SELECT unnest($4::uuid[])) AS known
          JOIN orders o ON o.tenant = $1 AND o.order_id = known.order_id
           AND (o.seller_id = $2 OR o.order_id = ANY ($4::uuid[]))
          JOIN order_item i ON i.tenant = $1 AND i.order_id = o.order_id AND i.sku_id = $3
         GROUP BY o.order_id, o.created_by
        """,
        tenant,
        *key,
        ids,
    )
    return [Placing(**dict(row)) for row in rows]
