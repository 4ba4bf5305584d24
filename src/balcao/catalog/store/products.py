"""The products' SQL, and that of the categories they are in."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.values import CategoryId, Micros, ProductId, SkuId, Tenant
from balcao.catalog.rules.model import Product, ProductBody

Link = tuple[ProductId, CategoryId]

_body = msgspec.json.Decoder(ProductBody).decode
_PLAIN = tuple(name for name in Product.__struct_fields__ if name != "body")
COLUMNS = """
    p.product_id, p.code, p.name, p.aux_code, p.reference_code, p.is_active, p.is_deleted, p.height_cm, p.length_cm,
    p.width_cm, p.weight_kg, p.created_us, p.last_update_us, p.body::text AS body
"""
_SENT = ("product_id", "code", "name", "aux_code", "reference_code", "is_active",
         "height_cm", "length_cm", "width_cm", "weight_kg", "body")  # fmt: skip
_UNNEST = """
    unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[],
           $7::text::boolean[], $8::text::numeric[], $9::text::numeric[], $10::text::numeric[], $11::text::numeric[],
           $12::text::text[])
"""


def as_product(row: Record) -> Product:
    """One row of `COLUMNS` as a product."""
    return Product(body=_body(row["body"]), **{name: row[name] for name in _PLAIN})


async def find_ids(tx: Tx, tenant: Tenant, codes: Sequence[str]) -> dict[str, ProductId]:
    """The ids of the products with these codes, deleted ones too: a code is never given to another."""
    rows = await tx.fetch(
        "SELECT code, product_id FROM product WHERE tenant = $1 AND code = ANY($2::text[])", tenant, codes
    )
    return {row["code"]: row["product_id"] for row in rows}


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


async def find_changed(tx: Tx, tenant: Tenant, products: Sequence[Product]) -> set[ProductId]:
    """Which of these are not in the table exactly so."""
    if not products:
        return set()
    rows = await tx.fetch(
        f"""
        SELECT n.product_id
          FROM {_UNNEST} AS n (product_id, code, name, aux_code, reference_code, is_active,
                               height_cm, length_cm, width_cm, weight_kg, body)
          LEFT JOIN product p ON p.tenant = $1 AND p.product_id = n.product_id
         WHERE (p.name, p.aux_code, p.reference_code, p.is_active, p.is_deleted,
                p.height_cm, p.length_cm, p.width_cm, p.weight_kg, p.body)
               IS DISTINCT FROM (n.name, n.aux_code, n.reference_code, n.is_active, false,
                                 n.height_cm, n.length_cm, n.width_cm, n.weight_kg, n.body::jsonb)
        """,  # noqa: S608
        tenant,
        *columns_of(products, _SENT),
    )
    return {row["product_id"] for row in rows}


async def save_products(tx: Tx, tenant: Tenant, products: Sequence[Product], ticks: Ticks, first_row: int) -> None:
    """Insert or replace (a deleted one lives again); the nth carries the instant of the ticks' row `first_row + n`."""
    if products:
        at_us = [ticks.at(first_row + n) for n in range(len(products))]
        await tx.execute(_SAVE, tenant, *columns_of(products, _SENT), at_us)


_SAVE = """
    INSERT INTO product (tenant, product_id, code, name, aux_code, reference_code, is_active, is_deleted,
                         height_cm, length_cm, width_cm, weight_kg, body, created_us, last_update_us)
    SELECT $1, n.product_id, n.code, n.name, n.aux_code, n.reference_code, n.is_active, false,
           n.height_cm, n.length_cm, n.width_cm, n.weight_kg, n.body::jsonb, n.at_us, n.at_us
      FROM unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[],
                  $7::text::boolean[], $8::text::numeric[], $9::text::numeric[], $10::text::numeric[],
                  $11::text::numeric[], $12::text::text[], $13::bigint[])
           AS n (product_id, code, name, aux_code, reference_code, is_active,
                 height_cm, length_cm, width_cm, weight_kg, body, at_us)
    ON CONFLICT (tenant, product_id) DO UPDATE
       SET name = excluded.name, aux_code = excluded.aux_code, reference_code = excluded.reference_code,
           is_active = excluded.is_active, is_deleted = false, height_cm = excluded.height_cm,
           length_cm = excluded.length_cm, width_cm = excluded.width_cm, weight_kg = excluded.weight_kg,
           body = excluded.body, last_update_us = excluded.last_update_us
"""


async def touch_products(tx: Tx, tenant: Tenant, ids: Sequence[ProductId], ticks: Ticks, first_row: int) -> None:
    """Give these products new instants, because something of theirs changed."""
    if not ids:
        return
    await tx.execute(
        """
        UPDATE product p SET last_update_us = n.at_us FROM unnest($2::uuid[], $3::bigint[]) AS n (product_id, at_us)
         WHERE p.tenant = $1 AND p.product_id = n.product_id
        """,
        tenant,
        ids,
        [ticks.at(first_row + n) for n in range(len(ids))],
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
