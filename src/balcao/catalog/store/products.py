"""The products' SQL, and that of the categories they are in."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.plans import look_up_again, read_side_by_side
from balcao.base.values import CategoryId, Micros, ProductId, SkuId, Tenant
from balcao.catalog.rules.drafts import ProductDraft
from balcao.catalog.rules.model import Product, ProductBody

Link = tuple[ProductId, CategoryId]

_body = msgspec.json.Decoder(ProductBody).decode
_PLAIN = tuple(name for name in Product.__struct_fields__ if name not in ("body", "row_digest"))
COLUMNS = """
    p.product_id, p.code, p.name, p.aux_code, p.reference_code, p.is_active, p.is_deleted, p.height_cm, p.length_cm,
    p.width_cm, p.weight_kg, p.created_us, p.last_update_us, p.body::text AS body
"""
_SENT = ("product_id", "code", "name", "aux_code", "reference_code", "is_active",
         "height_cm", "length_cm", "width_cm", "weight_kg", "body", "row_digest")  # fmt: skip


def as_product(row: Record) -> Product:
    """One row of `COLUMNS` as a product."""
    return Product(body=_body(row["body"]), **{name: row[name] for name in _PLAIN})


async def find_products(
    tx: Tx, tenant: Tenant, *, codes: Sequence[str] = (), ids: Sequence[UUID] = ()
) -> list[Product]:
    """The products with any of these codes or ids, deleted ones too."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM product p"  # noqa: S608
        " WHERE p.tenant = $1 AND (p.code = ANY($2::text[]) OR p.product_id = ANY($3::uuid[]))",
        tenant,
        codes,
        ids,
    )
    return [as_product(row) for row in rows]


class Known(NamedTuple):
    """A product that has a code, and whether it is in the table otherwise than asked for."""

    product_id: ProductId
    differs: bool


async def find_known(tx: Tx, tenant: Tenant, drafts: Sequence[ProductDraft]) -> dict[str, Known]:
    """The products with these codes, deleted ones too: a code is never given to another. By the index of codes."""
    await read_side_by_side(tx)
    rows = await tx.fetch(
        """
        SELECT n.code, p.product_id,
               (p.name, p.aux_code, p.reference_code, p.is_active, p.is_deleted,
                p.height_cm, p.length_cm, p.width_cm, p.weight_kg, p.body)
               IS DISTINCT FROM (n.name, n.aux_code, n.reference_code, n.is_active, false,
                                 n.height_cm, n.length_cm, n.width_cm, n.weight_kg, n.body::jsonb) AS differs
          FROM unnest($2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::boolean[],
                      $7::text::numeric[], $8::text::numeric[], $9::text::numeric[], $10::text::numeric[],
                      $11::text::text[])
               AS n (code, name, aux_code, reference_code, is_active, height_cm, length_cm, width_cm, weight_kg, body)
          JOIN (SELECT * FROM product WHERE tenant = $1 AND code = ANY($12::text[]) OFFSET 0) p ON p.code = n.code
        """,
        tenant,
        *columns_of(drafts, _SENT[1:-1]),
        [draft.code for draft in drafts],  # an array that the planner knows: any other is gone through for each row
    )
    await look_up_again(tx)
    return {code: Known(product_id, differs) for code, product_id, differs in rows}


async def save_products(tx: Tx, tenant: Tenant, products: Sequence[Product], ticks: Ticks, first_row: int) -> None:
    """Insert or replace (a deleted one lives again); the nth carries the instant of the ticks' row `first_row + n`."""
    if products:
        at_us = [ticks.at(first_row + n) for n in range(len(products))]
        await tx.execute(_SAVE, tenant, *columns_of(products, _SENT), at_us)


