"""Lists of orders: the caller's own, filtered, a page at a time; and the ids that a point of sale polls for."""

from typing import Any, Final

import msgspec

from balcao.base.db import Tx
from balcao.base.paging import COUNT_MAX, Count, Page, PageAsk, Position, next_cursor
from balcao.base.values import Micros
from balcao.orders.rules.listing import SELLER_POLL_MAX, OrderFilter, OrderLine
from balcao.orders.rules.searching import FOUND_MAX, Sought
from balcao.orders.rules.whole import Whole
from balcao.orders.store.lanes import CREATE, UPDATE, Lanes, Wishes
from balcao.orders.store.load import ORDER_OF, load_picked
from balcao.orders.store.search import found_by
from balcao.orders.store.wanted import wishes_of
from balcao.tenants.rules import Caller

# One JSON text of a page, which one pass in C makes the structs of: no work in Python for each row or column. From the
# keys to the orders to the stores and in no other order, whatever the tables are taken for.
_LINES: Final = f"""
    SELECT coalesce(json_agg(line), '[]')::text AS lines FROM (
        SELECT o.order_id, o.channel, o.external_id, o.friendly_code, o.seller_order_id, o.status, o.is_delivery,
            o.is_short, o.create_us, o.last_update_us, o.sub_total_amount, o.discount_amount, o.freight_amount,
            o.fee_amount, o.bonus_amount, o.total_amount, o.freight_reference, o.freight_description, o.buyer_name,
            o.buyer_document, o.payment_types, o.invoice_key, o.tracking_code, s.cnpj AS seller_cnpj,
            s.name AS seller_name, s.point_sale_id
          FROM ({{page}}) page CROSS JOIN LATERAL ({ORDER_OF.format("page.sort_id")}) o
          CROSS JOIN LATERAL (SELECT s.* FROM seller s WHERE s.tenant = $1 AND s.seller_id = o.seller_id OFFSET 0) s
         ORDER BY page.sort_value {{way}}, page.sort_id {{way}}) line
"""  # noqa: S608

_decode_lines = msgspec.json.Decoder(list[OrderLine]).decode


def is_settled(caller: Caller, wanted: OrderFilter, ask: PageAsk) -> bool:
    """Whether one index has all that is asked for in the list's order, whatever the values are.

    Or nearly all, of a search. What is found by two conditions of which either may be the rare one is not.
    """
    if wanted.query is not None:
        return True
    lanes = wishes_of(caller, wanted).lanes(ask.sort.column)
    first, last = (wanted.since, wanted.until) if ask.sort.column == CREATE else _updated(wanted)
    own = (first is not None) + (last is not None)
    return ask.sort.column in lanes.sorts and len(lanes.filters) == own and ask.offset <= COUNT_MAX


async def list_lines(
    tx: Tx, caller: Caller, wanted: OrderFilter, ask: PageAsk, sought: Sought | None = None
) -> Page[OrderLine]:
    """One page of the orders that the caller may see, along the lanes of the rarest thing that is asked for.

    sought: only of those that are found so. Count and page are one statement where the count does not tell the way.
    """
    wishes = wishes_of(caller, _unpassed(wanted, ask))
    if sought is not None:
        return await _search(tx, caller, wishes, sought, ask)
    lanes, count = wishes.lanes(ask.sort.column), ask.count
    if count is None and ask.sort.column not in lanes.sorts:
        rows: int = await tx.fetchval(_counted(lanes), *wishes.arguments)
        count = _capped(rows)
    if count is not None and count.capped and ask.sort.column not in lanes.sorts:
        lanes = wishes.plain(ask.sort.column)
    counted = "NULL" if count is not None else f"({_counted(lanes)})"
    lines = _lines(_keys(lanes, ask, _start(wishes, ask)), "ASC" if ask.ascending else "DESC")
    row: Any = await tx.fetchrow(f"SELECT {counted} AS rows, ({lines}) AS lines", *wishes.arguments)
    return _page(row["lines"], ask, count or _capped(row["rows"]))


async def _search(tx: Tx, caller: Caller, wishes: Wishes, sought: Sought, ask: PageAsk) -> Page[OrderLine]:
    """What a search finds is few: all of it is looked at, and counted, once."""
    column, way = ask.sort.column, "ASC" if ask.ascending else "DESC"
    found = found_by(wishes, caller, sought)
    where = wishes.plain(column).where(_start(wishes, ask))
    page = _sorted("seen k", way, ask.per_page + 1, ask.offset)
    row: Any = await tx.fetchrow(
        f"""
        WITH RECURSIVE {found},
        seen AS MATERIALIZED (
            SELECT {column} AS sort_value, o.order_id AS sort_id
              FROM found f CROSS JOIN LATERAL ({ORDER_OF.format("f.order_id")}) o
             WHERE {where})
        SELECT (SELECT count(*) FROM found) AS found, (SELECT count(*) FROM seen) AS rows,
               ({_lines(page, way)}) AS lines
        """,  # noqa: S608
        *wishes.arguments,
    )
    return _page(row["lines"], ask, ask.count or Count(row["rows"], row["found"] >= FOUND_MAX))


def _lines(page: str, way: str) -> str:
    return _LINES.format(page=page, way=way)


def _page(text: str, ask: PageAsk, count: Count) -> Page[OrderLine]:
    """The page of these lines; one more than it has place for tells of a next."""
    lines = _decode_lines(text)
    if len(lines) <= ask.per_page:
        return Page(rows=lines, ask=ask, count=count, next=None)
    lines = lines[: ask.per_page]
    last = lines[-1]
    at = Position(last.create_us if ask.sort.column == CREATE else last.last_update_us, last.order_id)
    return Page(rows=lines, ask=ask, count=count, next=next_cursor(ask, count, at))


