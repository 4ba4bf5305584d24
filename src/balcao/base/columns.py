"""Structs turned into the arrays that `unnest` takes: one array a column."""

from collections.abc import Sequence
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
"""Decimals as text, which the same structs read back exactly."""


def columns_of(rows: Sequence[Any], names: Sequence[str]) -> list[list[Any]]:
    """One array a name; structs within the rows become JSON text, for `text[]` and a cast to jsonb."""
    return [[_plain(getattr(row, name)) for row in rows] for name in names]


def _plain(value: Any) -> Any:
    return _encode(value).decode() if isinstance(value, msgspec.Struct) else value
