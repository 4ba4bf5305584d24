"""Pages out of a real table: by number, by cursor, in both directions, with ties and beyond the cap."""

from uuid import UUID

import pytest

from balcao.base import listing
from balcao.base.db import Database, Tx
from balcao.base.listing import Listing
from balcao.base.paging import Count, Page, PageParameters, Sort, ask_page
from balcao.base.values import Tenant

LOJA = Tenant("loja")
CREATED = Sort("createDate", "s.created_us")
NAME = Sort("name", "s.name", str)


async def fill(tx: Tx, tenant: str, rows: int) -> None:
    """Sellers 1 to `rows`, three to a `created_us`, so that the sort has ties."""
    await tx.execute("INSERT INTO tenant VALUES ($1, $1, 0)", tenant)
    await tx.execute(
        """
        INSERT INTO seller (tenant, seller_id, cnpj, name, is_active, pickup_enabled, delivery_enabled, handling_days,
                            safety_stock, priority, body, created_us, last_update_us)
        SELECT $1, lpad(n::text, 32, '0')::uuid, n::text, 'Loja ' || lpad(n::text, 5, '0'), n % 2 = 0, true, true, 0,
               0, 0, '{}', n / 3, n
          FROM generate_series(1, $2::int) AS n
        """,
        tenant,
        rows,
    )


async def numbers(tx: Tx, *, only_active: bool = False, sort: Sort = CREATED, **sent: object) -> Page[int]:
    asked = Listing(LOJA, columns="s.cnpj", source="FROM seller s WHERE s.tenant = $1", key="s.seller_id")
    if only_active:
        asked.where("s.is_active = {}", True)
    ask = ask_page(PageParameters(**sent), [sort], scope=[only_active])  # type: ignore[arg-type]
    return (await asked.fetch(tx, ask)).map(lambda row: int(row["cnpj"]))


async def walk(tx: Tx, **sent: object) -> list[int]:
    found: list[int] = []
    page = await numbers(tx, **sent)  # type: ignore[arg-type]
    while True:
        found += page.rows
        if page.next is None:
            return found
        page = await numbers(tx, **{**sent, "cursor": page.next})  # type: ignore[arg-type]


async def test_pages_by_number(db: Database) -> None:
    async with db.transaction() as tx:
        await fill(tx, "loja", 45)
        await fill(tx, "outra", 3)
        pages = [await numbers(tx, page=number, per_page=20) for number in (1, 2, 3, 4)]
    assert [page.rows for page in pages] == [list(range(1, 21)), list(range(21, 41)), list(range(41, 46)), []]
    assert [page.next is None for page in pages] == [False, False, True, True]
    assert {page.count for page in pages} == {Count(45, False)}


@pytest.mark.parametrize("sort", [CREATED, NAME])
@pytest.mark.parametrize("ascending", [True, False])
async def test_cursors_reach_every_row_once(db: Database, sort: Sort, ascending: bool) -> None:
    async with db.transaction() as tx:
        await fill(tx, "loja", 23)
        found = await walk(tx, sort=sort, per_page=2, sort_ascending=ascending)
    assert found == sorted(range(1, 24), reverse=not ascending)


async def test_cursors_keep_to_the_filter_and_carry_the_count(db: Database) -> None:
    async with db.transaction() as tx:
        await fill(tx, "loja", 9)
        first = await numbers(tx, only_active=True, per_page=2)
        await tx.execute("DELETE FROM seller WHERE cnpj = '8'")
        second = await numbers(tx, only_active=True, per_page=2, cursor=first.next)
    assert (first.rows, first.count) == ([2, 4], Count(4, False))
    assert (second.rows, second.count, second.ask.page, second.next) == ([6], Count(4, False), 2, None)


async def test_counts_stop_at_the_cap(db: Database) -> None:
    async with db.transaction() as tx:
        await fill(tx, "loja", 10_001)
        page = await numbers(tx, page=501, per_page=20)
        assert page.count == Count(10_000, True)
        assert page.rows == [10_001]
        await tx.execute("DELETE FROM seller WHERE cnpj = '1'")
        assert (await numbers(tx)).count == Count(10_000, False)


async def test_a_cursor_survives_its_row(db: Database) -> None:
    async with db.transaction() as tx:
        await fill(tx, "loja", 5)
        first = await numbers(tx, per_page=2)
        await tx.execute("DELETE FROM seller WHERE seller_id = $1", UUID(int=2))
        assert (await numbers(tx, per_page=2, cursor=first.next)).rows == [3, 4]


@pytest.mark.parametrize(("rows", "count"), [(40, Count(20, False)), (41, Count(15, True))])
async def test_what_other_tables_say_is_counted_among_the_first_rows(
    db: Database, monkeypatch: pytest.MonkeyPatch, rows: int, count: Count
) -> None:
    monkeypatch.setattr(listing, "LOOKED_AT_MAX", 40)
    monkeypatch.setattr(listing, "COUNT_MAX", 30)
    asked = Listing(LOJA, columns="s.cnpj", source="FROM seller s WHERE s.tenant = $1", key="s.seller_id")
    asked.where_derived("(s.is_active AND {} <> '') = {}", "x", True)
    async with db.transaction() as tx:
        await fill(tx, "loja", rows)
        page = await asked.fetch(tx, ask_page(PageParameters(per_page=5), [CREATED], scope=[]))
    assert ([row["cnpj"] for row in page.rows], page.count) == (["2", "4", "6", "8", "10"], count)
