"""The prices' SQL."""

from collections.abc import Sequence
from decimal import Decimal
from operator import add
from typing import Final, NamedTuple

from balcao.base.clock import Ticks
from balcao.base.columns import Pairs, array, numbers, places_of
from balcao.base.db import Tx
from balcao.base.plans import are_dense, look_up_again, read_side_by_side
from balcao.base.spans import Ids, Span, read_span
from balcao.base.table import Coded
from balcao.base.values import Micros, ProductId, SellerId, Tenant
from balcao.catalog.rules.model import Price
from balcao.catalog.rules.reading import PriceLine
from balcao.catalog.store.lists import as_price_line

PriceKey = tuple[ProductId, SellerId]
Place = str
"""Where a row lies in its table."""


class Amounts(NamedTuple):
    """Prices, and the ones that they are shown to have been."""

    prices: Coded[Decimal]
    before: Coded[Decimal | None]

    def pick(self, at: Sequence[int]) -> "Amounts":
        """Those at these places (from 0)."""
        return Amounts(self.prices.pick(at), self.before.pick(at))

    def texts(self) -> list[str]:
        """Each pair as `_HELD` writes it."""
        width = len(self.before.values)
        begins = range(0, len(self.prices.values) * width, width or 1)
        pairs = [*map(add, map(begins.__getitem__, self.prices.places), self.before.places)]
        texts = {n: f"{self.prices.values[n // width]!s} {self.before.values[n % width]!s}" for n in set(pairs)}
        return [*map(texts.__getitem__, pairs)]


async def find_span(tx: Tx, tenant: Tenant, ids: Ids) -> Span | None:
    """All prices of these products in these stores, where so many rows may be most of them."""
    return await read_span(tx, _HELD, tenant, ids)


