"""A batch's records as columns. Pure.

A batch has tens of thousands of rows, and most of them say what is there already: going through a column takes a tenth
of what making a record of each row does. A record is made where somebody asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import msgspec

from balcao.base.batch import Sent

T = TypeVar("T", bound=msgspec.Struct)


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

    def distinct(self, name: str) -> frozenset[Any]:
        """The different values of a field."""
        if name not in self._distinct:
            self._distinct[name] = frozenset(self._columns[name])
        return self._distinct[name]

    def pick(self, places: Sequence[int]) -> "Table[T]":
        """The records at these places (from 0)."""
        columns = {name: [values[n] for n in places] for name, values in self._columns.items()}
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
