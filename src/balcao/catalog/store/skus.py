"""The SKUs' SQL."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.values import ProductId, SkuId, Tenant
from balcao.catalog.rules.model import Sku, SkuBody

_body = msgspec.json.Decoder(SkuBody).decode
_PLAIN = tuple(name for name in Sku.__struct_fields__ if name != "body")
_COLUMNS = """
    s.sku_id, s.product_id, s.code, s.name, s.barcode, s.aux_code, s.is_active, s.is_deleted, s.min_stock,
    s.created_us, s.last_update_us, s.body::text AS body
"""
_SENT = ("sku_id", "product_id", "code", "name", "barcode", "aux_code", "is_active", "min_stock", "body")
_UNNEST = """
    unnest($2::text::uuid[], $3::text::uuid[], $4::text::text[], $5::text::text[], $6::text::text[], $7::text::text[],
           $8::text::boolean[], $9::text::bigint[], $10::text::text[])
"""


class SkuPlace(NamedTuple):
    """Which SKU has a code, and whose it is."""

    sku_id: SkuId
    product_id: ProductId


async def find_places(tx: Tx, tenant: Tenant, codes: Sequence[str]) -> dict[str, SkuPlace]:
    """The SKUs with these codes, deleted ones too: a code is never given to another."""
    rows = await tx.fetch(
        "SELECT code, sku_id, product_id FROM sku WHERE tenant = $1 AND code = ANY($2::text[])", tenant, codes
    )
    return {code: SkuPlace(sku_id, product_id) for code, sku_id, product_id in rows}


async def find_skus(tx: Tx, tenant: Tenant, *, codes: Sequence[str] = (), ids: Sequence[UUID] = ()) -> list[Sku]:
    """The SKUs with any of these codes or ids, deleted ones too, by the unique keys."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM sku s"  # noqa: S608
        " WHERE s.tenant = $1 AND (s.code = ANY($2::text[]) OR s.sku_id = ANY($3::uuid[]))",
        tenant,
        codes,
        ids,
    )
    return [_as_sku(row) for row in rows]


async def find_of_products(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[Sku]:
    """The SKUs of these products that are not deleted, by code."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM sku s"  # noqa: S608
        " WHERE s.tenant = $1 AND s.product_id = ANY($2::uuid[]) AND NOT s.is_deleted ORDER BY s.code",
        tenant,
        product_ids,
    )
    return [_as_sku(row) for row in rows]


def _as_sku(row: Record) -> Sku:
    return Sku(body=_body(row["body"]), **{name: row[name] for name in _PLAIN})


async def find_changed(tx: Tx, tenant: Tenant, skus: Sequence[Sku]) -> set[SkuId]:
    """Which of these are not in the table exactly so."""
    if not skus:
        return set()
    rows = await tx.fetch(
        f"""
        SELECT n.sku_id
          FROM {_UNNEST} AS n (sku_id, product_id, code, name, barcode, aux_code, is_active, min_stock, body)
          LEFT JOIN sku s ON s.tenant = $1 AND s.sku_id = n.sku_id
         WHERE (s.product_id, s.name, s.barcode, s.aux_code, s.is_active, s.is_deleted, s.min_stock, s.body)
               IS DISTINCT FROM (n.product_id, n.name, n.barcode, n.aux_code, n.is_active, false, n.min_stock,
                                 n.body::jsonb)
        """,  # noqa: S608
        tenant,
        *columns_of(skus, _SENT),
    )
    return {row["sku_id"] for row in rows}


async def save_skus(tx: Tx, tenant: Tenant, skus: Sequence[Sku], ticks: Ticks, first_row: int) -> None:
    """Insert or replace (a deleted one lives again); the nth carries the instant of the ticks' row `first_row + n`."""
    if skus:
        await tx.execute(_SAVE, tenant, *columns_of(skus, _SENT), [ticks.at(first_row + n) for n in range(len(skus))])


_SAVE = """
    INSERT INTO sku (tenant, sku_id, product_id, code, name, barcode, aux_code, is_active, is_deleted, min_stock, body,
                     created_us, last_update_us)
    SELECT $1, n.sku_id, n.product_id, n.code, n.name, n.barcode, n.aux_code, n.is_active, false, n.min_stock,
           n.body::jsonb, n.at_us, n.at_us
      FROM unnest($2::text::uuid[], $3::text::uuid[], $4::text::text[], $5::text::text[], $6::text::text[],
                  $7::text::text[], $8::text::boolean[], $9::text::bigint[], $10::text::text[], $11::bigint[])
           AS n (sku_id, product_id, code, name, barcode, aux_code, is_active, min_stock, body, at_us)
    ON CONFLICT (tenant, sku_id) DO UPDATE
       SET product_id = excluded.product_id, name = excluded.name, barcode = excluded.barcode,
           aux_code = excluded.aux_code, is_active = excluded.is_active, is_deleted = false,
           min_stock = excluded.min_stock, body = excluded.body, last_update_us = excluded.last_update_us
"""
