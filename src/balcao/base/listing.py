"""Fetch one page of a list: its conditions, the place where it starts, and how many rows there are."""

from typing import Any, Final

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.paging import COUNT_MAX, Count, Page, PageAsk, Position, next_cursor
from balcao.base.values import Tenant

LOOKED_AT_MAX: Final = 2 * COUNT_MAX


def page_of(rows: list[Record], ask: PageAsk, count: Count) -> Page[Record]:
    """The page of these rows, which hold `sort_value` and `sort_id`; one more than it has place for tells of a next."""
    if len(rows) <= ask.per_page:
        return Page(rows=rows, ask=ask, count=count, next=None)
    rows = rows[: ask.per_page]
    last = Position(rows[-1]["sort_value"], rows[-1]["sort_id"])
    return Page(rows=rows, ask=ask, count=count, next=next_cursor(ask, count, last))


class Listing:
    """A list's SQL under construction. Text comes from our own code only; every value travels as an argument.

    columns: the SELECT list. source: FROM and WHERE, which begins with the tenant as `$1`. key: the uuid column that
    settles ties of the sort. counted: FROM and WHERE without joins that only add columns, where there are such: rows
    are counted from it, so no condition may ask for those joins' tables.
    """

    def __init__(self, tenant: Tenant, *, columns: str, source: str, key: str, counted: str | None = None) -> None:
        self._columns = columns
        self._source = source
        self._counted = counted or source
        self._key = key
        self._derived = ""
        self._arguments: list[Any] = [tenant]

    def where(self, condition: str, *values: object) -> None:
        """One condition more; each `{}` in it stands for the next of the values."""
        added = " AND " + self._bind(condition, values)
        self._source += added
        self._counted += added

    def where_derived(self, condition: str, *values: object, joined: str | None = None) -> None:
        """The same for what has to be asked of other tables for each row; joined: shorter, by the source's joins.

        How many satisfy it is counted where there are no more than `LOOKED_AT_MAX` rows to look at. Of more the count
        is capped, and says how many of `COUNT_MAX` rows do.
        """
        added = " AND " + self._bind(condition, values)
        self._source += f" AND {joined}" if joined else added
        self._derived += added

    def _bind(self, condition: str, values: tuple[object, ...]) -> str:
        first = len(self._arguments) + 1
        self._arguments += values
        return condition.format(*(f"${first + n}" for n in range(len(values))))

    async def fetch(self, tx: Tx, ask: PageAsk) -> Page[Record]:
        """The page that was asked for; its cursor and its count where the asking cursor does not carry one."""
        count = ask.count or await self._count(tx)
        return page_of(await self._rows(tx, ask), ask, count)

    async def _count(self, tx: Tx) -> Count:
        """Counts no further than the cap: the cost is that of so many rows, however many there are."""
        if self._derived:
            return await self._count_derived(tx)
        limit = COUNT_MAX + 1
        sql = f"SELECT count(*) FROM (SELECT 1 {self._counted} LIMIT {limit}) AS counted"  # noqa: S608
        rows = await tx.fetchval(sql, *self._arguments)
        return Count(min(rows, COUNT_MAX), rows > COUNT_MAX)

    async def _count_derived(self, tx: Tx) -> Count:
        """Exact where there are no more than `LOOKED_AT_MAX` rows to look at; of more, looking at some has to do."""
        alias = self._key.partition(".")[0]
        counted: Any = await tx.fetchrow(
            f"""
            WITH everything AS MATERIALIZED (
                SELECT count(*) > {LOOKED_AT_MAX} AS too_many
                  FROM (SELECT 1 {self._counted} LIMIT {LOOKED_AT_MAX + 1}) AS counted)
            SELECT (SELECT too_many FROM everything), count(*) FILTER (WHERE true {self._derived})
              FROM (SELECT {alias}.* {self._counted}
                     LIMIT (SELECT CASE WHEN too_many THEN {COUNT_MAX} ELSE {LOOKED_AT_MAX} END FROM everything)
                   ) AS {alias}
            """,  # noqa: S608
            *self._arguments,
        )
        too_many, rows = counted
        return Count(min(rows, COUNT_MAX), too_many or rows > COUNT_MAX)

    async def _rows(self, tx: Tx, ask: PageAsk) -> list[Record]:
        """One row more than the page holds tells whether there is another page."""
        column, key = ask.sort.column, self._key
        way, beyond = ("ASC", ">") if ask.ascending else ("DESC", "<")
        start, arguments = "", self._arguments
        if ask.after:
            start = f" AND ({column}, {key}) {beyond} (${len(arguments) + 1}, ${len(arguments) + 2})"
            arguments = [*arguments, *ask.after]
        sql = (
            f"SELECT {column} AS sort_value, {key} AS sort_id, {self._columns} {self._source}{start} "
            f"ORDER BY {column} {way}, {key} {way} LIMIT {ask.per_page + 1} OFFSET {ask.offset}"
        )
        return await tx.fetch(sql, *arguments)
