import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from balcao.freight.rules.rates import RateRow, widen
from balcao.freight.rules.table import BRACKETS_MAX, InvalidTables, check_tables, gaps_of
from balcao.freight.rules.table import check_rows as check_wide
from balcao.freight.rules.versions import Gap, NewTable, RowError


def row(
    cep: tuple[int, int] = (0, 99), weight: tuple[int, int] = (0, 1000), price: str = "10", days: int = 2
) -> RateRow:
    return RateRow(
        cep_start=cep[0],
        cep_end=cep[1],
        weight_start_g=weight[0],
        weight_end_g=weight[1],
        price=Decimal(price),
        delivery_days=days,
    )


def check_rows(rows: Sequence[RateRow]) -> list[tuple[int, str, str, int | None]]:
    return check_wide(widen(rows))


def table(reference: str, *rows: RateRow, **given: Any) -> NewTable:
    return NewTable(reference=reference, rows=widen(rows), **given)


def test_a_sound_table() -> None:
    rows = [
        row((0, 99), (0, 1000)),
        row((0, 99), (1000, 5000)),
        row((100, 199), (0, 1000)),
        row((0, 199), (5000, 5001)),
        row((99_999_999, 99_999_999), (0, 2**31 - 1), "0", 0),
    ]
    assert check_rows(rows) == []


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (row((-1, 5)), [("cepStart", "must be a CEP")]),
        (row((0, 100_000_000)), [("cepEnd", "must be a CEP")]),
        (row((6, 5)), [("cepEnd", "must not be below cepStart")]),
        (row(weight=(-1, 5)), [("weightStartKg", "must not be negative")]),
        (row(weight=(5, 5)), [("weightEndKg", "must be above weightStartKg")]),
        (row(weight=(6, 5)), [("weightEndKg", "must be above weightStartKg")]),
        (row(weight=(0, 2**31)), [("weightEndKg", "must be at most 2147483")]),
        (row(price="-0.01"), [("price", "must be an amount, not negative, with at most four decimals")]),
        (row(price="1e13"), [("price", "must be an amount, not negative, with at most four decimals")]),
        (row(price="1e40"), [("price", "must be an amount, not negative, with at most four decimals")]),
        (
            row(weight=(-(10**30), 10**30)),
            [("weightStartKg", "must not be negative"), ("weightEndKg", "must be at most 2147483")],
        ),
        (row(days=-1), [("days", "must be 0 to 365")]),
        (row(days=366), [("days", "must be 0 to 365")]),
    ],
)
def test_what_a_row_may_not_be(bad: RateRow, expected: list[tuple[str, str]]) -> None:
    assert check_rows([row((50, 60)), bad]) == [(1, field, message, None) for field, message in expected]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"percent": Decimal("1000.0001")}, ("pricePercent", "must be from 0 to 1000, with at most four decimals")),
        ({"percent": Decimal(-1)}, ("pricePercent", "must be from 0 to 1000, with at most four decimals")),
        ({"extra_per_kg": Decimal(-1)}, ("extraPerKg", "must be an amount, not negative, with at most four decimals")),
        ({"insured_min": Decimal(-1)}, ("minInsurance", "must be an amount, not negative, with at most four decimals")),
        ({"volume_max_cm3": -1}, ("maxVolumeCm3", "must be whole cubic centimetres, not negative")),
        ({"cut_off_min": 1441}, ("cutOff", "must be HH:MM")),
    ],
)
def test_what_a_rows_further_terms_may_not_be(more: dict[str, Any], expected: tuple[str, str]) -> None:
    assert check_rows([replace(row(), **more)]) == [(0, *expected, None)]


def test_a_table_has_so_many_brackets_at_most() -> None:
    rows = [row((0, 9), (n, n + 1)) for n in range(BRACKETS_MAX + 1)]
    assert check_tables([table("A", *rows[1:])]) == []
    assert check_tables([table("A", *rows)]) == [
        RowError(0, None, "rows", "must have at most 1000 different weight brackets")
    ]


