"""Records turned into the arrays that `unnest` takes: one array a column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import add, attrgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from balcao.base.table import Coded

C = TypeVar("C", bound=str | None)
_encode = msgspec.json.Encoder().encode
_number_encode = msgspec.json.Encoder(decimal_format="number").encode
"""Decimals as text, which the same structs read back exactly."""


def columns_of(rows: Sequence[Any], names: Sequence[str]) -> list[str]:
    """One array a name, as text (`array`); structs within the rows become JSON text, to be cast to jsonb."""
    return [array(_plain([*map(attrgetter(name), rows)])) for name in names]


def json_array(values: Iterable[object]) -> str:
    """An array of JSON texts, for `$n::text::jsonb[]`; a decimal is a number in them."""
    return array([_number_encode(value).decode() for value in values])


def unnest(first: int, columns: Mapping[str, str]) -> str:
    """`unnest(...) AS n(...)` of so many arrays as text (`array`), from parameter `$first` on: types by names.

    The database reads a row of them in two thirds of the time that the same row takes as JSON.
    """
    arrays = (f"${first + n}::text::{kind}[]" for n, kind in enumerate(columns.values()))
    return f"unnest({', '.join(arrays)}) AS n({', '.join(columns)})"


def _plain(values: Sequence[Any]) -> Sequence[Any]:
    if values and isinstance(values[0], msgspec.Struct):
        return [_encode(value).decode() for value in values]
    return values


def array(values: Sequence[str | UUID | Decimal | int | bool | None]) -> str:
    """An array as text, for `$n::text::text[]` or any other: the driver takes ten times as long.

    JSON writes it as PostgreSQL reads it, but for how it escapes control characters.
    """
    text = _encode(values).decode()
    if _CONTROL.search(text):
        text = "," + ",".join([_quote(each) for each in values]) + ","
    return "{" + text[1:-1] + "}"


_CONTROL = re.compile(r"\\[a-z]")


def _quote(value: object) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def numbers(values: Iterable[int | Decimal | None]) -> str:
    """An array of numbers as text, for `$n::text::bigint[]` or `numeric[]`: the driver takes three times as long."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


class Places(NamedTuple):
    """Ids as places (from 1) among the distinct ones, which are in their order: a batch names the same few again and
    again, and ids are written in three times the time of numbers. For `($m::uuid[])[n.place]`.
    """

    places: Sequence[int]
    distinct: Sequence[UUID]


def places_of(ids: Sequence[UUID]) -> Places:
    """The ids as places."""
    distinct = in_order(ids)
    place_of = {each: place for place, each in enumerate(distinct, start=1)}
    return Places([place_of[each] for each in ids], distinct)


def places_in(named: Mapping[C, UUID], codes: Coded[C]) -> Places:
    """The same for what the codes name; two codes may name one."""
    ids = {place: named[codes.values[place]] for place in set(codes.places)}
    distinct = in_order(ids.values())
    place_of = {each: place for place, each in enumerate(distinct, start=1)}
    places = {place: place_of[each] for place, each in ids.items()}
    return Places([*map(places.__getitem__, codes.places)], distinct)


def in_order(ids: Iterable[UUID]) -> list[UUID]:
    """Each id once, in the database's order."""
    return sorted(set(ids), key=_bytes)


_bytes = attrgetter("bytes")


class Pairs(NamedTuple):
    """Keys of two ids; cells: their places (from 0) in the table that these span, row after row in the order of ids."""

    firsts: Places
    seconds: Places
    cells: Sequence[int]

    @property
    def are_distinct(self) -> bool:
        """Whether no key comes twice."""
        return len(set(self.cells)) == len(self.cells)

    @property
    def span(self) -> int:
        """How many cells the table has."""
        return len(self.firsts.distinct) * len(self.seconds.distinct)

    def pick(self, at: Sequence[int]) -> "Pairs":
        """The keys at these places (from 0)."""
        firsts, seconds = (Places([each.places[n] for n in at], each.distinct) for each in (self.firsts, self.seconds))
        return Pairs(firsts, seconds, [self.cells[n] for n in at])


def pair(firsts: Places, seconds: Places) -> Pairs:
    """The keys that these make, one by one."""
    width = len(seconds.distinct)
    begins = [n * width - width - 1 for n in range(len(firsts.distinct) + 1)]
    cells = [*map(add, map(begins.__getitem__, firsts.places), seconds.places)]
    return Pairs(firsts, seconds, cells)
