import random
from decimal import Decimal
from itertools import combinations

import pytest

from balcao.freight.rules.model import NewTable, RateRow, RowError
from balcao.freight.rules.table import InvalidTables, brackets_of, check_rows, check_tables


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


def test_a_sound_table() -> None:
    rows = [
        row((0, 99), (0, 1000)),
        row((0, 99), (1000, 5000)),
        row((100, 199), (0, 1000)),
        row((0, 199), (5000, 5001)),
        row((99_999_999, 99_999_999), (0, 2**31 - 1), "0", 0),
    ]
    assert check_rows(rows) == []
    assert brackets_of(rows) == [(0, 1000), (0, 2**31 - 1), (1000, 5000), (5000, 5001)]


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
        (row(price="0.00001"), [("price", "must be an amount, not negative, with at most four decimals")]),
        (row(price="NaN"), [("price", "must be an amount, not negative, with at most four decimals")]),
        (row(days=-1), [("days", "must be 0 to 365")]),
        (row(days=366), [("days", "must be 0 to 365")]),
    ],
)
def test_what_a_row_may_not_be(bad: RateRow, expected: list[tuple[str, str]]) -> None:
    assert check_rows([row((50, 60)), bad]) == [(1, field, message, None) for field, message in expected]


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
        NewTable(reference="JADEX", rows=(row(),)),
        NewTable(reference="JADEX", rows=(row(price="-1"),)),
        NewTable(reference="", description="", rows=()),
    ]
    assert check_tables(tables) == [
        RowError(1, None, "carrier", "comes twice for the same store"),
        RowError(1, 0, "price", "must be an amount, not negative, with at most four decimals"),
        RowError(2, None, "carrier", "must have 1 to 100 characters"),
        RowError(2, None, "description", "must have 1 to 200 characters"),
    ]


def test_the_refusal_names_fields_as_they_were_sent() -> None:
    refusal = InvalidTables([RowError(0, None, "carrier", "is bad"), RowError(0, 3, "cepStart", "overlaps", 1)])
    assert refusal.errors == {"carrier": ["is bad"], "rows[3].cepStart": ["overlaps rows[1]"]}
