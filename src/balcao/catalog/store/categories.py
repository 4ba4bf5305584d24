"""The categories' SQL."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import CategoryId, ProductId, Tenant
from balcao.catalog.rules.model import Category, CategoryBody
from balcao.catalog.rules.reading import CategoryFilter

_body = msgspec.json.Decoder(CategoryBody).decode
_PLAIN = tuple(name for name in Category.__struct_fields__ if name != "body")
_COLUMNS = """
    c.category_id, c.code, c.name, c.parent_id, c.is_active, c.is_deleted, c.created_us, c.last_update_us,
    c.body::text AS body
"""
_SENT = ("category_id", "code", "name", "parent_id", "is_active", "is_deleted", "body")
_UNNEST = """
    unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::uuid[], $6::text::boolean[],
           $7::text::boolean[], $8::text::text[])
"""


def _as_category(row: Record) -> Category:
    return Category(body=_body(row["body"]), **{name: row[name] for name in _PLAIN})


async def find_categories(
    tx: Tx, tenant: Tenant, *, codes: Sequence[str] = (), ids: Sequence[UUID] = ()
) -> list[Category]:
    """The categories with any of these codes or ids, deleted ones too, by the unique keys."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM category c"  # noqa: S608
        " WHERE c.tenant = $1 AND (c.code = ANY($2::text[]) OR c.category_id = ANY($3::uuid[]))",
        tenant,
        codes,
        ids,
    )
    return [_as_category(row) for row in rows]


async def find_with_ancestors(tx: Tx, tenant: Tenant, *, codes: Sequence[str], ids: Sequence[UUID]) -> list[Category]:
    """The categories with any of these codes or ids, and everything above them."""
    rows = await tx.fetch(
        f"""
        WITH RECURSIVE up (category_id, parent_id) AS (
            SELECT category_id, parent_id FROM category
             WHERE tenant = $1 AND (code = ANY($2::text[]) OR category_id = ANY($3::uuid[]))
             UNION
            SELECT p.category_id, p.parent_id
              FROM up JOIN category p ON p.tenant = $1 AND p.category_id = up.parent_id)
        SELECT {_COLUMNS} FROM up JOIN category c ON c.tenant = $1 AND c.category_id = up.category_id
        """,  # noqa: S608
        tenant,
        codes,
        ids,
    )
    return [_as_category(row) for row in rows]


async def find_of_products(
    tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]
) -> list[tuple[ProductId, Category]]:
    """The categories that these products are in and that are not deleted, by code."""
    rows = await tx.fetch(
        f"SELECT l.product_id, {_COLUMNS}"  # noqa: S608
        " FROM product_category l JOIN category c ON c.tenant = l.tenant AND c.category_id = l.category_id"
        " WHERE l.tenant = $1 AND l.product_id = ANY($2::uuid[]) AND NOT c.is_deleted ORDER BY c.code",
        tenant,
        product_ids,
    )
    return [(row["product_id"], _as_category(row)) for row in rows]


async def find_below(tx: Tx, tenant: Tenant, category_id: CategoryId) -> list[Category]:
    """Everything below a category, without the deleted ones and what is below those."""
    rows = await tx.fetch(
        f"""
        WITH RECURSIVE down (category_id) AS (
            SELECT category_id FROM category WHERE tenant = $1 AND parent_id = $2 AND NOT is_deleted
             UNION
            SELECT n.category_id FROM down JOIN category n ON n.tenant = $1 AND n.parent_id = down.category_id
             WHERE NOT n.is_deleted)
        SELECT {_COLUMNS} FROM down JOIN category c ON c.tenant = $1 AND c.category_id = down.category_id
        """,  # noqa: S608
        tenant,
        category_id,
    )
    return [_as_category(row) for row in rows]


async def list_tree(tx: Tx, tenant: Tenant) -> list[Category]:
    """Every category that is not deleted."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM category c WHERE c.tenant = $1 AND NOT c.is_deleted",  # noqa: S608
        tenant,
    )
    return [_as_category(row) for row in rows]


async def list_categories(tx: Tx, tenant: Tenant, wanted: CategoryFilter, ask: PageAsk) -> Page[Category]:
    """A page of categories; deleted ones too where changes are asked for."""
    source = "FROM category c WHERE c.tenant = $1"
    listing = Listing(tenant, columns=_COLUMNS, source=source, key="c.category_id")
    if wanted.since is None:
        listing.where("NOT c.is_deleted")
    else:
        listing.where("c.last_update_us > {}", wanted.since)
    if wanted.is_active is not None:
        listing.where("c.is_active = {}", wanted.is_active)
    return (await listing.fetch(tx, ask)).map(_as_category)


async def find_changed(tx: Tx, tenant: Tenant, categories: Sequence[Category]) -> set[CategoryId]:
    """Which of these are not in the table exactly so."""
    rows = await tx.fetch(
        f"""
        SELECT n.category_id
          FROM {_UNNEST} AS n (category_id, code, name, parent_id, is_active, is_deleted, body)
          LEFT JOIN category c ON c.tenant = $1 AND c.category_id = n.category_id
         WHERE (c.name, c.parent_id, c.is_active, c.is_deleted, c.body)
               IS DISTINCT FROM (n.name, n.parent_id, n.is_active, n.is_deleted, n.body::jsonb)
        """,  # noqa: S608
        tenant,
        *columns_of(categories, _SENT),
    )
    return {row["category_id"] for row in rows}


async def save_categories(tx: Tx, tenant: Tenant, categories: Sequence[Category], ticks: Ticks, first_row: int) -> None:
    """Insert or replace; the nth carries the instant of the ticks' row `first_row + n`. Parents may come later."""
    if not categories:
        return
    await tx.execute(
        """
        INSERT INTO category (tenant, category_id, code, name, parent_id, is_active, is_deleted, body, created_us,
                              last_update_us)
        SELECT $1, n.category_id, n.code, n.name, n.parent_id, n.is_active, n.is_deleted, n.body::jsonb,
               n.at_us, n.at_us
          FROM unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::uuid[], $6::text::boolean[],
                      $7::text::boolean[], $8::text::text[], $9::bigint[])
               AS n (category_id, code, name, parent_id, is_active, is_deleted, body, at_us)
        ON CONFLICT (tenant, category_id) DO UPDATE
           SET name = excluded.name, parent_id = excluded.parent_id, is_active = excluded.is_active,
               is_deleted = excluded.is_deleted, body = excluded.body, last_update_us = excluded.last_update_us
        """,
        tenant,
        *columns_of(categories, _SENT),
        [ticks.at(first_row + n) for n in range(len(categories))],
    )