_SAVE = """
    INSERT INTO product (tenant, product_id, code, name, aux_code, reference_code, is_active, is_deleted,
                         height_cm, length_cm, width_cm, weight_kg, body, row_digest, created_us, last_update_us)
    SELECT $1, n.product_id, n.code, n.name, n.aux_code, n.reference_code, n.is_active, false,
           n.height_cm, n.length_cm, n.width_cm, n.weight_kg, n.body::jsonb, decode(n.row_digest, 'hex'),
           n.at_us, n.at_us
      FROM unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[],
                  $7::text::boolean[], $8::text::numeric[], $9::text::numeric[], $10::text::numeric[],
                  $11::text::numeric[], $12::text::text[], $13::text::text[], $14::bigint[])
           AS n (product_id, code, name, aux_code, reference_code, is_active,
                 height_cm, length_cm, width_cm, weight_kg, body, row_digest, at_us)
    ON CONFLICT (tenant, product_id) DO UPDATE
       SET name = excluded.name, aux_code = excluded.aux_code, reference_code = excluded.reference_code,
           is_active = excluded.is_active, is_deleted = false, height_cm = excluded.height_cm,
           length_cm = excluded.length_cm, width_cm = excluded.width_cm, weight_kg = excluded.weight_kg,
           body = excluded.body, row_digest = excluded.row_digest, last_update_us = excluded.last_update_us
"""


async def find_row_digests(tx: Tx, tenant: Tenant, codes: Sequence[str]) -> dict[str, str]:
    """By code, the digests of the rows by which living products became what they still are. By the index of codes."""
    rows = await tx.fetch(
        """
        SELECT code, encode(row_digest, 'hex') FROM product
         WHERE tenant = $1 AND code = ANY($2::text[]) AND row_digest IS NOT NULL AND NOT is_deleted
        """,
        tenant,
        codes,
    )
    return dict(rows)  # type: ignore[arg-type]


async def touch_products(
    tx: Tx, tenant: Tenant, ids: Sequence[ProductId], ticks: Ticks, first_row: int, *, row_stands: bool = False
) -> None:
    """Give these products new instants, because something of theirs changed.

    row_stands: nothing that a row of a batch says of a product, its SKUs and which categories it is in.
    """
    if not ids:
        return
    await tx.execute(
        """
        UPDATE product p SET last_update_us = n.at_us, row_digest = CASE WHEN $4 THEN p.row_digest END
          FROM unnest($2::uuid[], $3::bigint[]) AS n (product_id, at_us)
         WHERE p.tenant = $1 AND p.product_id = n.product_id
        """,
        tenant,
        ids,
        [ticks.at(first_row + n) for n in range(len(ids))],
        row_stands,
    )


async def touch_products_of(tx: Tx, tenant: Tenant, at_us: Mapping[SkuId, Micros]) -> None:
    """Give the products of these SKUs the newest of the SKUs' instants."""
    await tx.execute(
        """
        UPDATE product p SET last_update_us = n.at_us
          FROM (SELECT s.product_id, max(a.at_us) AS at_us
                  FROM unnest($2::uuid[], $3::bigint[]) AS a (sku_id, at_us)
                  JOIN sku s ON s.tenant = $1 AND s.sku_id = a.sku_id GROUP BY s.product_id) AS n
         WHERE p.tenant = $1 AND p.product_id = n.product_id
        """,
        tenant,
        list(at_us),
        list(at_us.values()),
    )


async def find_links(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[Link]:
    """Which categories these products are in."""
    rows = await tx.fetch(
        "SELECT product_id, category_id FROM product_category WHERE tenant = $1 AND product_id = ANY($2::uuid[])",
        tenant,
        product_ids,
    )
    return {(product_id, category_id) for product_id, category_id in rows}


async def save_links(tx: Tx, tenant: Tenant, *, gone: Collection[Link], new: Collection[Link]) -> None:
    """Take products out of categories and put them into others."""
    if gone:
        await tx.execute(
            """
            DELETE FROM product_category l USING unnest($2::uuid[], $3::uuid[]) AS n (product_id, category_id)
             WHERE l.tenant = $1 AND l.product_id = n.product_id AND l.category_id = n.category_id
            """,
            tenant,
            *zip(*gone, strict=True),
        )
    if new:
        await tx.execute(
            """
            INSERT INTO product_category (tenant, product_id, category_id)
            SELECT $1, n.product_id, n.category_id FROM unnest($2::uuid[], $3::uuid[]) AS n (product_id, category_id)
            """,
            tenant,
            *zip(*new, strict=True),
        )
