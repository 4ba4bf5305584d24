"""Fill a shop's shelves: products of one SKU with weight and sides, each lying in some of the stores."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from balcao.base.values import SellerId, Tenant

_PRODUCTS: Final = """
    INSERT INTO product (tenant, product_id, code, name, is_active, body, created_us, last_update_us,
                         weight_kg, height_cm, length_cm, width_cm)
    SELECT $1, md5($1 || 'p' || k)::uuid, 'Q' || lpad(k::text, 6, '0'), 'Produto ' || k, true, '{}', $2 + k, $2 + k,
           round((0.1 + hashint8(k) % 40 * 0.05 + 2)::numeric, 3), 5 + k % 10, 20 + k % 20, 15 + k % 12
      FROM generate_series(1, $3::bigint) AS k
"""
_SKUS: Final = """
    INSERT INTO sku (tenant, sku_id, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT $1, md5($1 || 's' || k)::uuid, md5($1 || 'p' || k)::uuid, 'Q' || lpad(k::text, 6, '0'), 'Produto ' || k,
           true, '{}', $2 + k, $2 + k
      FROM generate_series(1, $3::bigint) AS k
"""
# Store after store, as their feeds come: what a SKU has in thirty stores lies in thirty places.
_STOCK: Final = """
    INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
    SELECT $1, n.seller_id, md5($1 || 's' || k)::uuid, 3 + k % 50, 0, $2 + k
      FROM unnest($4::uuid[]) WITH ORDINALITY AS n (seller_id, store), generate_series(1, $3::bigint) AS k
     WHERE CASE WHEN k % 2 = 0 AND n.store % 30 = 0 THEN true
                ELSE (hashint8(k * 1000 + n.store) & 65535) < CASE k % 2 WHEN 0 THEN 4520 ELSE 6554 END END
     ORDER BY n.store, k
"""


async def fill_shelves(
    connection: "asyncpg.Connection[Any]", tenant: Tenant, sellers: Sequence[SellerId], *, skus: int, now: int
) -> int:
    """SKUs `Q000001` and so on, each in about a tenth of the stores; how many shelves that makes.

    Those with even numbers are besides in every thirtieth store, which therefore can send any cart of them whole.
    """
    async with connection.transaction():
        await connection.execute(_PRODUCTS, tenant, now, skus)
        await connection.execute(_SKUS, tenant, now, skus)
        await connection.execute(_STOCK, tenant, now, skus, sellers)
        return int(await connection.fetchval("SELECT count(*) FROM stock WHERE tenant = $1", tenant))
