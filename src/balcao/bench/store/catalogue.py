"""Fill the database with products of one SKU and one level of stock each: tens of thousands in a statement a table.

Every fourth is sold out, every third has no price.
"""

from typing import Any, Final

import asyncpg

from balcao.base.values import SellerId, Tenant
from balcao.catalog.rules.model import EVERY_SELLER

_TICK: Final = """
    UPDATE tenant_clock SET at_us = greatest($3, at_us) + $2 WHERE tenant = $1 RETURNING at_us
"""
_PRODUCTS: Final = """
    INSERT INTO product (tenant, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT $1, md5($1 || 'p' || k)::uuid, 'F' || k, 'Produto ' || k, true, '{}', $2 + k, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""
_SKUS: Final = """
    INSERT INTO sku (tenant, sku_id, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT $1, md5($1 || 's' || k)::uuid, md5($1 || 'p' || k)::uuid, 'F' || k, 'Produto ' || k, true, '{}',
           $2 + k, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""
_STOCK: Final = """
    INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
    SELECT $1, $5, md5($1 || 's' || k)::uuid, least(10 * (k % 4), 10), 0, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""
_PRICES: Final = """
    INSERT INTO price (tenant, product_id, seller_id, price, last_update_us)
    SELECT $1, md5($1 || 'p' || k)::uuid, $5, 19.9, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k WHERE k % 3 > 0
"""


async def fill_catalogue(
    connection: "asyncpg.Connection[Any]", tenant: Tenant, seller_id: SellerId, *, first: int, count: int, now: int
) -> None:
    """Write so many products, numbered from `first`, in one transaction; each row has an instant of its own."""
    async with connection.transaction():
        at_us = await connection.fetchval(_TICK, tenant, 4 * count, now)
        base = at_us - 4 * count - first + 1
        numbers = (first, first + count - 1)
        await connection.execute(_PRODUCTS, tenant, base, *numbers)
        await connection.execute(_SKUS, tenant, base + count, *numbers)
        await connection.execute(_STOCK, tenant, base + 2 * count, *numbers, seller_id)
        await connection.execute(_PRICES, tenant, base + 3 * count, *numbers, EVERY_SELLER)
