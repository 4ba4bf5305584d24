"""What must hold in the database after orders were created under load."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import OrderId, Tenant

_BROKEN = """
    SELECT 'stock reserves what the orders'' lines hold' AS law, count(*) AS times
      FROM (SELECT seller_id, sku_id, reserved FROM stock WHERE tenant = $1) k
      FULL JOIN (SELECT o.seller_id, i.sku_id, sum(i.reserved) AS held
                   FROM order_item i JOIN orders o ON o.tenant = $1 AND o.order_id = i.order_id
                  WHERE i.tenant = $1 GROUP BY 1, 2) h USING (seller_id, sku_id)
     WHERE coalesce(k.reserved, 0) <> coalesce(h.held, 0)
    UNION ALL
    SELECT 'every order has one event of its creation', count(*)
      FROM (SELECT order_id::text AS subject FROM orders WHERE tenant = $1) o
      FULL JOIN (SELECT subject, count(*) AS times FROM event
                  WHERE tenant = $1 AND type = 'order.placed' GROUP BY 1) e USING (subject)
     WHERE e.times IS DISTINCT FROM 1 OR o.subject IS NULL
    UNION ALL
    SELECT 'events have no gap and end at the clock', count(*)
      FROM tenant_clock c, (SELECT count(*), min(seq), max(seq) FROM event WHERE tenant = $1) e
     WHERE c.tenant = $1 AND (e.count <> c.seq OR e.min <> 1 OR e.max <> c.seq)
    UNION ALL
    SELECT 'events'' instants rise with their numbers', count(*)
      FROM (SELECT at_us, lag(at_us) OVER (ORDER BY seq) AS before FROM event WHERE tenant = $1) e
     WHERE at_us <= before
    UNION ALL
    SELECT 'every order has its key, and every key its order', count(*)
      FROM (SELECT order_id, external_id, 1 AS here FROM order_key WHERE tenant = $1) k
      FULL JOIN (SELECT order_id, external_id, 1 AS here FROM orders WHERE tenant = $1) o USING (order_id, external_id)
     WHERE k.here IS NULL OR o.here IS NULL
    UNION ALL
    SELECT 'every order has its items', count(*) FROM orders o
     WHERE o.tenant = $1
       AND NOT EXISTS (SELECT FROM order_item i WHERE i.tenant = $1 AND i.order_id = o.order_id)
"""
"""Each part counts what breaks its law."""

_ANSWERED = """
    SELECT count(*) FROM unnest($2::text[], $3::text[]) AS told (external_id, order_id)
      FULL JOIN (SELECT external_id, order_id::text FROM orders WHERE tenant = $1 AND external_id LIKE $4 || '-%') o
            USING (external_id, order_id)
     WHERE told.external_id IS NULL OR o.external_id IS NULL
"""


async def broken_laws(tx: Tx, tenant: Tenant) -> dict[str, int]:
    """The laws that do not hold, each with how many times; all of them as of one moment."""
    return {row["law"]: row["times"] for row in await tx.fetch(_BROKEN, tenant) if row["times"]}


async def differing_answers(tx: Tx, tenant: Tenant, mark: str, told: Sequence[tuple[str, OrderId]]) -> int:
    """How many orders with external ids of this mark were answered and are not there, or are there and were not
    answered. told: external id and order id of every 201.
    """
    external_ids, order_ids = [each[0] for each in told], [str(each[1]) for each in told]
    count = await tx.fetchval(_ANSWERED, tenant, external_ids, order_ids, mark)
    return int(count)
