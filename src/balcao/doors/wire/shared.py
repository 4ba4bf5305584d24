"""Read rows of which many hold the same few amounts: each amount is understood once, and is one object.

To make a decimal of its text takes half of what reading a row of prices does, and to look at it takes as long again.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from balcao.doors.wire.compile import compile_type


class SharedReader:
    """Reads a whole array of such rows. What it makes of a row has the fields of the row's struct, by their names."""

    def __init__(self, row: Any, shared: Collection[str]) -> None:
        fields = msgspec.structs.fields(row)
        twin = msgspec.defstruct(
            row.__name__,
            [
                (each.name, msgspec.Raw if each.name in shared else each.type, _as_in(each))
                for each in fields
            ],
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

    def read(self, body: bytes) -> list[Any] | None:
        """The rows; None where an amount is refused. Raises what msgspec does for what it cannot read."""
        rows = self._decode(body)
        for name, (decode, check) in self._amounts.items():
            raws = [None if (raw := getattr(row, name)) is None else bytes(raw) for row in rows]
            values = {raw: None if raw is None else decode(raw) for raw in set(raws)}
            if check is not None and not all(value is None or check(value) for value in values.values()):
                return None
            for row, raw in zip(rows, raws, strict=True):
                setattr(row, name, values[raw])
        return rows if self._check is None or self._check(rows) else None


def _as_in(field: Any) -> Any:
    """The field's name on the wire, and its default."""
    if field.required:
        return msgspec.field(name=field.encode_name)
    return msgspec.field(name=field.encode_name, default=field.default)
