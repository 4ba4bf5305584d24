from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.errors import Invalid
from balcao.freight.rules.cells import (
    kg_to_g,
    read_cep,
    read_clock,
    read_cnpj,
    read_days,
    read_e4,
    read_number,
    read_whole,
)
from balcao.freight.rules.rates import RateRow, as_row
from balcao.freight.rules.sheet import Head, LineError, Sheet, read_sheet

OURS = [
    "carrier", "description", "sellerCnpj", "originState", "cepStart", "cepEnd", "weightStartKg", "weightEndKg",
    "price", "days",
]  # fmt: skip
VTEX = [
    "ZipCodeStart", "ZipCodeEnd", "PolygonName", "WeightStart", "WeightEnd", "AbsoluteMoneyCost", "PricePercent",
    "PriceByExtraWeight", "MaxVolume", "TimeCost", "Country", "MinimumValueInsurance",
]  # fmt: skip
VTEX_ROW = ["01000000", "01999-999", "", "0", "1000", "12,90", "0", "0,00", "1000000000", "3.00:00:00", "BRA", "0"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("01001-000", 1001000),
        (" 01.001-000 ", 1001000),
        ("1001000", 1001000),
        (1001000, 1001000),
        (1001000.0, 1001000),
        ("0", 0),
        ("99999999", 99999999),
        ("", None),
        (None, None),
        ("123456789", None),
        ("-1", 1),
        ("abc", None),
        ("１２３", None),
    ],
)
def test_read_cep(cell: Any, expected: int | None) -> None:
    assert read_cep(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12,90", "12.90"),
        ("12.90", "12.90"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("-3", "-3"),
        (7, "7"),
        (12.9, "12.9"),
        (12.899999999999999, "12.9"),
        (0.00001, "0.00001"),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("", None),
        (None, None),
        ("1e5", None),
        ("1,2,3", None),
        ("doze", None),
        ("9" * 16, None),
    ],
)
def test_read_number(cell: Any, expected: str | None) -> None:
    assert read_number(cell) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("3.00:00:00", 3),
        ("1.12:00:00", 2),
        ("00:00:00", 0),
        ("00:00:01", 1),
        ("02:00", 1),
        ("24:00:00", 1),
        ("36:00:00", 2),
        ("1.00:00:00.0000000", 1),
        ("4", 4),
        ("4,0", 4),
        (5, 5),
        (5.0, 5),
        (timedelta(days=2, seconds=1), 3),
        (timedelta(days=2), 2),
        (time(0, 0), 0),
        (time(12, 0), 1),
        ("4,5", None),
        ("", None),
        ("amanhã", None),
    ],
)
def test_read_days(cell: Any, expected: int | None) -> None:
    assert read_days(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14:00", 840), ("0:05", 5), ("23:59:00", 1439), ("24:00", 1440), ("", 1440), (None, 1440), (time(9, 30), 570),
        (timedelta(hours=15), 900), ("24:01", None), ("14", None), ("14:60", None), ("tarde", None),
    ],
)  # fmt: skip
def test_read_clock(cell: Any, expected: int | None) -> None:
    assert read_clock(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,5", 15_000),
        ("1.5%", 15_000),
        ("", 0),
        (None, 0),
        (0.3, 3000),
        ("0,00001", None),
        ("x", None),
        ("9" * 15, None),
    ],
)
def test_read_e4(cell: Any, expected: int | None) -> None:
    assert read_e4(cell) == expected


def test_other_cells() -> None:
    assert (read_whole("3,0"), read_whole("3.5"), read_whole("")) == (3, None, None)
    assert (kg_to_g(Decimal("0.501")), kg_to_g(Decimal("0.0005")), kg_to_g(None)) == (501, None, None)
    assert read_cnpj("04.109.169/0001-35") == "04109169000135"
    assert read_cnpj(4109169000135.0) == "04109169000135"
    assert read_cnpj("12abc34501de35") == "12ABC34501DE35"
    assert (read_cnpj(""), read_cnpj(None)) == (None, None)


def rows(*cells: list[Any]) -> list[tuple[int, list[Any]]]:
    return list(enumerate(cells, 2))


def rate(cep: tuple[int, int], weight: tuple[int, int], price: str, days: int, **more: Any) -> RateRow:
    return RateRow(cep_start=cep[0], cep_end=cep[1], weight_start_g=weight[0], weight_end_g=weight[1],
                   price=Decimal(price), delivery_days=days, **more)  # fmt: skip


def read(sheet: Sheet) -> list[tuple[str, str | None, str | None, str, list[RateRow]]]:
    """Each table as carrier, description, store, state and rows."""
    assert sheet.errors == []
    return [
        (one.reference, one.description, one.seller_cnpj, one.origin_state, [as_row(row) for row in one.rows])
        for one in sheet.tables
    ]


