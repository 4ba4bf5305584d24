"""The stores' SQL."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.sellers.rules import Seller, SellerBody

_SELECT = """
    SELECT seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled, delivery_enabled, handling_days,
           safety_stock, priority, created_us, last_update_us, body::text AS body
      FROM seller
"""
_body = msgspec.json.Decoder(SellerBody)


def as_seller(row: Record) -> Seller:
    """One row of `_SELECT` as a store."""
    return Seller(**{**dict(row), "body": _body.decode(row["body"])})


async def find_sellers(
    tx: Tx, tenant: Tenant, *, cnpjs: Sequence[str], point_sale_ids: Sequence[str], ids: Sequence[UUID]
) -> list[Seller]:
    """The stores with any of these CNPJs, point of sale ids or ids, each once."""
    rows = await tx.fetch(
        # The primary key and the two unique keys, by BitmapOr.
        _SELECT
        + """
         WHERE tenant = $1
           AND (cnpj = ANY($2::text[]) OR point_sale_id = ANY($3::text[]) OR seller_id = ANY($4::uuid[]))
        """,
        tenant,
        cnpjs,
        point_sale_ids,
        ids,
    )
    return [as_seller(row) for row in rows]


async def list_active_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every active store, by priority and then name."""
    rows = await tx.fetch(_SELECT + " WHERE tenant = $1 AND is_active ORDER BY priority, name, seller_id", tenant)
    return [as_seller(row) for row in rows]