async def list_ends(tx: Tx, caller: Caller, wanted: OrderFilter, oldest: int, newest: int) -> list[OrderLine]:
    """The first and last so many orders by creation of each status; a store's statuses are read whole for it."""
    wishes = wishes_of(caller, wanted)
    lanes = wishes.lanes(CREATE)
    inner = " UNION ".join(
        f"""(SELECT o.status, {CREATE} AS sort_value, o.order_id AS sort_id FROM orders o
            WHERE o.tenant = $1 AND {lanes.where()} ORDER BY {CREATE} {way}, o.order_id {way} LIMIT {most})"""  # noqa: S608
        for way, most in (("ASC", oldest), ("DESC", newest))
    )
    page = _ends(lanes.over(inner), oldest, newest)
    text: str = await tx.fetchval(_lines(page, "ASC"), *wishes.arguments)
    return _decode_lines(text)


async def poll_seller(tx: Tx, caller: Caller, seller_cnpj: str, wanted: OrderFilter) -> list[Whole]:
    """At most 200 of the store's orders, oldest change first; by orders_by_store, in one statement."""
    wishes = wishes_of(caller, wanted, seller_cnpj)
    keys = _merged(wishes.lanes(UPDATE), UPDATE, "ASC", "", most=SELLER_POLL_MAX, skip=0)
    found = await load_picked(tx, keys, wishes.arguments)
    return sorted(found.values(), key=lambda whole: (whole.order.last_update_us, whole.order.order_id))


def _counted(lanes: Lanes) -> str:
    """How many there are, no further than beyond the cap; from the index alone where it has all that is asked."""
    most = COUNT_MAX + 1
    # Along an index, so that it is one: a table's first rows may be another tenant's.
    order = f"ORDER BY {lanes.sorts[0]}" if lanes.source is None and lanes.sorts else ""
    inner = f"SELECT 1 FROM orders o WHERE o.tenant = $1 AND {lanes.where()} {order} LIMIT {most}"  # noqa: S608
    every = inner if lanes.source is None else f"SELECT 1 FROM {lanes.over(inner)} LIMIT {most}"  # noqa: S608
    return f"SELECT count(*) FROM ({every}) AS counted"  # noqa: S608


def _capped(rows: int) -> Count:
    return Count(min(rows, COUNT_MAX), rows > COUNT_MAX)


def _keys(lanes: Lanes, ask: PageAsk, start: str) -> str:
    """The page's keys, and one more, which tells whether there is another page."""
    column, way = ask.sort.column, "ASC" if ask.ascending else "DESC"
    most = ask.per_page + 1
    if column in lanes.sorts:
        return _merged(lanes, column, way, start, most=most, skip=ask.offset)
    # Not in the list's order, but few: all of them are looked at and sorted. `OFFSET 0` keeps the planner from
    # hoping to meet them soon along the sort's own index.
    inner = f"""SELECT {column} AS sort_value, o.order_id AS sort_id FROM orders o
        WHERE o.tenant = $1 AND {lanes.where(start)} OFFSET 0"""  # noqa: S608
    return _sorted(lanes.over(inner), way, most, ask.offset)


def _merged(lanes: Lanes, column: str, way: str, start: str, *, most: int, skip: int) -> str:
    """The first keys of lanes that are in the list's order each."""
    inner = f"""SELECT {column} AS sort_value, o.order_id AS sort_id FROM orders o
        WHERE o.tenant = $1 AND {lanes.where(start)}
        ORDER BY {column} {way}, o.order_id {way} LIMIT {most + skip}"""  # noqa: S608
    return _sorted(lanes.over(inner), way, most, skip)


def _sorted(source: str, way: str, most: int, skip: int) -> str:
    return f"""SELECT k.sort_value, k.sort_id FROM {source}
        ORDER BY k.sort_value {way}, k.sort_id {way} LIMIT {most} OFFSET {skip}"""  # noqa: S608


def _ends(source: str, oldest: int, newest: int) -> str:
    return f"""SELECT sort_value, sort_id FROM (
            SELECT k.*, row_number() OVER (PARTITION BY k.status ORDER BY k.sort_value, k.sort_id) AS place,
                   row_number() OVER (PARTITION BY k.status ORDER BY k.sort_value DESC, k.sort_id DESC) AS place_back
              FROM {source}) ends
        WHERE place <= {oldest} OR place_back <= {newest}"""  # noqa: S608


def _updated(wanted: OrderFilter) -> tuple[Micros | None, Micros | None]:
    return wanted.last_update_since, wanted.last_update_until


def _unpassed(wanted: OrderFilter, ask: PageAsk) -> OrderFilter:
    """Without the bound that a cursor has passed: with two on one column PostgreSQL begins at the first of them."""
    if ask.after is None:
        return wanted
    begin, end = ("since", "until") if ask.sort.column == CREATE else ("last_update_since", "last_update_until")
    return msgspec.structs.replace(wanted, **{begin if ask.ascending else end: None})


def _start(wishes: Wishes, ask: PageAsk) -> str:
    if ask.after is None:
        return ""
    beyond = ">" if ask.ascending else "<"
    return f"({ask.sort.column}, o.order_id) {beyond} ({wishes.place(ask.after.value)}, {wishes.place(ask.after.id)})"
