"""A file's rows are read a column of many at a time where they are alike: the same as one by one."""

from random import Random as Dice
from typing import Any

import pytest

from balcao.freight.rules import sheet as sheet_rules
from balcao.freight.rules.sheet import Head, read_sheet

OURS = [
    "carrier", "description", "sellerCnpj", "originState", "cepStart", "cepEnd", "weightStartKg", "weightEndKg",
    "price", "days",
]  # fmt: skip


def _dirty_rows(dice: Dice) -> list[list[Any]]:
    """Thousands of rows of three tables, now and then one short, empty, wrong, or with a cell that only looks alike."""
    rows: list[list[Any]] = []
    for n in range(3000):
        row: list[Any] = [
            "SEDEX" if n < 1400 else dice.choice(["SEDEX", "SEDEX", "JADEX"]) if n < 2000 else "LOGGI",
            "", "", "", n * 10, f"{n * 10 + 9:08d}", 0, "0,5",
            dice.choice(["12,90", 7, 7.0, 1]), dice.choice([1, "1", 2.0]),
        ]  # fmt: skip
        if dice.random() < 0.001:
            row = dice.choice([row[:8], [], [None] * 10, [*row[:8], True, 1], [*row[:4], "x", *row[5:]]])
        rows.append(row)
    return rows


@pytest.mark.parametrize("seed", range(8))
def test_read_by_the_thousand_or_one_by_one_it_is_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = list(enumerate(_dirty_rows(Dice(seed)), 2))  # noqa: S311
    answers = []
    for at_once in (1, 300, sheet_rules.ROWS_AT_ONCE):
        monkeypatch.setattr(sheet_rules, "ROWS_AT_ONCE", at_once)
        answers.append(read_sheet(OURS, iter(rows), Head()))
    monkeypatch.setattr(sheet_rules._Gathering, "add_alike", lambda *_: False)
    answers.append(read_sheet(OURS, iter(rows), Head()))
    told = [
        (
            [(table.reference, table.rows.tolist()) for table in sheet.tables],
            [list(lines) for lines in sheet.lines],
            sheet.errors,
        )
        for sheet in answers
    ]
    assert told[:-1] == [told[-1]] * 3
    assert sum(map(len, told[-1][1])) > 2900
