"""The stores' SQL."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.statements import Statement, rows_of
from balcao.base.values import Micros, Tenant
from balcao.sellers.rules.model import Seller, SellerBody

_COLUMNS = """
    seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled, delivery_enabled, handling_days, safety_stock,
    priority, created_us, last_update_us, body::text AS body
"""
_SELECT = f"SELECT {_COLUMNS} FROM seller"  # noqa: S608
_PLAIN = tuple(name for name in Seller.__struct_fields__ if name != "body")
_body = msgspec.json.Decoder(SellerBody)


def as_seller(row: Record) -> Seller:
    """One row of `_COLUMNS` as a store."""
    return Seller(body=_body.decode(row["body"]), **{name: row[name] for name in _PLAIN})


def find_sellers(
    tenant: Tenant, *, cnpjs: Sequence[str], point_sale_ids: Sequence[str], ids: Sequence[UUID]
) -> Statement[list[Seller]]:
    """The stores with any of these CNPJs, point of sale ids or ids, each once."""
    return Statement(
        # The primary key and the two unique keys, by BitmapOr.
        """
        SELECT seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled, delivery_enabled, handling_days,
               safety_stock, priority, created_us, last_update_us, body
          FROM seller
         WHERE tenant = $1
           AND (cnpj = ANY($2::text[]) OR point_sale_id = ANY($3::text[]) OR seller_id = ANY($4::uuid[]))
        """,
        (tenant, cnpjs, point_sale_ids, ids),
        rows_of(Seller),
    )


async def save_sellers(
    tx: Tx, tenant: Tenant, sellers: Sequence[Seller], before: Mapping[str, Seller], ticks: Ticks
) -> None:
    """Insert or replace these stores, the nth with the instant of the ticks' row n; `before`: the old ones by CNPJ."""
    moving = [
        old.seller_id for new in sellers if (old := before.get(new.cnpj)) and old.point_sale_id != new.point_sale_id
    ]
    if moving:  # swapped ids would meet in the unique index
        await tx.execute(
            "UPDATE seller SET point_sale_id = NULL WHERE tenant = $1 AND seller_id = ANY($2::uuid[])", tenant, moving
        )
    await tx.execute(_SAVE, tenant, *_columns(sellers), [ticks.at(n) for n in range(len(sellers))])


_SAVED = ("seller_id", "cnpj", "point_sale_id", "name", "is_active", "pickup_enabled", "delivery_enabled",
          "handling_days", "safety_stock", "priority")  # fmt: skip
_SAVE = """
    INSERT INTO seller (tenant, seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled, delivery_enabled,
                        handling_days, safety_stock, priority, body, created_us, last_update_us)
    SELECT $1, n.seller_id, n.cnpj, n.point_sale_id, n.name, n.is_active, n.pickup_enabled, n.delivery_enabled,
           n.handling_days, n.safety_stock, n.priority, n.body::jsonb, n.at_us, n.at_us
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::boolean[],
                  $9::integer[], $10::bigint[], $11::integer[], $12::text[], $13::bigint[])
           AS n (seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled, delivery_enabled,
                 handling_days, safety_stock, priority, body, at_us)
    ON CONFLICT (tenant, seller_id) DO UPDATE
       SET point_sale_id = excluded.point_sale_id, name = excluded.name, is_active = excluded.is_active,
           pickup_enabled = excluded.pickup_enabled, delivery_enabled = excluded.delivery_enabled,
           handling_days = excluded.handling_days, safety_stock = excluded.safety_stock, priority = excluded.priority,
           body = excluded.body, last_update_us = excluded.last_update_us
"""


def _columns(sellers: Sequence[Seller]) -> list[list[object]]:
    columns: list[list[object]] = [[getattr(seller, name) for seller in sellers] for name in _SAVED]
    return [*columns, [msgspec.json.encode(seller.body).decode() for seller in sellers]]


async def list_sellers(
    tx: Tx, tenant: Tenant, ask: PageAsk, *, is_active: bool | None, since: Micros | None
) -> Page[Seller]:
    """One page of the stores."""
    listing = Listing(tenant, columns=_COLUMNS, source="FROM seller WHERE tenant = $1", key="seller_id")
    if is_active is not None:
        listing.where("is_active = {}", is_active)
    if since is not None:
        listing.where("last_update_us > {}", since)
    return (await listing.fetch(tx, ask)).map(as_seller)


async def list_active_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every active store, by priority and then name."""
    rows = await tx.fetch(_SELECT + " WHERE tenant = $1 AND is_active ORDER BY priority, name, seller_id", tenant)
    return [as_seller(row) for row in rows]


async def list_all_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every store, active or not."""
    return [as_seller(row) for row in await tx.fetch(_SELECT + " WHERE tenant = $1", tenant)]
