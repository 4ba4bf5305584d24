"""What was picked of orders, and units held on display."""

from collections.abc import Iterable, Sequence

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, SellerId, SkuId, Tenant
from balcao.orders.rules.picking import Pick, RejectReason


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a SKU that a store keeps on display; order_id: whose picking told of it."""

    sku_id: SkuId
    seller_id: SellerId
    order_id: OrderId
    quantity: int
    actor: str
    at_us: Micros


async def find_picks(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, list[Pick]]:
    """What has become of the orders' lines so far, by order, line after line."""
    rows = await tx.fetch(
        """
        SELECT order_id, line, picked, rejected, reason FROM order_pick
         WHERE tenant = $1 AND order_id = ANY($2::uuid[])
         ORDER BY order_id, line
        """,
        tenant,
        list(ids),
    )
    found: dict[OrderId, list[Pick]] = {}
    for row in rows:
        reason = RejectReason(row["reason"]) if row["reason"] else None
        found.setdefault(OrderId(row["order_id"]), []).append(Pick(row["line"], row["picked"], row["rejected"], reason))
    return found


async def put_picks(tx: Tx, tenant: Tenant, picks: Iterable[tuple[OrderId, Pick]]) -> None:
    """Write what has become of lines; their orders are locked. Of several for a line the last one counts."""
    last = {(order_id, pick.line): pick for order_id, pick in picks}
    if not last:
        return
    await tx.execute(
        """
        INSERT INTO order_pick (tenant, order_id, line, picked, rejected, reason)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::text[]) AS n
        ON CONFLICT (tenant, order_id, line)
        DO UPDATE SET picked = excluded.picked, rejected = excluded.rejected, reason = excluded.reason
        """,
        tenant,
        [order_id for order_id, _ in last],
        [pick.line for pick in last.values()],
        [pick.picked for pick in last.values()],
        [pick.rejected for pick in last.values()],
        [pick.reason for pick in last.values()],
    )


async def delete_picks(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> None:
    """Another store begins anew."""
    await tx.execute("DELETE FROM order_pick WHERE tenant = $1 AND order_id = ANY($2::uuid[])", tenant, list(ids))


async def add_holds(tx: Tx, tenant: Tenant, holds: Sequence[Hold]) -> None:
    """Hold units more; the levels are moved by the caller."""
    if not holds:
        return
    await tx.execute(
        """
        INSERT INTO stock_hold AS h (tenant, sku_id, seller_id, order_id, quantity, actor, at_us)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bigint[]) AS n
        ON CONFLICT (tenant, sku_id, seller_id, order_id)
        DO UPDATE SET quantity = h.quantity + excluded.quantity, actor = excluded.actor, at_us = excluded.at_us
        """,
        tenant,
        [hold.sku_id for hold in holds],
        [hold.seller_id for hold in holds],
        [hold.order_id for hold in holds],
        [hold.quantity for hold in holds],
        [hold.actor for hold in holds],
        [hold.at_us for hold in holds],
    )


async def list_holds(tx: Tx, tenant: Tenant, seller_cnpj: str | None, limit: int) -> list[dict[str, object]]:
    """What is held on display, newest first, of one store or of all, with the SKU's code and name."""
    rows = await tx.fetch(
        """
        SELECT h.sku_id, h.seller_id, h.order_id, h.quantity, h.actor, h.at_us, k.code AS sku_code, k.name AS sku_name,
               s.name AS seller_name
          FROM stock_hold h
          JOIN sku k ON k.tenant = h.tenant AND k.sku_id = h.sku_id
          JOIN seller s ON s.tenant = h.tenant AND s.seller_id = h.seller_id
         WHERE h.tenant = $1 AND ($2::text IS NULL OR s.cnpj = $2)
         ORDER BY h.at_us DESC LIMIT $3
        """,
        tenant,
        seller_cnpj,
        limit,
    )
    return [dict(row) for row in rows]


async def delete_hold(tx: Tx, tenant: Tenant, sku_id: SkuId, order_id: OrderId, seller_cnpj: str | None) -> Hold | None:
    """End a hold and give what it was; None where there is none that the caller may see."""
    row = await tx.fetchrow(
        """
        DELETE FROM stock_hold h USING seller s
         WHERE h.tenant = $1 AND h.sku_id = $2 AND h.order_id = $3
           AND s.tenant = h.tenant AND s.seller_id = h.seller_id AND ($4::text IS NULL OR s.cnpj = $4)
        RETURNING h.sku_id, h.seller_id, h.order_id, h.quantity, h.actor, h.at_us
        """,
        tenant,
        sku_id,
        order_id,
        seller_cnpj,
    )
    return Hold(**dict(row)) if row is not None else None
