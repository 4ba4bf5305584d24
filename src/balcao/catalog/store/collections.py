"""The collections' SQL, and that of the products in them."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import CollectionId, Micros, ProductId, Tenant
from balcao.catalog.rules.model import Collection, CollectionBody

Link = tuple[ProductId, CollectionId]

_body = msgspec.json.Decoder(CollectionBody).decode
_PLAIN = tuple(name for name in Collection.__struct_fields__ if name != "body")
_COLUMNS = "c.collection_id, c.code, c.name, c.is_active, c.created_us, c.last_update_us, c.body::text AS body"
_SENT = ("collection_id", "code", "name", "is_active", "body")
_UNNEST = """
    unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::boolean[], $6::text::text[])
"""


def _as_collection(row: Record) -> Collection:
    return Collection(body=_body(row["body"]), **{name: row[name] for name in _PLAIN})


async def find_collections(
    tx: Tx, tenant: Tenant, *, codes: Sequence[str] = (), ids: Sequence[UUID] = ()
) -> list[Collection]:
    """The collections with any of these codes or ids, by the unique keys."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM collection c"  # noqa: S608
        " WHERE c.tenant = $1 AND (c.code = ANY($2::text[]) OR c.collection_id = ANY($3::uuid[]))",
        tenant,
        codes,
        ids,
    )
    return [_as_collection(row) for row in rows]


async def list_collections(
    tx: Tx, tenant: Tenant, ask: PageAsk, *, is_active: bool | None, since: Micros | None
) -> Page[Collection]:
    """A page of them."""
    source = "FROM collection c WHERE c.tenant = $1"
    listing = Listing(tenant, columns=_COLUMNS, source=source, key="c.collection_id")
    if is_active is not None:
        listing.where("c.is_active = {}", is_active)
    if since is not None:
        listing.where("c.last_update_us > {}", since)
    return (await listing.fetch(tx, ask)).map(_as_collection)


async def find_changed(tx: Tx, tenant: Tenant, collections: Sequence[Collection]) -> set[CollectionId]:
    """Which of these are not in the table exactly so."""
    rows = await tx.fetch(
        f"""
        SELECT n.collection_id
          FROM {_UNNEST} AS n (collection_id, code, name, is_active, body)
          LEFT JOIN collection c ON c.tenant = $1 AND c.collection_id = n.collection_id
         WHERE (c.name, c.is_active, c.body) IS DISTINCT FROM (n.name, n.is_active, n.body::jsonb)
        """,  # noqa: S608
        tenant,
        *columns_of(collections, _SENT),
    )
    return {row["collection_id"] for row in rows}


async def save_collections(
    tx: Tx, tenant: Tenant, collections: Sequence[Collection], ticks: Ticks, first_row: int
) -> None:
    """Insert or replace; the nth carries the instant of the ticks' row `first_row + n`."""
    await tx.execute(
        """
        INSERT INTO collection (tenant, collection_id, code, name, is_active, body, created_us, last_update_us)
        SELECT $1, n.collection_id, n.code, n.name, n.is_active, n.body::jsonb, n.at_us, n.at_us
          FROM unnest($2::text::uuid[], $3::text::text[], $4::text::text[], $5::text::boolean[], $6::text::text[],
                      $7::bigint[])
               AS n (collection_id, code, name, is_active, body, at_us)
        ON CONFLICT (tenant, collection_id) DO UPDATE
           SET name = excluded.name, is_active = excluded.is_active, body = excluded.body,
               last_update_us = excluded.last_update_us
        """,
        tenant,
        *columns_of(collections, _SENT),
        [ticks.at(first_row + n) for n in range(len(collections))],
    )


async def find_products_in(tx: Tx, tenant: Tenant, collection_ids: Sequence[CollectionId]) -> list[ProductId]:
    """The living products in any of these collections, by `product_collection_by_collection`."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT l.product_id
          FROM product_collection l JOIN product p ON p.tenant = $1 AND p.product_id = l.product_id
         WHERE l.tenant = $1 AND l.collection_id = ANY($2::uuid[]) AND NOT p.is_deleted ORDER BY 1
        """,
        tenant,
        collection_ids,
    )
    return [row["product_id"] for row in rows]


async def find_of_products(
    tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]
) -> list[tuple[ProductId, Collection]]:
    """The collections that these products are in, by code."""
    rows = await tx.fetch(
        f"SELECT l.product_id, {_COLUMNS}"  # noqa: S608
        " FROM product_collection l JOIN collection c ON c.tenant = l.tenant AND c.collection_id = l.collection_id"
        " WHERE l.tenant = $1 AND l.product_id = ANY($2::uuid[]) ORDER BY c.code",
        tenant,
        product_ids,
    )
    return [(row["product_id"], _as_collection(row)) for row in rows]


async def save_links(tx: Tx, tenant: Tenant, *, gone: Many[Link], new: Many[Link]) -> None:
    """Take products out of collections and put them into others."""
    if gone:
        await tx.execute(
            """
            DELETE FROM product_collection l USING unnest($2::uuid[], $3::uuid[]) AS n (product_id, collection_id)
             WHERE l.tenant = $1 AND l.product_id = n.product_id AND l.collection_id = n.collection_id
            """,
            tenant,
            *zip(*gone, strict=True),
        )
    if new:
        await tx.execute(
            """
            INSERT INTO product_collection (tenant, product_id, collection_id)
            SELECT $1, n.product_id, n.collection_id
              FROM unnest($2::uuid[], $3::uuid[]) AS n (product_id, collection_id)
            """,
            tenant,
            *zip(*new, strict=True),
        )
