"""Columns of the spreadsheets that `balcao import` takes, and how their lines become the rows of a batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from balcao.base.batch import RowIssue
from balcao.base.errors import Invalid
from balcao.base.sheets import Row
from balcao.commands.sheet_cells import Cell, Unreadable, read_cell
from balcao.freight.rules.cells import read_text
from balcao.imports.rules.model import Kind

_TEXT, _CODE, _NUMBER, _WHOLE, _FLAG = Cell.TEXT, Cell.CODE, Cell.NUMBER, Cell.WHOLE, Cell.FLAG

COLUMNS: Final[Mapping[Kind, Mapping[str, Cell]]] = {
    Kind.PRODUCTS: {
        "code": _CODE, "name": _TEXT, "referenceCode": _CODE, "auxCode": _CODE, "description": _TEXT,
        "additionalInfo": _TEXT, "complementaryName": _TEXT, "brand": _TEXT, "keywords": _TEXT,
        "releaseDate": Cell.MOMENT, "isActive": _FLAG, "pickupOnly": _FLAG, "height": _NUMBER, "length": _NUMBER,
        "width": _NUMBER, "weight": _NUMBER, "url": _TEXT, "imageUrl": _TEXT, "hexColor": _TEXT,
        "categories": Cell.LIST, "images": Cell.IMAGES,
        "skuCode": _CODE, "skuName": _TEXT, "barcode": _CODE, "skuAuxCode": _CODE, "minStock": _WHOLE,
        "skuIsActive": _FLAG, "skuImages": Cell.IMAGES, "skuAttributes": Cell.ATTRIBUTES,
    },
    Kind.PRICES: {"ProductCode": _CODE, "Price": Cell.MONEY, "OldPrice": Cell.MONEY, "SellerCode": Cell.CNPJ},
    Kind.STOCKS: {"SkuCode": _CODE, "SellerCode": Cell.CNPJ, "Quantity": _WHOLE, "Timestamp": Cell.MOMENT},
    Kind.SELLERS: {
        "cnpj": Cell.CNPJ, "pointSaleId": _CODE, "name": _TEXT, "fullName": _TEXT, "companyName": _TEXT,
        "email": _TEXT, "phoneNumber": _CODE, "whatsappPhoneNumber": _CODE, "isActive": _FLAG, "isEcommerce": _FLAG,
        "pickupEnabled": _FLAG, "deliveryEnabled": _FLAG, "handlingDays": _WHOLE, "safetyStock": _WHOLE,
        "priority": _WHOLE, "latitude": _NUMBER, "longitude": _NUMBER, "timeZone": _TEXT, "holidays": Cell.LIST,
        "cep": Cell.CEP, "street": _TEXT, "number": _TEXT, "complement": _TEXT, "neighborhood": _TEXT, "city": _TEXT,
        "state": _TEXT,
    },
}  # fmt: skip
"""By kind: the columns, and what their cells are."""
_OF_SKU: Final = {"skuCode": "code", "skuName": "name", "barcode": "barcode", "skuAuxCode": "auxCode",
                  "minStock": "minStock", "skuIsActive": "isActive", "skuImages": "images",
                  "skuAttributes": "Attributes"}  # fmt: skip
_TOLD: Final = frozenset({"Reserved", "Available", "LastUpdate"})
"""What an export tells besides."""
_OF_ADDRESS: Final = ("cep", "street", "number", "complement", "neighborhood", "city", "state")

Fields = dict[str, Any]
_encode = msgspec.json.Encoder(decimal_format="number").encode


class SheetRow(NamedTuple):
    """A record: a batch's row as JSON, and the line that it begins at; of a product also those of its SKUs."""

    body: bytes
    line: int
    sku_lines: Sequence[int]


class _Record(msgspec.Struct):
    """A record under construction; is_sound: whether all of its cells could be read."""

    fields: Fields
    line: int
    is_sound: bool
    sku_lines: list[int] = []

    def finish(self) -> SheetRow:
        return SheetRow(_encode(self.fields), self.line, self.sku_lines)


class Sheet(msgspec.Struct):
    """A file's records; issues: what could not be read, by line: those records are left out, and counted as failed.

    ignored: columns that nobody knows.
    """

    rows: list[SheetRow]
    issues: list[tuple[int, RowIssue]]
    failed: int
    ignored: list[str]


def read_lines(kind: Kind, header: Sequence[Any], lines: Iterable[Row]) -> Sheet:
    """The lines as records. Raises Invalid for a header without the kind's first column, or with one twice."""
    names = _names(kind, header)
    issues: list[tuple[int, RowIssue]] = []
    records = _products if kind is Kind.PRODUCTS else _records
    rows, broken = [], 0
    for record in records(kind, _fields(kind, names, lines, issues)):
        if record.is_sound:
            rows.append(record.finish())
        else:
            broken += 1
    heads = [read_text(cell) for cell, name in zip(header, names, strict=True) if name is None]
    return Sheet(rows, issues, broken, [head for head in heads if head and head not in _TOLD])


def _names(kind: Kind, header: Sequence[Any]) -> list[str | None]:
    known = {name.lower(): name for name in COLUMNS[kind]}
    names = [known.get(read_text(cell).lower().replace(" ", "").replace("_", "")) for cell in header]
    key = next(iter(COLUMNS[kind]))
    if key not in names:
        raise Invalid(f"The file has no column {key}; the columns are {', '.join(COLUMNS[kind])}.", code="no_columns")
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        raise Invalid(f"The file has the column {twice} twice.", code="column_twice")
    return names


_Line = tuple[int, Fields, bool]
"""Where it is, its fields, and whether all of its cells could be read."""


def _fields(
    kind: Kind, names: Sequence[str | None], lines: Iterable[Row], issues: list[tuple[int, RowIssue]]
) -> Iterator[_Line]:
    """Lines with anything in them."""
    columns = COLUMNS[kind]
    for line, cells in lines:
        fields: Fields = {}
        wrong = []
        for name, cell in zip(names, cells, strict=False):
            if name is None or read_text(cell) == "":
                continue
            try:
                fields[name] = read_cell(columns[name], cell)
            except Unreadable as error:
                fields[name] = None
                wrong.append(RowIssue(row=0, code=None, field=name, message=str(error)))
        issues += [(line, issue) for issue in wrong]
        if fields:
            yield line, fields, not wrong


def _records(kind: Kind, lines: Iterable[_Line]) -> Iterator[_Record]:
    """A record a line."""
    for line, fields, is_sound in lines:
        address = {name: fields.pop(name) for name in _OF_ADDRESS if name in fields} if kind is Kind.SELLERS else {}
        yield _Record(fields | ({"address": address} if address else {}), line, is_sound)


def _products(_: Kind, lines: Iterable[_Line]) -> Iterator[_Record]:
    """Lines of one product that follow each other are its SKUs: the first one says what the product is."""
    record: _Record | None = None
    for line, fields, is_sound in lines:
        if record is None or record.fields.get("code") != fields.get("code"):
            if record is not None:
                yield record
            record = _Record(_product(fields), line, is_sound, [])
        record.is_sound &= is_sound
        sku = {name: fields[column] for column, name in _OF_SKU.items() if column in fields}
        if sku:
            record.fields["skus"].append(sku)
            record.sku_lines.append(line)
    if record is not None:
        yield record


def _product(fields: Fields) -> Fields:
    own = {name: value for name, value in fields.items() if name not in _OF_SKU}
    if own.get("categories"):
        own["categories"] = [{"code": code} for code in own["categories"]]
    return {**own, "skus": []}