def test_our_columns_one_table_a_carrier_and_origin() -> None:
    sheet = read_sheet(
        OURS,
        rows(
            ["SEDEX", "Sedex", "04109169000135", "", "01000000", "05999999", "0", "0,5", "10,50", "1"],
            ["JADEX", "Jadex", "", "", "0", "99999999", "0", "30", "40", "9"],
            ["", None],
            ["SEDEX", "Sedex", "04109169000135", "", "01000000", "05999999", "0.501", "1", "11.10", "2"],
            ["SEDEX", "Sedex", "11222333000181", "", "01000000", "05999999", "0", "1", "9", "2"],
            ["SEDEX", "Sedex", "", "sp", "01000000", "05999999", "0", "1", "8", "2"],
        ),
        Head(),
    )
    sao_paulo = (1_000_000, 5_999_999)
    assert read(sheet) == [
        ("SEDEX", "Sedex", "04109169000135", "",
         [rate(sao_paulo, (0, 500), "10.50", 1), rate(sao_paulo, (501, 1000), "11.10", 2)]),
        ("JADEX", "Jadex", None, "", [rate((0, 99_999_999), (0, 30_000), "40", 9)]),
        ("SEDEX", "Sedex", "11222333000181", "", [rate(sao_paulo, (0, 1000), "9", 2)]),
        ("SEDEX", "Sedex", None, "SP", [rate(sao_paulo, (0, 1000), "8", 2)]),
    ]  # fmt: skip
    assert [list(lines) for lines in sheet.lines] == [[2, 5], [3], [6], [7]]


def test_columns_in_any_order_and_casing_and_the_head_for_what_rows_do_not_say() -> None:
    header = ["Price", "DAYS", "cep start", "cep_end", "weightstartkg", "WeightEndKg"]
    head = Head(carrier="CORREIOS", description="Correios", seller_cnpj="11222333000181", source="c.csv")
    sheet = read_sheet(header, rows([10, 3, "0", "9", 0, 1]), head)
    assert read(sheet) == [("CORREIOS", "Correios", "11222333000181", "", [rate((0, 9), (0, 1000), "10", 3)])]
    assert sheet.tables[0].source == "c.csv"


def test_all_of_our_columns() -> None:
    header = [*OURS, "pricePercent", "extraPerKg", "minInsurance", "maxVolumeCm3", "cutOff"]
    row = ["A", "A", "", "", "0", "9", "0", "1", "10", "3", "1,5%", "2,50", "7", "50000", "14:30"]
    more = {
        "percent": Decimal("1.5"),
        "extra_per_kg": Decimal("2.5"),
        "insured_min": Decimal(7),
        "volume_max_cm3": 50_000,
        "cut_off_min": 870,
    }
    bare = [*row[:10], "", None, "", "", ""]
    table = read(read_sheet(header, rows(row, [*bare[:5], "19", *bare[6:]]), Head()))[0]
    assert table[4] == [rate((0, 9), (0, 1000), "10", 3, **more), rate((0, 19), (0, 1000), "10", 3)]


def test_vtex_columns() -> None:
    sheet = read_sheet(VTEX, rows(VTEX_ROW), Head(carrier="LOGGI"))
    row = rate((1_000_000, 1_999_999), (0, 1000), "12.90", 3, volume_max_cm3=1_000_000_000)
    assert read(sheet) == [("LOGGI", None, None, "", [row])]


def test_vtex_charges_by_percent_gram_volume_and_insurance() -> None:
    asked = {"PricePercent": "10", "PriceByExtraWeight": "0.0025", "MaxVolume": "50000", "MinimumValueInsurance": "7,5"}
    row = [asked.get(name, cell) for name, cell in zip(VTEX, VTEX_ROW, strict=True)]
    [table] = read(read_sheet(VTEX, rows(row), Head(carrier="LOGGI")))
    more = {
        "percent": Decimal(10),
        "extra_per_kg": Decimal("2.5"),
        "insured_min": Decimal("7.5"),
        "volume_max_cm3": 50_000,
    }
    assert table[4] == [rate((1_000_000, 1_999_999), (0, 1000), "12.90", 3, **more)]


@pytest.mark.parametrize(("column", "cell"), [("PolygonName", "centro"), ("Country", "ARG")])
def test_vtex_columns_that_ask_for_what_is_not_honoured(column: str, cell: str) -> None:
    bad = [cell if name == column else value for name, value in zip(VTEX, VTEX_ROW, strict=True)]
    sheet = read_sheet(VTEX, rows(VTEX_ROW, bad, bad), Head(carrier="LOGGI"))
    assert sheet.errors == [LineError(3, column, "is not honoured, and 2 rows ask for something by it")]


def test_every_wrong_cell_is_named() -> None:
    sheet = read_sheet(
        OURS,
        rows(
            ["SEDEX", "Sedex", "123", "", "x", "05999999", "0", "0,0005", "dez", ""],
            ["", "", "", "", "0", "1", "0", "1", "1", "1"],
            ["SEDEX", "Outro", "", "", "0", "1", "0", "1", "1", "1"],
        ),
        Head(),
    )
    assert sheet.errors == [
        LineError(2, "cepStart", "must be a CEP, such as 01001-000"),
        LineError(2, "days", "must be a whole number of days"),
        LineError(2, "price", "must be an amount, such as 12,90, with at most four decimals"),
        LineError(2, "sellerCnpj", "must be a CNPJ"),
        LineError(2, "weightEndKg", "must be kg, whole grams"),
        LineError(3, "carrier", "is neither in the row nor given for the file"),
        LineError(4, "description", "differs from the one before of the same carrier"),
    ]


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        (OURS[:-1], {"days": ["is missing"]}),
        ([*OURS, "Zone"], {"zone": ["is not a known column"]}),
        ([*OURS, "PRICE"], {"price": ["comes twice"]}),
        (VTEX[:3] + VTEX[4:], {"WeightStart": ["is missing"]}),
        (["PolygonName", *OURS], {"polygonname": ["is not a known column"]}),
    ],
)
def test_unknown_headers(header: list[str], errors: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_sheet(header, [], Head())
    assert refusal.value.errors == errors
