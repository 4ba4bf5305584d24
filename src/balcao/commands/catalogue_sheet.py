"""Columns of the spreadsheets that `balcao import` takes, and how their lines become the rows of a batch."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from balcao.base.errors import Invalid
from balcao.base.sheets import Row
from balcao.freight.rules.cells import read_number, read_text
from balcao.imports.rules.model import Kind

TEXT, NUMBER, WHOLE, FLAG, LIST = "text", "number", "whole", "flag", "list"
_YES: Final = frozenset({"1", "true", "yes", "sim", "s", "y", "x"})

COLUMNS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.PRODUCTS: {
        "code": TEXT, "name": TEXT, "referenceCode": TEXT, "auxCode": TEXT, "description": TEXT, "brand": TEXT,
        "keywords": TEXT, "isActive": FLAG, "height": NUMBER, "length": NUMBER, "width": NUMBER, "weight": NUMBER,
        "categories": LIST, "images": LIST,
        "skuCode": TEXT, "skuName": TEXT, "barcode": TEXT, "skuAuxCode": TEXT, "minStock": WHOLE,
    },
    Kind.PRICES: {"ProductCode": TEXT, "Price": NUMBER, "OldPrice": NUMBER, "SellerCode": TEXT},
    Kind.STOCKS: {"SkuCode": TEXT, "SellerCode": TEXT, "Quantity": WHOLE, "Timestamp": TEXT},
    Kind.SELLERS: {
        "cnpj": TEXT, "pointSaleId": TEXT, "name": TEXT, "companyName": TEXT, "email": TEXT, "phoneNumber": TEXT,
        "isActive": FLAG, "pickupEnabled": FLAG, "deliveryEnabled": FLAG, "handlingDays": WHOLE, "safetyStock": WHOLE,
        "priority": WHOLE, "latitude": NUMBER, "longitude": NUMBER,
        "cep": TEXT, "street": TEXT, "number": TEXT, "complement": TEXT, "neighborhood": TEXT, "city": TEXT,
        "state": TEXT,
    },
}  # fmt: skip
"""By kind: the columns, and what their cells are. Lists are parted by `|`."""
_OF_SKU: Final = {"skuCode": "code", "skuName": "name", "barcode": "barcode", "skuAuxCode": "auxCode",
                  "minStock": "minStock"}  # fmt: skip
_OF_ADDRESS: Final = ("cep", "street", "number", "complement", "neighborhood", "city", "state")


class SheetRows(NamedTuple):
    """The rows of a batch, and the line that each begins at."""

    rows: list[dict[str, Any]]
    lines: list[int]


def read_lines(kind: Kind, header: Sequence[Any], lines: Iterable[Row]) -> SheetRows:
    """The lines as rows. Raises Invalid for a header without a column that we know, or with none of the first."""
    known = {name.lower(): name for name in COLUMNS[kind]}
    names = [known.get(read_text(cell).lower().replace(" ", "").replace("_", "")) for cell in header]
    key = next(iter(COLUMNS[kind]))
    if key not in names:
        raise Invalid(f"The file has no column {key}; the columns are {', '.join(COLUMNS[kind])}.", code="no_columns")
    found = SheetRows([], [])
    for line, cells in lines:
        fields = {
            name: _cell(COLUMNS[kind][name], cell)
            for name, cell in zip(names, cells, strict=False)
            if name is not None and read_text(cell) != ""
        }
        if fields:
            _add(kind, fields, line, found)
    return found


def _cell(what: str, cell: Any) -> Any:
    """What cannot be read stays as it is: reading the row says what is wrong with it."""
    text = read_text(cell)
    if what in (NUMBER, WHOLE):
        number = read_number(cell)
        return text if number is None else _plain(number)
    if what == FLAG:
        return text.lower() in _YES
    if what == LIST:
        return [part.strip() for part in text.split("|") if part.strip()]
    return cell.isoformat() if hasattr(cell, "isoformat") else text


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def _add(kind: Kind, fields: dict[str, Any], line: int, found: SheetRows) -> None:
    if kind is Kind.PRODUCTS:
        _add_product(fields, line, found)
        return
    address = {name: fields.pop(name) for name in _OF_ADDRESS if name in fields} if kind is Kind.SELLERS else {}
    found.rows.append(fields | ({"address": address} if address else {}))
    found.lines.append(line)


def _add_product(fields: dict[str, Any], line: int, found: SheetRows) -> None:
    """Lines of one product that follow each other are its SKUs."""
    sku = {name: fields.pop(column) for column, name in _OF_SKU.items() if column in fields}
    if not found.rows or found.rows[-1].get("code") != fields.get("code"):
        if "categories" in fields:
            fields["categories"] = [{"code": code} for code in fields["categories"]]
        if "images" in fields:
            fields["images"] = [{"order": n, "imageUrl": url} for n, url in enumerate(fields["images"], 1)]
        found.rows.append({**fields, "skus": []})
        found.lines.append(line)
    if "code" in sku:
        found.rows[-1]["skus"].append(sku)
