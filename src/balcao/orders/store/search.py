"""Searching orders: look-ups in indexes alone, newest orders first."""

from typing import Any, Final

from balcao.base.db import Tx
from balcao.base.values import OrderId, SellerId
from balcao.orders.rules.searching import FOUND_MAX, Sought, TermKind
from balcao.tenants.rules import Caller

BEGINNINGS_MAX: Final = 32
"""Names that begin with one word of a query and are looked at, in alphabetical order."""
_RARE: Final = 1_000
"""So far are the orders counted that a word finds."""
_ABOVE: Final = "\U0010ffff"
"""After everything that begins with what stands before it."""

_BY_NUMBER: Final = f"""
    SELECT order_id FROM order_key WHERE tenant = $1 AND external_id = ANY($2::text[])
    UNION ALL
    SELECT order_id FROM orders WHERE tenant = $1 AND friendly_code = ANY($2::text[])
    UNION ALL
    (SELECT order_id FROM orders WHERE tenant = $1 AND seller_order_id = ANY($2::text[]) LIMIT {FOUND_MAX})
    UNION ALL
    SELECT order_id FROM invoice_key WHERE tenant = $1 AND access_key = $3
"""  # noqa: S608
_BOUND: Final = "($2::uuid IS NULL OR x.seller_id = $2) AND ($3::text IS NULL OR x.channel = $3)"
_BY_TERM: Final = f"""
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
     WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term {{}} AND x.term < $4 || $5 ORDER BY x.term LIMIT 1
"""  # noqa: S608
# The few names that begin so, one step of the index each; of each the newest orders that have the other words as well.
_BY_NAME: Final = f"""
    WITH RECURSIVE begun (term, n) AS (
        SELECT ({_NEXT_NAME.format(">= $4")}), 1
        UNION ALL
        SELECT ({_NEXT_NAME.format("> begun.term")}), n + 1 FROM begun WHERE n < {BEGINNINGS_MAX} AND term IS NOT NULL
    )
    SELECT k.order_id FROM begun CROSS JOIN LATERAL (
        SELECT x.order_id FROM order_term x
         WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term = begun.term AND {_BOUND}
           AND x.name LIKE ALL ($6::text[])
         ORDER BY x.order_id DESC LIMIT {FOUND_MAX}) k
     WHERE begun.term IS NOT NULL ORDER BY k.order_id DESC LIMIT {FOUND_MAX}
"""  # noqa: S608


async def find_sought(tx: Tx, caller: Caller, sought: Sought) -> list[OrderId]:
    """Orders that may be meant, as far as the caller's store and channel go; what else it may not see is among them."""
    numbers = await tx.fetch(_BY_NUMBER, caller.tenant, sought.numbers, sought.access_key)
    bound = (caller.tenant, *await _bound(tx, caller))
    kinds, terms = [term.kind for term in sought.terms], [term.term for term in sought.terms]
    named = await tx.fetch(_BY_TERM, *bound, kinds, terms)
    if sought.words:
        named += await _by_name(tx, bound, sought.words)
    return [OrderId(row["order_id"]) for row in (*numbers, *named)]


async def _by_name(tx: Tx, bound: tuple[Any, ...], words: tuple[str, ...]) -> list[Any]:
    rarest = words[0]
    if len(words) > 1:
        rarest = await tx.fetchval(_RAREST, bound[0], words, _ABOVE)
    others = [f"% {word}%" for word in words if word != rarest]
    return await tx.fetch(_BY_NAME, *bound, rarest, _ABOVE, others)


async def _bound(tx: Tx, caller: Caller) -> tuple[SellerId | None, str | None]:
    """The caller's store and channel; a store that is not there finds nothing later on."""
    if caller.seller_cnpj is None:
        return None, caller.channel
    text = "SELECT seller_id FROM seller WHERE tenant = $1 AND cnpj = $2"
    return await tx.fetchval(text, caller.tenant, caller.seller_cnpj), caller.channel
