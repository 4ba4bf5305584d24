"""Read rows of which many hold the same few amounts: each amount is understood once, and is one object.

To make a decimal of its text takes half of what reading a row of prices does, and to look at it takes as long again.
"""

from collections.abc import Collection
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from balcao.base.table import Coded
from balcao.doors.wire.compile import compile_type


class SharedRows(NamedTuple):
    """The rows, with the fields of their struct by their names, but for those that are columns."""

    rows: list[Any]
    columns: dict[str, Coded[Any]]


class SharedReader:
    """Reads a whole array of such rows."""

    def __init__(self, row: Any, shared: Collection[str]) -> None:
        fields = msgspec.structs.fields(row)
        twin = msgspec.defstruct(
            row.__name__,
            [_amount(each) if each.name in shared else (each.name, each.type, _as_in(each)) for each in fields],
            kw_only=True,
            forbid_unknown_fields=True,
            gc=False,
        )  # fmt: skip
        self._decode = msgspec.json.Decoder(list[twin]).decode  # type: ignore[valid-type]
        self._check = compile_type(list[twin]).check  # type: ignore[valid-type]
        self._amounts = {
            each.name: (msgspec.json.Decoder(each.type).decode, compile_type(each.type).check)
            for each in fields
            if each.name in shared
        }

    def read(self, body: bytes) -> SharedRows | None:
        """None where an amount is refused. Raises what msgspec does for what it cannot read."""
        rows = self._decode(body)
        columns = {}
        for name, (decode, check) in self._amounts.items():
            columns[name] = column = Coded.of([*map(bytes, map(attrgetter(name), rows))], decode)
            if check is not None and not all(value is None or check(value) for value in column.values):
                return None
        return SharedRows(rows, columns) if self._check is None or self._check(rows) else None


def _amount(field: Any) -> Any:
    """Left as it is written; one that is left out is null."""
    default = {} if field.required else {"default": msgspec.Raw(b"null")}
    return field.name, msgspec.Raw, msgspec.field(name=field.encode_name, **default)


def _as_in(field: Any) -> Any:
    if field.required:
        return msgspec.field(name=field.encode_name)
    return msgspec.field(name=field.encode_name, default=field.default)
