"""What must always hold in a shop, whatever was done in it."""

from decimal import Decimal
from typing import Any

from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.status import Status
from tests.verbs.shop import Shop, dump, items, receipt


async def check(shop: Shop, *only: str) -> None:
    """Stock, invoices and statuses agree, the log has no gap, every change has its own instant; or only those named."""
    async with shop.db.read() as tx:
        for law in only or INVARIANTS:
            broken = [dict(row) for row in await tx.fetch(INVARIANTS[law], shop.tenant)]
            assert broken == [], (law, broken)
        levels = await tx.fetch(ON_HAND, shop.tenant)
    # What was counted is still there, or was consumed by orders.
    assert {(row["seller_id"], row["sku_id"]): row["counted"] for row in levels} == {
        (row["seller_id"], row["sku_id"]): shop.counted.get((row["seller_id"], row["sku_id"]), 0) for row in levels
    }


async def refuses_alone(shop: Shop, bad: NewOrder) -> Any:
    """What becomes of a bad order; alone it leaves nothing behind, among good ones it fails alone."""
    before = await dump(shop.db)
    (outcome,) = await shop.place(bad)
    assert await dump(shop.db) == before
    exact = {"items": items(s4=1), "payments": (NewPayment(type=PaymentType.PIX, amount=Decimal("11.1")),)}
    first, again, last = await shop.place(shop.new(**exact), bad, shop.new(**exact))
    assert (type(again), str(again), getattr(again, "facts", None)) == (type(outcome), str(outcome), outcome.facts)
    assert receipt(first).status is receipt(last).status is Status.PENDING
    await check(shop)
    return outcome


ON_HAND = """
    SELECT k.seller_id, k.sku_id, k.on_hand + coalesce(sum(i.consumed), 0)::bigint AS counted
      FROM stock k LEFT JOIN (orders o JOIN order_item i USING (tenant, order_id))
           ON o.tenant = k.tenant AND o.seller_id = k.seller_id AND i.sku_id = k.sku_id
     WHERE k.tenant = $1 GROUP BY k.seller_id, k.sku_id, k.on_hand
"""
INVARIANTS = {
    "what the stock reserves is what the orders' lines hold": """
        SELECT seller_id, sku_id, k.reserved, h.reserved AS held
          FROM (SELECT * FROM stock WHERE tenant = $1) k
          FULL JOIN (SELECT o.seller_id, i.sku_id, sum(i.reserved) AS reserved
                       FROM order_item i JOIN orders o USING (tenant, order_id)
                      WHERE tenant = $1 GROUP BY 1, 2) h USING (seller_id, sku_id)
         WHERE coalesce(k.reserved, 0) <> coalesce(h.reserved, 0)""",
    "a line never holds and loses more than its quantity": """
        SELECT * FROM order_item WHERE tenant = $1 AND reserved + consumed > quantity""",
    "a closed order holds nothing, a cancelled one has given everything back": """
        SELECT o.order_id, o.status, i.reserved, i.consumed FROM orders o JOIN order_item i USING (tenant, order_id)
         WHERE tenant = $1 AND ((o.status IN (9, 10, 11, 12, 21) AND i.reserved > 0)
                             OR (o.status IN (10, 11, 12, 21) AND i.consumed > 0))""",
    "the last step of an order is its status": """
        SELECT o.order_id, o.status, s.status AS step FROM orders o,
               LATERAL (SELECT status FROM order_step t WHERE t.tenant = o.tenant AND t.order_id = o.order_id
                         ORDER BY seq DESC, number DESC LIMIT 1) s
         WHERE o.tenant = $1 AND o.status <> s.status""",
    "only a request remembers where it came from": """
        SELECT order_id, status, resume_status FROM orders
         WHERE tenant = $1 AND (status IN (13, 17)) <> (resume_status IS NOT NULL)""",
    "no order rests in an answer": """
        SELECT order_id, status FROM orders WHERE tenant = $1 AND status IN (16, 18, 19)""",
    "only an unpaid order expires": """
        SELECT order_id, status FROM orders
         WHERE tenant = $1 AND expires_us IS NOT NULL AND coalesce(resume_status, status) NOT IN (0, 1, 14, 15)""",
    "an order in 20 was invoiced": """
        SELECT o.order_id FROM orders o JOIN channel c USING (tenant, channel)
         WHERE tenant = $1 AND status = 20 AND NOT c.ship_without_invoice
           AND NOT EXISTS (SELECT FROM order_invoice n WHERE n.tenant = o.tenant AND n.order_id = o.order_id)""",
    "invoices come to no more than the order": """
        SELECT o.order_id, o.total_amount, sum(n.total_amount)
          FROM orders o JOIN order_invoice n USING (tenant, order_id)
         WHERE tenant = $1 GROUP BY 1, 2 HAVING sum(n.total_amount) > o.total_amount""",
    "an access key belongs to the order that has its invoice": """
        SELECT k.access_key, k.order_id, n.order_id FROM (SELECT * FROM invoice_key WHERE tenant = $1) k
          FULL JOIN (SELECT * FROM order_invoice WHERE tenant = $1) n USING (access_key, order_id)
         WHERE k.order_id IS NULL OR n.order_id IS NULL""",
    "an external id belongs to its order": """
        SELECT k.external_id, k.order_id FROM (SELECT * FROM order_key WHERE tenant = $1) k
          FULL JOIN (SELECT * FROM orders WHERE tenant = $1) o USING (order_id, external_id, channel)
         WHERE k.tenant IS NULL OR o.tenant IS NULL""",
    "the log has no gap and ends at the clock": """
        SELECT c.seq, e.* FROM tenant_clock c,
               LATERAL (SELECT count(*), min(seq), max(seq) FROM event e WHERE e.tenant = c.tenant) e
         WHERE c.tenant = $1 AND (e.count <> c.seq OR e.min <> 1 OR e.max <> c.seq)""",
    "events' instants rise with their numbers": """
        SELECT seq, at_us, lag FROM (SELECT seq, at_us, lag(at_us) OVER (ORDER BY seq) FROM event WHERE tenant = $1) e
         WHERE at_us <= lag""",
    "no two rows have one instant, none is ahead of the clock": """
        SELECT r.at_us, count(*) FROM tenant_clock c JOIN (
               SELECT tenant, last_update_us AS at_us FROM orders UNION ALL SELECT tenant, last_update_us FROM stock)
               r USING (tenant)
         WHERE tenant = $1 GROUP BY 1 HAVING count(*) > 1 OR r.at_us > max(c.at_us)""",
    "an order's newest event is its last update": """
        SELECT o.order_id, o.last_update_us, e.at_us
          FROM orders o LEFT JOIN (SELECT subject, max(at_us) AS at_us FROM event WHERE tenant = $1 GROUP BY subject) e
               ON e.subject = o.order_id::text
         WHERE o.tenant = $1 AND o.last_update_us IS DISTINCT FROM e.at_us""",
}
