"""Cells as spreadsheet programs write them, and what becomes of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.errors import Invalid
from balcao.commands.catalogue_sheet import read_lines
from balcao.commands.sheet_cells import Cell, Unreadable, read_cell
from balcao.imports.rules.model import Kind

LOST = "has lost digits: give the column the format of text and fill it again"


@pytest.mark.parametrize(
    ("what", "cell", "read"),
    [
        (Cell.CODE, "00123", "00123"),
        (Cell.CODE, 123, "123"),
        (Cell.CODE, 7891234567890.0, "7891234567890"),
        (Cell.CODE, "12E3", "12E3"),
        (Cell.CNPJ, 4109169000135, "04109169000135"),
        (Cell.CNPJ, "4109169000135", "04109169000135"),
        (Cell.CNPJ, "191", "00000000000191"),
        (Cell.CNPJ, "4.109.169/0001-35", "04109169000135"),
        (Cell.CNPJ, "123", "123"),
        (Cell.CNPJ, "9XK4M7TA000116", "9XK4M7TA000116"),
        (Cell.CEP, 1310100, "01310100"),
        (Cell.CEP, "01310-100", "01310100"),
        (Cell.CEP, "centro", "centro"),
        (Cell.NUMBER, "0.320", Decimal("0.320")),
        (Cell.NUMBER, "1,5", Decimal("1.5")),
        (Cell.NUMBER, 12.899999999999999, Decimal("12.9")),
        (Cell.NUMBER, "much", "much"),
        (Cell.MONEY, "R$ 1.199,90", Decimal("1199.90")),
        (Cell.MONEY, "1.199,90", Decimal("1199.90")),
        (Cell.MONEY, "1199.90", Decimal("1199.90")),
        (Cell.MONEY, "1.1990", Decimal("1.1990")),
        (Cell.MONEY, 1.199, Decimal("1.199")),
        (Cell.MONEY, "0.500", Decimal("0.500")),
        (Cell.WHOLE, "5,000", 5),
        (Cell.WHOLE, "7,0", 7),
        (Cell.WHOLE, 7.0, 7),
        (Cell.WHOLE, "1.234.567", 1234567),
        (Cell.WHOLE, "-1", -1),
        (Cell.WHOLE, "1,5", Decimal("1.5")),
        (Cell.FLAG, "VERDADEIRO", True),
        (Cell.FLAG, "sim", True),
        (Cell.FLAG, True, True),
        (Cell.FLAG, 1.0, True),
        (Cell.FLAG, "FALSO", False),
        (Cell.FLAG, "Não", False),
        (Cell.FLAG, 0, False),
        (Cell.MOMENT, datetime(2026, 11, 27, 10, 0), "2026-11-27T10:00:00"),  # noqa: DTZ001
        (Cell.MOMENT, "27/11/2026", "2026-11-27"),
        (Cell.MOMENT, "27/11/2026 10:05", "2026-11-27T10:05"),
        (Cell.MOMENT, "2026-11-27T10:00:00Z", "2026-11-27T10:00:00Z"),
        (Cell.LIST, "A| B |", ["A", "B"]),
        (Cell.LIST, '["A|B", "C"]', ["A|B", "C"]),
        (Cell.IMAGES, "a|b", [{"order": 1, "imageUrl": "a"}, {"order": 2, "imageUrl": "b"}]),
        (Cell.IMAGES, '[{"order": 7, "imageUrl": "a"}]', [{"order": 7, "imageUrl": "a"}]),
        (Cell.ATTRIBUTES, "Tamanho=P|Cor=a=b", [{"title": "Tamanho", "value": "P"}, {"title": "Cor", "value": "a=b"}]),
        (Cell.ATTRIBUTES, '[{"title": "Cor", "type": "Color"}]', [{"title": "Cor", "type": "Color"}]),
    ],
)
def test_cells(what: Cell, cell: Any, read: Any) -> None:
    assert read_cell(what, cell) == read
    assert type(read_cell(what, cell)) is type(read)


@pytest.mark.parametrize(
    ("what", "cell", "message"),
    [
        (Cell.CODE, "7,89123E+12", LOST),
        (Cell.CODE, "7.9E+12", LOST),
        (Cell.CODE, 1234567890123456789, LOST),
        (Cell.CNPJ, "4,10917E+12", LOST),
        (Cell.MONEY, "1.199", "may be 1199 or 1,199: write 1199,00 or 1.1990"),
        (Cell.WHOLE, "5.000", "may be 5000 or 5,000: write 5000,00 or 5.0000"),
        (Cell.FLAG, "perhaps", "must be yes or no (sim, não, true, false, 1, 0)"),
        (Cell.LIST, "[1, 2", "begins like a list in JSON and is none"),
        (Cell.LIST, "[" * 100_000, "begins like a list in JSON and is none"),
        (Cell.ATTRIBUTES, "Tamanho P", "Tamanho P must be written as title=value"),
    ],
)
def test_cells_that_nobody_can_be_sure_about(what: Cell, cell: Any, message: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_cell(what, cell)
    assert str(raised.value) == message


def test_headers() -> None:
    sheet = read_lines(
        Kind.STOCKS, ["Sku_Code", " QUANTITY ", None, "note", "LastUpdate", ""], [(2, ["A", "1", "", "x"])]
    )
    assert (sheet.rows[0].body, sheet.rows[0].line, sheet.ignored) == (b'{"SkuCode":"A","Quantity":1}', 2, ["note"])
    with pytest.raises(Invalid, match="has no column SkuCode"):
        read_lines(Kind.STOCKS, ["Quantity"], [])
    with pytest.raises(Invalid, match="has the column SkuCode twice"):
        read_lines(Kind.STOCKS, ["SkuCode", "skucode"], [])
