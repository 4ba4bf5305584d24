"""The SQL of quotes: one statement, whatever the carts, and however many are asked for at once."""

import struct
from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.freight.rules.model import AskFacts, Facts, SkuFact


async def find_facts(tx: Tx, tenant: Tenant, asks: Sequence[AskFacts]) -> list[Facts]:
    """For each cart its SKUs with every store's units that are not reserved, and how new everything else is.

    By seller_by_last_update and the keys of SKU, product and stock: what shelves hold is read off the latter alone.
    """
    shelved = {sku for ask in asks if ask.with_stock for sku in ask.skus}
    rows = await tx.fetch(
        # Weights and sides come as whole milligrams and micrometres: a fraction is rounded up. Stores and units come as
        # bytes one after the other: as arrays, the driver would take longer to make objects of them than all the rest.
        # The limit, which cuts off nothing, has the plan made once: as long as PostgreSQL expects ten SKUs where one
        # comes, it plans each question anew, which cost as much as answering it.
        """
        SELECT (SELECT f.version FROM freight_state f WHERE f.tenant = $1) AS version,
               (SELECT e.last_update_us FROM seller e
                 WHERE e.tenant = $1 ORDER BY e.last_update_us DESC LIMIT 1) AS sellers_us,
               (SELECT jsonb_object_agg(c.channel, c.stock_policy) FROM channel c
                 WHERE c.tenant = $1 AND c.channel = ANY($2::text[])) AS policies,
               NULL AS code, NULL AS is_sold, NULL AS is_deleted, NULL AS pickup_only, NULL AS weight_mg,
               NULL AS width_um, NULL AS length_um, NULL AS height_um, NULL AS sellers, NULL AS units
        UNION ALL
        SELECT NULL, NULL, NULL, s.code, s.is_active AND p.is_active, s.is_deleted OR p.is_deleted,
               coalesce((p.body->'pickup_only')::boolean, false), ceil(p.weight_kg * 1000000)::bigint,
               ceil(coalesce(p.width_cm, 0) * 10000)::bigint, ceil(coalesce(p.length_cm, 0) * 10000)::bigint,
               ceil(coalesce(p.height_cm, 0) * 10000)::bigint, held.sellers, held.units
          FROM (SELECT * FROM unnest($3::text[], $4::boolean[]) LIMIT cardinality($3::text[])) AS n (code, with_stock)
          JOIN sku s ON s.tenant = $1 AND s.code = n.code
          JOIN product p ON p.tenant = $1 AND p.product_id = s.product_id
          LEFT JOIN LATERAL (SELECT string_agg(uuid_send(k.seller_id), '') AS sellers,
                                    string_agg(int8send(k.on_hand - k.reserved), '') AS units
                               FROM stock k
                              WHERE k.tenant = $1 AND k.sku_id = s.sku_id AND k.on_hand > k.reserved) held
                 ON n.with_stock
        """,
        tenant,
        list({ask.platform for ask in asks}),
        skus := sorted({sku for ask in asks for sku in ask.skus}),
        [sku in shelved for sku in skus],
    )
    found = {}
    version, sellers_us, policies = None, None, None
    for row in rows:
        code, is_sold, is_deleted, pickup_only, weight, width, length, height, sellers, units = row[3:]
        if code is None:
            version, sellers_us, policies = row[:3]
        else:
            held = _unpack(sellers, units) if sellers else {}
            found[code] = SkuFact(is_sold, is_deleted, pickup_only, weight, (width, length, height), held)
    policies = policies or {}
    return [Facts(version, sellers_us or Micros(0), policies.get(ask.platform), found) for ask in asks]


def _unpack(sellers: bytes, units: bytes) -> dict[bytes, int]:
    count = len(units) // 8
    return dict(zip(struct.unpack("16s" * count, sellers), struct.unpack(f">{count}q", units), strict=True))
