"""Lists of orders: the caller's own, filtered, a page at a time; and the ids that a point of sale polls for."""

from typing import Final

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import page_of
from balcao.base.paging import COUNT_MAX, Count, Page, PageAsk
from balcao.base.values import Micros, OrderId
from balcao.orders.rules.listing import SELLER_POLL_MAX, OrderFilter, OrderLine
from balcao.orders.rules.searching import Found
from balcao.orders.store.lanes import CREATE, UPDATE, Lanes, Wishes
from balcao.orders.store.wanted import wishes_of
from balcao.tenants.rules import Caller

_LINES: Final = """
    SELECT page.sort_value, page.sort_id, o.order_id, o.channel, o.external_id, o.friendly_code, o.seller_order_id,
        o.status, o.is_delivery, o.is_short, o.create_us, o.last_update_us, o.sub_total_amount, o.discount_amount,
        o.freight_amount, o.fee_amount, o.bonus_amount, o.total_amount, o.freight_reference, o.freight_description,
        o.buyer_name, o.buyer_document, o.payment_types, o.invoice_key, o.tracking_code, s.cnpj AS seller_cnpj,
        s.name AS seller_name, s.point_sale_id
      FROM ({page}) page JOIN orders o ON o.tenant = $1 AND o.order_id = page.sort_id
      JOIN seller s ON s.tenant = $1 AND s.seller_id = o.seller_id
     ORDER BY page.sort_value {way}, page.sort_id {way}
"""


async def list_lines(
    tx: Tx, caller: Caller, wanted: OrderFilter, ask: PageAsk, found: Found | None = None
) -> Page[OrderLine]:
    """One page of the orders that the caller may see, along the lanes of the rarest thing that is asked for.

    found: only of those.
    """
    if found is not None and not found.ids:
        return page_of([], ask, Count(0, capped=False)).map(_line)
    wishes = wishes_of(caller, _unpassed(wanted, ask))
    if found is not None:
        wishes.add("found", "o.order_id = ANY({}::uuid[])", found.ids)
    lanes = wishes.lanes(ask.sort.column)
    count = ask.count or await _count(tx, wishes, lanes)
    if found is not None:
        count = Count(count.rows, count.capped or found.capped)
    if ask.sort.column not in lanes.sorts and count.capped and found is None:
        lanes = wishes.plain(ask.sort.column)
    way = "ASC" if ask.ascending else "DESC"
    start = _start(wishes, ask)
    text = _LINES.format(page=_keys(lanes, ask, start), way=way)
    rows: list[Record] = await tx.fetch(text, *wishes.arguments)
    return page_of(rows, ask, count).map(_line)


def _line(row: Record) -> OrderLine:
    return msgspec.convert(dict(row), OrderLine)


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
    rows = await tx.fetch(_LINES.format(page=page, way="ASC"), *wishes.arguments)
    return [_line(row) for row in rows]


async def poll_seller(tx: Tx, caller: Caller, seller_cnpj: str, wanted: OrderFilter) -> dict[OrderId, Micros]:
    """At most 200 of the store's orders, oldest change first, with its instant; by orders_by_store."""
    wishes = wishes_of(caller, wanted, seller_cnpj)
    text = _merged(wishes.lanes(UPDATE), UPDATE, "ASC", "", most=SELLER_POLL_MAX, skip=0)
    rows = await tx.fetch(text, *wishes.arguments)
    return {OrderId(row["sort_id"]): Micros(row["sort_value"]) for row in rows}


async def _count(tx: Tx, wishes: Wishes, lanes: Lanes) -> Count:
    """Counts no further than the cap, from the index alone where it has all that is asked."""
    most = COUNT_MAX + 1
    # In the order of an index, so that it is one: a table's first rows may be another tenant's.
    order = f"ORDER BY {lanes.sorts[0]}" if lanes.source is None and lanes.sorts else ""
    inner = f"SELECT 1 FROM orders o WHERE o.tenant = $1 AND {lanes.where()} {order} LIMIT {most}"  # noqa: S608
    text = f"SELECT count(*) FROM (SELECT 1 FROM {lanes.over(inner)} LIMIT {most}) AS counted"  # noqa: S608
    rows = await tx.fetchval(text, *wishes.arguments)
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
