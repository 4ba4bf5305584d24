"""The SKUs' SQL."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.plans import look_up_again, read_side_by_side
from balcao.base.values import ProductId, SkuId, Tenant
from balcao.catalog.rules.model import Sku, SkuBody

_body = msgspec.json.Decoder(SkuBody).decode
_PLAIN = tuple(name for name in Sku.__struct_fields__ if name != "body")
_COLUMNS = """
    s.sku_id, s.product_id, s.code, s.name, s.barcode, s.aux_code, s.is_active, s.is_deleted, s.min_stock,
    s.created_us, s.last_update_us, s.body::text AS body
"""
_SENT = ("sku_id", "product_id", "code", "name", "barcode", "aux_code", "is_active", "min_stock", "body")


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


async def find_differing(tx: Tx, tenant: Tenant, skus: Sequence[Sku]) -> dict[int, SkuPlace | None]:
    """Which of these (from 0, in order) are not in the table exactly so, whatever their ids; and where those are that
    have their codes, deleted ones too: a code is never given to another. By the index of codes.
    """
    if not skus:
        return {}
    await read_side_by_side(tx)
    rows = await tx.fetch(
        """
        SELECT n.place, s.sku_id, s.product_id
          FROM unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[],
                      $7::text::boolean[], $8::text::bigint[], $9::text::text[])
               WITH ORDINALITY AS n (product_id, code, name, barcode, aux_code, is_active, min_stock, body, place)
          LEFT JOIN (SELECT * FROM sku WHERE tenant = $1 AND code = ANY($10::text[]) OFFSET 0) s ON s.code = n.code
         WHERE (s.product_id, s.name, s.barcode, s.aux_code, s.is_active, s.is_deleted, s.min_stock, s.body)
               IS DISTINCT FROM (n.product_id, n.name, n.barcode, n.aux_code, n.is_active, false, n.min_stock,
                                 n.body::jsonb)
         ORDER BY n.place
        """,
        tenant,
        *columns_of(skus, _SENT[1:]),
        [sku.code for sku in skus],  # an array that the planner knows: any other is gone through for each row
    )
    await look_up_again(tx)
    return {place - 1: None if sku_id is None else SkuPlace(sku_id, product_id) for place, sku_id, product_id in rows}


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
