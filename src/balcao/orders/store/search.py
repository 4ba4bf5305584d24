"""Searching orders: look-ups in indexes alone, newest orders first."""

from typing import Final

from balcao.orders.rules.searching import FOUND_MAX, Sought, TermKind
from balcao.orders.store.lanes import Wishes
from balcao.tenants.rules import Caller

BEGINNINGS_MAX: Final = 32
"""Names that begin with one word of a query and are looked at, in alphabetical order."""
_RARE: Final = 1_000
"""So far are the orders counted that a word finds."""
_ABOVE: Final = "\U0010ffff"
"""After everything that begins with what stands before it."""

_NUMBERS: Final = f"""
    SELECT order_id FROM order_key WHERE tenant = $1 AND external_id = ANY({{numbers}}::text[])
    UNION ALL
    SELECT order_id FROM orders WHERE tenant = $1 AND friendly_code = ANY({{numbers}}::text[])
    UNION ALL
    (SELECT order_id FROM orders WHERE tenant = $1 AND seller_order_id = ANY({{numbers}}::text[]) LIMIT {FOUND_MAX})
"""  # noqa: S608
_INVOICE: Final = "SELECT order_id FROM invoice_key WHERE tenant = $1 AND access_key = {key}"
_TERMS: Final = f"""
    SELECT k.order_id FROM unnest({{kinds}}::smallint[], {{terms}}::text[]) AS w (kind, term) CROSS JOIN LATERAL (
        SELECT x.order_id FROM order_term x
         WHERE x.tenant = $1 AND x.kind = w.kind AND x.term = w.term AND {{bound}}
         ORDER BY x.order_id DESC LIMIT {FOUND_MAX}) k
"""  # noqa: S608
_RAREST: Final = f"""
    SELECT w.word FROM unnest({{words}}::text[]) AS w (word) CROSS JOIN LATERAL (
        SELECT count(*) AS rows FROM (
            SELECT 1 FROM order_term x
             WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term >= w.word AND x.term < w.word || '{_ABOVE}'
             LIMIT {_RARE}) AS counted) k
     ORDER BY k.rows, length(w.word) DESC LIMIT 1
"""  # noqa: S608
_NEXT_NAME: Final = f"""
    SELECT x.term FROM order_term x
     WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term {{since}}
       AND x.term < (SELECT word || '{_ABOVE}' FROM rarest) ORDER BY x.term LIMIT 1
"""  # noqa: S608
# The few names that begin so, one step of the index each; of each the newest orders that have the other words as well.
_BEGUN: Final = f"""
    SELECT ({_NEXT_NAME.format(since=">= (SELECT word FROM rarest)")}), 1
    UNION ALL
    SELECT ({_NEXT_NAME.format(since="> begun.term")}), n + 1 FROM begun WHERE n < {BEGINNINGS_MAX} AND term IS NOT NULL
"""  # noqa: S608
_NAMED: Final = f"""
    SELECT k.order_id FROM begun CROSS JOIN LATERAL (
        SELECT x.order_id FROM order_term x
         WHERE x.tenant = $1 AND x.kind = {TermKind.NAME} AND x.term = begun.term AND {{bound}}{{others}}
         ORDER BY x.order_id DESC LIMIT {FOUND_MAX}) k
     WHERE begun.term IS NOT NULL ORDER BY k.order_id DESC LIMIT {FOUND_MAX}
"""  # noqa: S608
_PATTERNS: Final = """
    SELECT '% ' || w.word || '%' FROM unnest({words}::text[]) AS w (word) WHERE w.word <> (SELECT word FROM rarest)"""
_ONE_OTHER: Final = f" AND x.name LIKE ({_PATTERNS})"
_OTHERS: Final = f" AND x.name LIKE ALL (ARRAY({_PATTERNS}))"


def found_by(wishes: Wishes, caller: Caller, sought: Sought) -> str:
    """What a WITH RECURSIVE needs so that `found` is the ids of the orders that may be meant.

    As far as the caller's store and channel go; what else it may not see is among them.
    """
    bound, place = _bound(wishes, caller), wishes.place
    parts = [_NUMBERS.format(numbers=place(sought.numbers))]
    if sought.access_key:
        parts.append(_INVOICE.format(key=place(sought.access_key)))
    if sought.terms:
        kinds, terms = place([term.kind for term in sought.terms]), place([term.term for term in sought.terms])
        parts.append(_TERMS.format(kinds=kinds, terms=terms, bound=bound))
    named = ""
    if sought.words:
        words = place(sought.words)
        one = len(sought.words) == 1
        rarest = f"VALUES (({words}::text[])[1])" if one else _RAREST.format(words=words)
        others = "" if one else (_ONE_OTHER if len(sought.words) == 2 else _OTHERS).format(words=words)
        named = f"rarest (word) AS MATERIALIZED ({rarest}), begun (term, n) AS ({_BEGUN}), "
        parts.append(f"({_NAMED.format(bound=bound, others=others)})")
    return f"{named}found AS MATERIALIZED (SELECT DISTINCT order_id FROM ({' UNION ALL '.join(parts)}) each_part)"  # noqa: S608


def _bound(wishes: Wishes, caller: Caller) -> str:
    """The caller's store and channel, of a term `x`; a store that is not there finds nothing."""
    bounds = ["true"]
    if caller.seller_cnpj is not None:
        seller = f"SELECT seller_id FROM seller WHERE tenant = $1 AND cnpj = {wishes.place(caller.seller_cnpj)}"  # noqa: S608
        bounds.append(f"x.seller_id = ({seller})")
    if caller.channel is not None:
        bounds.append(f"x.channel = {wishes.place(caller.channel)}")
    return " AND ".join(bounds)
