"""The wire: JSON documents read case-insensitively and exactly, written in camelCase, documented from the same structs.

    class PriceRow(Wire, rename="pascal", kw_only=True):
        price: Money
        product_code: str
        __example__: ClassVar[Any] = {"Price": 19.9, "ProductCode": "1"}

`Litestar(plugins=[WirePlugin()])` makes every handler's `data: JSONBody[PriceRow]`, `data: JSONBody[list[PriceRow]]`
or `data: JSONBody[Rows[PriceRow]]` read that way (`JSONBody` is Litestar's), and every returned struct be written that
way.
"""

from balcao.doors.wire.dto import WireDTO, WirePlugin
from balcao.doors.wire.read import Reader, Rows, RowsReader, parse, reader
from balcao.doors.wire.shapes import ANY_DECIMAL, INT64_MAX, Bounds, Count, Instant, Money, Quantity, Wire
from balcao.doors.wire.write import WireResponse, to_json

__all__ = [
    "ANY_DECIMAL",
    "INT64_MAX",
    "Bounds",
    "Count",
    "Instant",
    "Money",
    "Quantity",
    "Reader",
    "Rows",
    "RowsReader",
    "Wire",
    "WireDTO",
    "WirePlugin",
    "WireResponse",
    "parse",
    "reader",
    "to_json",
]
