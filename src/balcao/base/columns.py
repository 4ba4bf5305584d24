"""Records turned into the arrays that `unnest` takes: one array a column."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

_encode = msgspec.json.Encoder().encode
"""Decimals as text, which the same structs read back exactly."""


def columns_of(rows: Sequence[Any], names: Sequence[str]) -> list[list[Any]]:
    """One array a name; structs within the rows become JSON text, for `text[]` and a cast to jsonb."""
    return [[_plain(getattr(row, name)) for row in rows] for name in names]


def _plain(value: Any) -> Any:
    return _encode(value).decode() if isinstance(value, msgspec.Struct) else value


def numbers(values: Iterable[int | Decimal | None]) -> str:
    """An array of numbers as text, for `$n::text::bigint[]` or `numeric[]`: the driver takes three times as long."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


class Places(NamedTuple):
    """Ids as places (from 1) among the distinct ones: a batch names the same few again and again."""

    places: Sequence[int]
    distinct: Sequence[UUID]


def places_of(ids: Iterable[UUID]) -> Places:
    """For `($m::uuid[])[n.place]`: ids are written in three times the time of numbers."""
    known: dict[UUID, int] = {}
    return Places([known.setdefault(each, len(known) + 1) for each in ids], list(known))


def places_in(named: Mapping[str, UUID], codes: Sequence[str]) -> Places:
    """The same for what the codes name; two codes may name one."""
    ids = list(dict.fromkeys(named.values()))
    place_of = {each: place for place, each in enumerate(ids, start=1)}
    places = {code: place_of[each] for code, each in named.items()}
    return Places([places[code] for code in codes], ids)
