"""Counts: which rows differ, and setting them with a line in the ledger for each."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg
import msgspec

from balcao.base.columns import Pairs, array, numbers
from balcao.base.db import Tx
from balcao.base.plans import are_dense, look_up_again, read_side_by_side
from balcao.base.spans import Ids, Span, read_span
from balcao.base.values import Micros, Tenant
from balcao.stock.rules.model import StockKey

_NEW = ("tenant", "seller_id", "sku_id", "on_hand", "reserved", "counted_us", "last_update_us", "ledger_us")

OldCount = tuple[str, int, Micros | None]
"""Where the level lies, how many, and when the sender took the count, where it says so."""
NewCount = tuple[StockKey, int, Micros | None]
"""Of which level, how many, and when the sender took the count, where it says so."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A row under its lock; ledger_us: the instant of its newest count, None where it has none in the ledger.

    place: where the row lies, which nobody changes as long as it is locked.
    """

    on_hand: int
    reserved: int
    ledger_us: Micros | None
    place: str


async def find_span(tx: Tx, tenant: Tenant, ids: Ids) -> Span | None:
    """All levels of these SKUs in these stores, where so many rows may be most of them."""
    return await read_span(tx, _HELD, tenant, ids)


async def find_differing(
    tx: Tx, tenant: Tenant, keys: Pairs, quantities: Sequence[int], span: Span | None = None
) -> tuple[Sequence[int], Sequence[int]]:
    """Which counts (from 0, in order) have a row that holds another quantity, and which none; by the primary key.

    keys: SKU and store. Counts of the same SKUs in many stores are compared with the rows that lie there together, of
    which `span` may know already.
    """
    if not are_dense(keys):
        return await _compare(tx, tenant, keys, quantities, together="")
    if span is not None and span.fits(keys):
        if span.values is None:
            return (), range(len(quantities))
        if span.found == keys.span:
            there = [*map(span.values.__getitem__, keys.cells)]
            if there == quantities:
                return (), ()
            return [n for n, (old, new) in enumerate(zip(there, quantities, strict=True)) if old != new], ()
    await read_side_by_side(tx)
    differing = await _compare(tx, tenant, keys, quantities, together=_TOGETHER)
    await look_up_again(tx)
    return differing


async def _compare(
    tx: Tx, tenant: Tenant, keys: Pairs, quantities: Sequence[int], *, together: str
) -> tuple[Sequence[int], Sequence[int]]:
    skus, sellers, _ = keys
    named = numbers(sellers.places), numbers(skus.places), numbers(quantities), sellers.distinct, skus.distinct
    rows = await tx.fetch(_DIFFERING.format(together), tenant, *named)
    return [place - 1 for place, is_there in rows if is_there], [place - 1 for place, is_there in rows if not is_there]


_HELD: Final = """
    SELECT count(*) AS levels, array_agg(on_hand ORDER BY sku_id, seller_id) AS on_hand
      FROM stock WHERE tenant = $1 AND sku_id = ANY($2::uuid[]) AND seller_id = ANY($3::uuid[])
"""
"""All that some SKUs hold in some stores, in one go: a third of what joining it with what is sent takes."""
_DIFFERING: Final = """
    SELECT n.place, k.on_hand IS NOT NULL AS is_there
      FROM unnest($2::text::integer[], $3::text::integer[], $4::text::bigint[])
           WITH ORDINALITY AS n (seller, sku, on_hand, place)
      LEFT JOIN (SELECT sku_id, seller_id, on_hand FROM stock WHERE tenant = $1 {}) k
             ON k.sku_id = ($6::uuid[])[n.sku] AND k.seller_id = ($5::uuid[])[n.seller]
     WHERE k.on_hand IS DISTINCT FROM n.on_hand
     ORDER BY n.place
"""
_TOGETHER: Final = "AND seller_id = ANY($5::uuid[]) AND sku_id = ANY($6::uuid[]) OFFSET 0"


async def find_stamps(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> list[Micros | None]:
    """When the rows that are there were counted, by the senders' times, in the order of the keys."""
    rows = await tx.fetch(
        """
        SELECT k.counted_us
          FROM unnest($2::text::uuid[], $3::text::uuid[]) WITH ORDINALITY AS n (seller_id, sku_id, place)
          LEFT JOIN stock k ON k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
         ORDER BY n.place
        """,
        tenant,
        *_keys(keys),
    )
    return [row["counted_us"] for row in rows]


async def lock_counted(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> list[Held]:
    """Lock rows that are there, by (seller, SKU) as everybody does; keys come in that order, and so do the answers."""
    rows = await tx.fetch(
        """
        SELECT k.on_hand, k.reserved, k.ledger_us, k.ctid::text
          FROM unnest($2::text::uuid[], $3::text::uuid[]) AS a (seller_id, sku_id)
          JOIN stock k ON k.tenant = $1 AND k.sku_id = a.sku_id AND k.seller_id = a.seller_id
         WHERE k.tenant = $1
         ORDER BY k.seller_id, k.sku_id
           FOR UPDATE OF k
        """,
        tenant,
        *_keys(keys),
    )
    return [Held(*row) for row in rows]


async def save_stamps(tx: Tx, tenant: Tenant, keys: Sequence[StockKey], counted_us: Sequence[Micros | None]) -> None:
    """Note when rows were counted whose quantity is as it was: nothing that anybody is shown."""
    await tx.execute(
        """
        UPDATE stock k SET counted_us = n.counted_us
          FROM unnest($2::text::uuid[], $3::text::uuid[], $4::bigint[]) AS n (seller_id, sku_id, counted_us)
         WHERE k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
        """,
        tenant,
        *_keys(keys),
        counted_us,
    )


async def set_counted(tx: Tx, tenant: Tenant, counts: Sequence[OldCount], first_us: Micros) -> None:
    """Set the quantities of rows that are locked, and so where they were; the nth carries the nth microsecond from
    `first_us` on.
    """
    if not counts:
        return
    await tx.execute(
        """
        UPDATE stock k SET on_hand = n.on_hand, counted_us = coalesce(n.counted_us, k.counted_us),
                           last_update_us = $5 + n.place - 1, ledger_us = $5 + n.place - 1
          FROM unnest($2::text::tid[], $3::text::bigint[], $4::text::bigint[])
               WITH ORDINALITY AS n (at, on_hand, counted_us, place)
         WHERE k.tenant = $1 AND k.ctid = n.at
        """,
        tenant,
        array([place for place, _, _ in counts]),
        numbers(quantity for _, quantity, _ in counts),
        numbers(counted_us for _, _, counted_us in counts),
        first_us,
    )


async def make_counted(tx: Tx, tenant: Tenant, counts: Iterable[NewCount], first_us: Micros) -> None:
    """Make the rows that are missing, the nth with the nth microsecond from `first_us` on.

    Where an order made one since it was looked for, the transaction is given up, to be run again: its next order may
    hold that row and wait for our clock.
    """
    rows: list[tuple[Any, ...]] = [
        (tenant, seller_id, sku_id, quantity, 0, counted_us, at_us, at_us)
        for at_us, ((seller_id, sku_id), quantity, counted_us) in enumerate(counts, start=first_us)
    ]
    if not rows:
        return
    try:
        await tx.copy_records_to_table("stock", records=rows, columns=_NEW)
    except asyncpg.UniqueViolationError as error:
        raise asyncpg.SerializationError("an order made a stock row at the same time") from error


def _keys(keys: Sequence[StockKey]) -> tuple[str, str]:
    return array([seller for seller, _ in keys]), array([sku for _, sku in keys])