async def find_changed(
    tx: Tx, tenant: Tenant, keys: Pairs, amounts: Amounts, span: Span | None
) -> tuple[dict[int, Place], Sequence[int]]:
    """Which of these (from 0, in order) are in the table otherwise, with where they lie, and which are not there.

    By the primary key (keys: product and store); prices of the same products in many stores are compared with the rows
    that lie there together, of which `span` may know already. Rows stay where they are until the commit: whoever writes
    prices has the tenant's turn.
    """
    if span is None or not span.fits(keys):
        return await _compare(tx, tenant, keys, amounts)
    if span.values is None:
        return {}, range(len(keys.cells))
    if span.found < keys.span:
        return await _compare(tx, tenant, keys, amounts)
    there = span.values.split(",")
    old = [*map(there.__getitem__, keys.cells)]
    new = amounts.texts()
    if old == new:
        return {}, ()
    rest = [n for n, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    changed, missing = await _compare(tx, tenant, keys.pick(rest), amounts.pick(rest))
    return {rest[n]: at for n, at in changed.items()}, [rest[n] for n in missing]


async def _compare(tx: Tx, tenant: Tenant, keys: Pairs, amounts: Amounts) -> tuple[dict[int, Place], Sequence[int]]:
    if not keys.cells:
        return {}, ()
    products, sellers, _ = keys
    sent = numbers(amounts.prices), numbers(amounts.before)
    named = numbers(products.places), numbers(sellers.places), *sent, products.distinct, sellers.distinct
    if not are_dense(keys):
        rows = await tx.fetch(_CHANGED.format(""), tenant, *named)
    else:
        await read_side_by_side(tx)
        rows = await tx.fetch(_CHANGED.format(_TOGETHER), tenant, *named)
        await look_up_again(tx)
    return {n - 1: at for n, at in rows if at is not None}, [n - 1 for n, at in rows if at is None]


_HELD: Final = """
    SELECT count(*) AS prices,
           string_agg(CASE WHEN is_deleted THEN '' ELSE price::text || ' ' || coalesce(old_price::text, 'None') END, ','
                      ORDER BY product_id, seller_id) AS amounts
      FROM price WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND seller_id = ANY($3::uuid[])
"""
"""All prices of some products in some stores, in one go: a third of what joining them with what is sent takes.

Prices that are written alike are the same; those that are not may be (`2` and `2.00`), which the database says.
"""
_CHANGED: Final = """
    SELECT n.place, p.at
      FROM unnest($2::text::integer[], $3::text::integer[], $4::text::numeric[], $5::text::numeric[])
           WITH ORDINALITY AS n (product, seller, price, old_price, place)
      LEFT JOIN (SELECT ctid::text AS at, product_id, seller_id, price, old_price, is_deleted FROM price
                  WHERE tenant = $1 {}) p
             ON p.product_id = ($6::uuid[])[n.product] AND p.seller_id = ($7::uuid[])[n.seller]
     WHERE (p.price, p.old_price, p.is_deleted) IS DISTINCT FROM (n.price, n.old_price, false)
     ORDER BY n.place
"""
_TOGETHER: Final = "AND product_id = ANY($6::uuid[]) AND seller_id = ANY($7::uuid[]) OFFSET 0"
_NOTE: Final = """
    INSERT INTO price_change (tenant, product_id, seller_id, at_us, price, old_price, actor)
    SELECT tenant, product_id, seller_id, last_update_us, price, old_price, $2 FROM written
"""
"""Each line of the history is the row as it was just written: sent once, and no round trip more."""


async def replace_prices(
    tx: Tx, tenant: Tenant, actor: str, places: Sequence[Place], prices: Sequence[Price], first_us: Micros
) -> None:
    """Replace prices that are there, with a line each in the history; the nth carries the nth microsecond from
    `first_us` on.
    """
    if prices:
        await tx.execute(
            f"""
            WITH written AS (
                UPDATE price p SET price = n.price, old_price = n.old_price, is_deleted = false,
                                   last_update_us = $6 + n.place - 1
                  FROM unnest($3::text::tid[], $4::text::numeric[], $5::text::numeric[])
                       WITH ORDINALITY AS n (at, price, old_price, place)
                 WHERE p.tenant = $1 AND p.ctid = n.at
                RETURNING p.tenant, p.product_id, p.seller_id, p.last_update_us, p.price, p.old_price)
            {_NOTE}
            """,  # noqa: S608
            tenant,
            actor,
            array(places),
            numbers(price.price for price in prices),
            numbers(price.old_price for price in prices),
            first_us,
        )


async def insert_prices(tx: Tx, tenant: Tenant, actor: str, prices: Sequence[Price], first_us: Micros) -> None:
    """Insert new prices, with a line each in the history; the nth carries the nth microsecond from `first_us` on."""
    if not prices:
        return
    products, sellers = (
        places_of([price.product_id for price in prices]),
        places_of([price.seller_id for price in prices]),
    )
    await tx.execute(
        f"""
        WITH written AS (
            INSERT INTO price (tenant, product_id, seller_id, price, old_price, last_update_us)
            SELECT $1, ($7::uuid[])[n.product], ($8::uuid[])[n.seller], n.price, n.old_price, $9 + n.place - 1
              FROM unnest($3::text::integer[], $4::text::integer[], $5::text::numeric[], $6::text::numeric[])
                   WITH ORDINALITY AS n (product, seller, price, old_price, place)
            RETURNING tenant, product_id, seller_id, last_update_us, price, old_price)
        {_NOTE}
        """,  # noqa: S608
        tenant,
        actor,
        numbers(products.places),
        numbers(sellers.places),
        numbers(price.price for price in prices),
        numbers(price.old_price for price in prices),
        products.distinct,
        sellers.distinct,
        first_us,
    )


async def find_keys(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[PriceKey]:
    """The prices of these products that are not deleted, by the primary key."""
    rows = await tx.fetch(
        "SELECT product_id, seller_id FROM price WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND NOT is_deleted",
        tenant,
        product_ids,
    )
    return [(row["product_id"], row["seller_id"]) for row in rows]


async def delete_prices(tx: Tx, tenant: Tenant, keys: Sequence[PriceKey], ticks: Ticks, first_row: int) -> None:
    """Mark these prices as deleted, the nth with the instant of the ticks' row `first_row + n`."""
    await tx.execute(
        """
        UPDATE price p SET is_deleted = true, last_update_us = n.at_us
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS n (product_id, seller_id, at_us)
         WHERE p.tenant = $1 AND p.product_id = n.product_id AND p.seller_id = n.seller_id
        """,
        tenant,
        [product_id for product_id, _ in keys],
        [seller_id for _, seller_id in keys],
        [ticks.at(first_row + n) for n in range(len(keys))],
    )


async def find_of_products(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[PriceLine]:
    """Every price of these products, the one for every store first, then by the stores' CNPJs."""
    rows = await tx.fetch(
        """
        SELECT p.product_id, p.seller_id, p.price, p.old_price, p.is_deleted, p.last_update_us,
               g.code AS product_code, s.cnpj AS seller_cnpj
          FROM price p JOIN product g ON g.tenant = p.tenant AND g.product_id = p.product_id
               LEFT JOIN seller s ON s.tenant = p.tenant AND s.seller_id = p.seller_id
         WHERE p.tenant = $1 AND p.product_id = ANY($2::uuid[]) AND NOT p.is_deleted
         ORDER BY p.product_id, s.cnpj NULLS FIRST
        """,
        tenant,
        product_ids,
    )
    return [as_price_line(row) for row in rows]


async def find_priced(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have any price, by the primary key."""
    rows = await tx.fetch(
        "SELECT DISTINCT product_id FROM price WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND NOT is_deleted",
        tenant,
        product_ids,
    )
    return {row["product_id"] for row in rows}