def test_gaps_are_told_and_allowed() -> None:
    rows = [
        row((0, 99), (0, 1000)),
        row((100, 199), (0, 1000)),
        row((300, 399), (0, 1000)),
        row((0, 99), (1001, 2000)),
        row((0, 99), (2500, 3000)),
    ]
    assert check_tables([table("A", *rows)]) == []
    assert gaps_of([table("A"), table("B", *rows)]) == [
        Gap(1, 2, "no row holds the CEPs from 00000200 to 00000299"),
        Gap(1, 4, "no row holds the weights from 2001 to 2499 g"),
    ]


def test_ceps_that_no_bracket_holds_are_told_whatever_the_brackets() -> None:
    rows = [
        row((300, 399), (0, 500)),
        row((0, 99), (0, 1000)),
        row((50, 199), (1000, 2000)),
        row((400, 499), (0, 1000)),
    ]
    assert check_tables([table("A", *rows)]) == []
    assert gaps_of([table("A", *rows)]) == [
        Gap(0, 3, "no row holds the CEPs from 00000100 to 00000399"),
        Gap(0, 0, "no row holds the CEPs from 00000200 to 00000299"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        row((99, 150)),
        row((0, 0)),
        row((10, 20), (999, 2000)),
        row((0, 99), (500, 600)),
        row((0, 99_999_999), (0, 1001)),
    ],
)
def test_overlaps_name_both_rows(other: RateRow) -> None:
    assert check_rows([row((100, 100), (2000, 3000)), row(), other]) == [(2, "cepStart", "overlaps", 1)]


def test_overlaps_are_found_as_by_comparing_every_pair() -> None:
    dice = random.Random(7)  # noqa: S311
    for _ in range(300):
        rows = []
        for _ in range(dice.randint(2, 9)):
            cep, weight = sorted(dice.choices(range(12), k=2)), sorted(dice.sample(range(8), k=2))
            rows.append(row((cep[0], cep[1]), (weight[0], weight[1])))
        pairs = {
            (later, earlier)
            for earlier, later in combinations(range(len(rows)), 2)
            if rows[earlier].cep_start <= rows[later].cep_end
            and rows[later].cep_start <= rows[earlier].cep_end
            and rows[earlier].weight_start_g < rows[later].weight_end_g
            and rows[later].weight_start_g < rows[earlier].weight_end_g
        }
        found = {(later, earlier) for later, _, _, earlier in check_rows(rows)}
        assert found <= pairs
        assert bool(found) == bool(pairs)


def test_a_large_table_is_checked_quickly_even_where_one_cep_has_every_bracket() -> None:
    rows = [row((5, 5), (n, n + 1)) for n in range(20_000)] + [row((n, n)) for n in range(10, 20_010)]
    assert check_rows(rows) == []


def test_tables_are_checked_together() -> None:
    tables = [
        table("JADEX", row()),
        table("JADEX", row(price="-1")),
        table("", description=""),
        table("JADEX", row(), origin_state="SP"),
        table("JADEX", row(), origin_state="XX"),
        table("SEDEX", row(), origin_state="SP", seller_cnpj="1"),
    ]
    assert check_tables(tables) == [
        RowError(1, None, "carrier", "comes twice for the same origin"),
        RowError(1, 0, "price", "must be an amount, not negative, with at most four decimals"),
        RowError(2, None, "carrier", "must have 1 to 100 characters"),
        RowError(2, None, "description", "must have 1 to 200 characters"),
        RowError(4, None, "originState", "XX is not a state's two letters"),
        RowError(5, None, "originState", "a table is for a store or for a state, not both"),
    ]


def test_the_refusal_names_fields_as_they_were_sent() -> None:
    refusal = InvalidTables([RowError(0, None, "carrier", "is bad"), RowError(0, 3, "cepStart", "overlaps", 1)])
    assert refusal.errors == {"carrier": ["is bad"], "rows[3].cepStart": ["overlaps rows[1]"]}
