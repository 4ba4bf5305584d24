"""A batch's records as columns. Pure.

A batch has tens of thousands of rows, and most of them say what is there already: going through a column takes a tenth
of what making a record of each row does. A record is made where somebody asks for it.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import msgspec

from balcao.base.batch import Sent

T = TypeVar("T", bound=msgspec.Struct)
V = TypeVar("V", bound=Hashable)


class Coded(Sequence[V]):
    """A column in which the same values come again and again: each once, and by its place which of them a row has."""

    def __init__(self, places: Sequence[int], values: Sequence[V]) -> None:
        self.places = places
        """From 0, in the order of the rows."""
        self.values = values
        """Different ones; a part of a column may have less of them."""

    @classmethod
    def of(cls, column: Sequence[Any], tidied: Callable[[Any], V] | None = None) -> "Coded[V]":
        """The values of a column, as `tidied` makes them of what was sent."""
        if tidied is None:
            values = {value: place for place, value in enumerate(dict.fromkeys(column))}
            return cls([*map(values.__getitem__, column)], list(values))
        tidy: dict[V, int] = {}
        place_of = {sent: tidy.setdefault(tidied(sent), len(tidy)) for sent in dict.fromkeys(column)}
        return cls([*map(place_of.__getitem__, column)], list(tidy))

    def used(self) -> frozenset[V]:
        """The different values in it."""
        return frozenset([self.values[place] for place in set(self.places)])

    def pick(self, at: Sequence[int]) -> "Coded[V]":
        """The values at these places (from 0)."""
        return Coded([self.places[n] for n in at], self.values)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[V]:
        return map(self.values.__getitem__, self.places)

    @overload
    def __getitem__(self, at: int) -> V: ...

    @overload
    def __getitem__(self, at: slice) -> "Coded[V]": ...

    def __getitem__(self, at: int | slice) -> "V | Coded[V]":
        return Coded(self.places[at], self.values) if isinstance(at, slice) else self.values[self.places[at]]


class Table(Sequence[Sent[T]], Generic[T]):
    """Records of one kind, each the whole of its row: the number of the row, and a column for each of its fields."""

    def __init__(self, record: Callable[..., T], rows: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> None:
        self._record = record
        self.rows = rows
        """Their numbers, counted from 1."""
        self._columns = columns
        self._distinct: dict[str, frozenset[Any]] = {}

    @classmethod
    def of(cls, record: type[T], sent: Sequence[Sent[T]]) -> "Table[T]":
        """The same records as columns."""
        if isinstance(sent, Table):
            return sent
        values = [each.value for each in sent]
        columns = {name: [getattr(value, name) for value in values] for name in record.__struct_fields__}
        return cls(record, [each.row for each in sent], columns)

    def column(self, name: str) -> Sequence[Any]:
        """The values of a field, in the order of the rows."""
        return self._columns[name]

    def coded(self, name: str) -> Coded[Any]:
        """The same, each different value once."""
        values = self._columns[name]
        return values if isinstance(values, Coded) else Coded.of(values)

    def distinct(self, name: str) -> frozenset[Any]:
        """The different values of a field."""
        if name not in self._distinct:
            column = self._columns[name]
            self._distinct[name] = column.used() if isinstance(column, Coded) else frozenset(column)
        return self._distinct[name]

    def pick(self, places: Sequence[int]) -> "Table[T]":
        """The records at these places (from 0)."""
        columns = {
            name: values.pick(places) if isinstance(values, Coded) else [values[n] for n in places]
            for name, values in self._columns.items()
        }
        return Table(self._record, [self.rows[n] for n in places], columns)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Sent[T]: ...

    @overload
    def __getitem__(self, at: slice) -> "Table[T]": ...

    def __getitem__(self, at: int | slice) -> "Sent[T] | Table[T]":
        if isinstance(at, slice):
            columns = {name: values[at] for name, values in self._columns.items()}
            return Table(self._record, self.rows[at], columns)
        return Sent(self.rows[at], self._record(**{name: values[at] for name, values in self._columns.items()}))
