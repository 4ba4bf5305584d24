"""Records turned into the arrays that `unnest` takes: one array a column."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

C = TypeVar("C", bound=str | None)
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


def places_in(named: Mapping[C, UUID], codes: Sequence[C]) -> Places:
    """The same for what the codes name; two codes may name one."""
    ids = {code: named[code] for code in dict.fromkeys(codes)}
    distinct = list(dict.fromkeys(ids.values()))
    place_of = {each: place for place, each in enumerate(distinct, start=1)}
    places = {code: place_of[each] for code, each in ids.items()}
    return Places([places[code] for code in codes], distinct)


def cells_of(firsts: Places, seconds: Places) -> tuple[list[int], list[UUID], list[UUID]]:
    """Pairs of ids as places (from 0) in the table that the two span, row after row, both in the order of ids; and
    these two.
    """
    ranks, rows = _ranks(firsts.distinct)
    others, columns = _ranks(seconds.distinct)
    width = len(columns)
    cells = [ranks[first] * width + others[second] for first, second in zip(firsts.places, seconds.places, strict=True)]
    return cells, rows, columns


def _ranks(ids: Sequence[UUID]) -> tuple[list[int], list[UUID]]:
    """By place (from 1): where the id comes in the order of ids; and that order."""
    order = sorted(range(len(ids)), key=[each.bytes for each in ids].__getitem__)
    ranks = [0] * (len(ids) + 1)
    for rank, n in enumerate(order):
        ranks[n + 1] = rank
    return ranks, [ids[n] for n in order]
