"""Searching orders: look-ups in indexes alone, newest orders first."""

from typing import Final

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import OrderId, SellerId, Tenant
from balcao.orders.rules.searching import FOUND_MAX, Sought, TermKind
from balcao.tenants.rules import Caller

Bound = tuple[SellerId | None, str | None]
BEGINNINGS_MAX: Final = 32
"""Names that begin with one word of a query and are looked at, in alphabetical order."""
_RARE: Final = 1_000
"""So far are the orders counted that a word finds."""
_ABOVE: Final = "\U0010ffff"
"""After everything that begins with what stands before it."""

_BOUND: Final = "($6::uuid IS NULL OR x.seller_id = $6) AND ($7::text IS NULL OR x.channel = $7)"
_EXACTLY: Final = f"""
    SELECT order_id FROM order_key WHERE tenant = $1 AND external_id = ANY($2::text[])
    UNION ALL
    SELECT order_id FROM orders WHERE tenant = $1 AND friendly_code = ANY($2::text[])
    UNION ALL
    (SELECT order_id FROM orders WHERE tenant = $1 AND seller_order_id = ANY($2::text[]) LIMIT {FOUND_MAX})
    UNION ALL
    SELECT order_id FROM invoice_key WHERE tenant = $1 AND access_key = $3
    UNION ALL
    SELECT k.order_id FROM unnest($4::smallint[], $5::text[]) AS w (kind, term) CROSS JOIN LATERAL (
        SELECT x.order_id FROM order_term x
         WHERE x.tenant = $1 AND x.kind = w.kind AND x.term = w.term AND {_BOUND}
         ORDER BY x.order_id DESC LIMIT {FOUND_MAX}) k
"""  # noqa: S608
_RAREST: Final = f"""
    SELECT w.word FROM unnest($2::text[]) AS w (word) CROSS JOIN LATERAL (
        SELECT count(*) AS rows FROM (
            SELECT 1 FROM order_term x
             WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term >= w.word AND x.term < w.word || $3
             LIMIT {_RARE}) AS counted) k
     ORDER BY k.rows, length(w.word) DESC LIMIT 1
"""  # noqa: S608
_NEXT_NAME: Final = f"""
    SELECT x.term FROM order_term x
     WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term {{}} AND x.term < $2 || $3 ORDER BY x.term LIMIT 1
"""  # noqa: S608
# The few names that begin so, one step of the index each; of each the newest orders that have the other words as well.
_BY_NAME: Final = f"""
    WITH RECURSIVE begun (term, n) AS (
        SELECT ({_NEXT_NAME.format(">= $2")}), 1
        UNION ALL
        SELECT ({_NEXT_NAME.format("> begun.term")}), n + 1 FROM begun WHERE n < $5 AND term IS NOT NULL
    )
    SELECT k.order_id FROM begun CROSS JOIN LATERAL (
        SELECT x.order_id FROM order_term x
         WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term = begun.term AND {_BOUND}
           AND x.name LIKE ALL ($4::text[])
         ORDER BY x.order_id DESC LIMIT {FOUND_MAX}) k
     WHERE begun.term IS NOT NULL ORDER BY k.order_id DESC LIMIT {FOUND_MAX}
"""  # noqa: S608


async def find_sought(tx: Tx, caller: Caller, sought: Sought) -> list[OrderId]:
    """Orders that may be meant, as far as the caller's store and channel go; what else it may not see is among them."""
    bound = await _bound(tx, caller)
    kinds, terms = [term.kind for term in sought.terms], [term.term for term in sought.terms]
    rows = await tx.fetch(_EXACTLY, caller.tenant, sought.numbers, sought.access_key, kinds, terms, *bound)
    if sought.words:
        rows += await _by_name(tx, caller.tenant, sought.words, bound)
    return [OrderId(row["order_id"]) for row in rows]


async def _by_name(tx: Tx, tenant: Tenant, words: tuple[str, ...], bound: Bound) -> list[Record]:
    rarest = words[0]
    if len(words) > 1:
        rarest = await tx.fetchval(_RAREST, tenant, words, _ABOVE)
    others = [f"% {word}%" for word in words if word != rarest]
    return await tx.fetch(_BY_NAME, tenant, rarest, _ABOVE, others, BEGINNINGS_MAX, *bound)


async def _bound(tx: Tx, caller: Caller) -> Bound:
    """The caller's store and channel; a store that is not there finds nothing later on."""
    if caller.seller_cnpj is None:
        return None, caller.channel
    text = "SELECT seller_id FROM seller WHERE tenant = $1 AND cnpj = $2"
    return await tx.fetchval(text, caller.tenant, caller.seller_cnpj), caller.channel
