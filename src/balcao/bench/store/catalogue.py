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


def _id(kind: str) -> str:
    """The nth id of a kind, in the order of time as ours are: neighbours in a table are neighbours in its keys."""
    chance = f"md5($1 || '{kind}' || k)"
    return f"(lpad(to_hex(1752000000000 + k), 12, '0') || '7' || left({chance}, 3) || '8' || right({chance}, 15))::uuid"


_PRODUCTS: Final = f"""
    INSERT INTO product (tenant, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT $1, {_id("p")}, 'F' || k, 'Produto ' || k, true, '{{}}', $2 + k, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""  # noqa: S608
_SKUS: Final = f"""
    INSERT INTO sku (tenant, sku_id, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT $1, {_id("s")}, {_id("p")}, 'F' || k, 'Produto ' || k, true, '{{}}',
           $2 + k, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""  # noqa: S608
_STOCK: Final = f"""
    INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
    SELECT $1, $5, {_id("s")}, least(10 * (k % 4), 10), 0, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k
"""  # noqa: S608
_PRICES: Final = f"""
    INSERT INTO price (tenant, product_id, seller_id, price, last_update_us)
    SELECT $1, {_id("p")}, $5, 19.9, $2 + k
      FROM generate_series($3::bigint, $4::bigint) AS k WHERE k % 3 > 0
"""  # noqa: S608


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
