"""A spreadsheet as tables to load: our columns, or those of VTEX's shipping rate template.

VTEX: https://help.vtex.com, "shipping rate template": weights are grams, `TimeCost` is `d.hh:mm:ss`, `PricePercent` 10
is ten percent of the cart, `MinimumValueInsurance` is charged where that comes to less, `PriceByExtraWeight` is the
price of each gram beyond `WeightStart`, `MaxVolume` is cubic centimetres.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import msgspec
import numpy as np

from balcao.base.errors import Invalid
from balcao.base.values import cnpj_has_format
from balcao.freight.rules.cells import (
    kg_to_g,
    read_cep,
    read_clock,
    read_cnpj,
    read_days,
    read_e4,
    read_number,
    read_text,
    read_whole,
    scale,
)
from balcao.freight.rules.rates import NAMES
from balcao.freight.rules.table import ERRORS_MAX
from balcao.freight.rules.versions import NewTable

ROWS_AT_ONCE = 2_000


class LineError(NamedTuple):
    """What is wrong in the file; line as a text editor or a spreadsheet numbers it, the header being 1."""

    line: int
    column: str
    message: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for rows that do not say otherwise: the carrier's reference and description, the origin's CNPJ or
    state; source: the file's name.
    """

    carrier: str | None = None
    description: str | None = None
    seller_cnpj: str | None = None
    origin_state: str = ""
    source: str = ""


class Sheet(NamedTuple):
    """The file's tables, the lines of their rows (`lines[table][row]`), and what is wrong (a thousand at most)."""

    tables: list[NewTable]
    lines: list[Sequence[int]]
    errors: list[LineError]


class _Column(NamedTuple):
    field: str
    read: Callable[[Any], int | None]
    message: str
    is_optional: bool = False


def _kept(read: Callable[[Any], int | None]) -> Callable[[Any], int | None]:
    """The same cells come again and again: what was read once is known."""
    return lru_cache(maxsize=1 << 17, typed=True)(read)


def _whole_or_nothing(cell: Any) -> int | None:
    return read_whole(cell) if read_text(cell) else 0


def _per_kg(cell: Any) -> int | None:
    """A price a gram, as VTEX has it."""
    return scale(read_number(cell), 10_000_000) if read_text(cell) else 0


_CEP = "must be a CEP, such as 01001-000"
_AMOUNT = "must be an amount, such as 12,90, with at most four decimals"
_KG = "must be kg, whole grams"
_CM3 = "must be whole cubic centimetres"
_OURS: Mapping[str, _Column] = {
    "cepStart": _Column("cep_start", _kept(read_cep), _CEP),
    "cepEnd": _Column("cep_end", _kept(read_cep), _CEP),
    "weightStartKg": _Column("weight_start_g", _kept(lambda cell: kg_to_g(read_number(cell))), _KG),
    "weightEndKg": _Column("weight_end_g", _kept(lambda cell: kg_to_g(read_number(cell))), _KG),
    "price": _Column("price", _kept(lambda cell: scale(read_number(cell), 10_000)), _AMOUNT),
    "pricePercent": _Column("percent", _kept(read_e4), "must be a percentage, such as 1,5", is_optional=True),
    "extraPerKg": _Column("extra_per_kg", _kept(read_e4), _AMOUNT, is_optional=True),
    "minInsurance": _Column("insured_min", _kept(read_e4), _AMOUNT, is_optional=True),
    "maxVolumeCm3": _Column("volume_max_cm3", _kept(_whole_or_nothing), _CM3, is_optional=True),
    "days": _Column("delivery_days", _kept(read_days), "must be a whole number of days"),
    "cutOff": _Column("cut_off_min", _kept(read_clock), "must be a time, such as 14:00", is_optional=True),
}
_VTEX: Mapping[str, _Column] = {
    "ZipCodeStart": _Column("cep_start", _kept(read_cep), _CEP),
    "ZipCodeEnd": _Column("cep_end", _kept(read_cep), _CEP),
    "WeightStart": _Column("weight_start_g", _kept(read_whole), "must be whole grams"),
    "WeightEnd": _Column("weight_end_g", _kept(read_whole), "must be whole grams"),
    "AbsoluteMoneyCost": _Column("price", _kept(lambda cell: scale(read_number(cell), 10_000)), _AMOUNT),
    "PricePercent": _Column("percent", _kept(read_e4), "must be a percentage, such as 1,5", is_optional=True),
    "PriceByExtraWeight": _Column(
        "extra_per_kg", _kept(_per_kg), "must be an amount a gram, with at most seven decimals", is_optional=True
    ),
    "MaxVolume": _Column("volume_max_cm3", _kept(_whole_or_nothing), _CM3, is_optional=True),
    "TimeCost": _Column("delivery_days", _kept(read_days), "must be a time, such as 3.00:00:00 for three days"),
    "MinimumValueInsurance": _Column("insured_min", _kept(read_e4), _AMOUNT, is_optional=True),
}
_HEAD = ("carrier", "description", "sellerCnpj", "originState")
_COUNTRIES = frozenset({"", "BR", "BRA", "BRASIL", "BRAZIL"})
_DEFAULTS = {"cut_off_min": 24 * 60}


def _no_polygon(cell: Any) -> bool:
    return not read_text(cell)


def _is_brazil(cell: Any) -> bool:
    return read_text(cell).upper() in _COUNTRIES


_UNHONOURED: Mapping[str, Callable[[Any], bool]] = {"PolygonName": _no_polygon, "Country": _is_brazil}
"""VTEX's columns that say where else than to a CEP, and when a cell of theirs asks for nothing."""


def read_sheet(header: Sequence[Any], rows: Iterable[tuple[int, Sequence[Any]]], head: Head) -> Sheet:
    """The tables of a file: one a carrier and origin where it names them, in the order met. Empty rows are skipped.

    `rows` come with their lines. Raises Invalid when the header is neither ours nor VTEX's, or has columns that nobody
    knows.
    """
    places, columns = _read_header(header)
    rows = iter(rows)
    gathering = _Gathering(places, columns, head)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        for line, cells in () if gathering.add_alike(some) else some:
            gathering.add(line, cells)
            if len(gathering.errors) >= ERRORS_MAX:
                return gathering.sheet()
    return gathering.sheet()


class _Rows(NamedTuple):
    """One table's rows so far: their lines, and their numbers one after the other."""

    lines: "array[int]"
    numbers: "array[int]"


_Key = tuple[str, str | None, str]


class _Gathering:
    """The rows read so far, by table."""

    def __init__(self, places: Mapping[str, int], columns: Mapping[str, _Column], head: Head) -> None:
        self.errors: list[LineError] = []
        self._head = head
        self._heads = tuple(places.get(name, -1) for name in _HEAD)
        self._unhonoured = [(places[name], name, asks_not) for name, asks_not in _UNHONOURED.items() if name in places]
        self._asked: dict[str, list[int]] = defaultdict(list)
        by_field = {column.field: (places.get(name, -1), name, column) for name, column in columns.items()}
        self._columns = [by_field.get(field, (-1, "", _Column(field, _unsaid(field), ""))) for field in NAMES]
        self._taken = list(places.values())
        self._tables: dict[_Key, _Rows] = {}
        self._descriptions: dict[str, str] = {}
        self._keys: dict[tuple[Any, ...], _Key] = {}

    def add_alike(self, rows: Sequence[tuple[int, Sequence[Any]]]) -> bool:
        """Take many lines at once, column by column, in a third of the time that it takes one by one; or none of them,
        where they are not all of one table, or anything is wrong with any.
        """
        count = min(len(cells) for _, cells in rows)
        if any(place >= count for place in self._taken):
            return False
        cells = list(zip(*(cells for _, cells in rows), strict=False))
        named = tuple(cells[place][0] if place >= 0 else None for place in self._heads)
        key = self._keys.get(named)
        if key is None or any(len(set(cells[place])) > 1 for place in self._heads if place >= 0):
            return False
        # True is equal to 1, and means something else.
        if any(bool in set(map(type, column)) for column in cells):
            return False
        if any(not asks_not(cell) for place, _, asks_not in self._unhonoured for cell in set(cells[place])):
            return False
        numbers = np.empty((len(rows), len(NAMES)), dtype=np.int64)
        for n, (place, _, column) in enumerate(self._columns):
            different = set(cells[place]) if place >= 0 else {None}
            known = {cell: number for cell in different if (number := column.read(cell)) is not None}
            if len(known) < len(different):
                return False
            numbers[:, n] = [known[cell] for cell in cells[place]] if place >= 0 else known[None]
        table = self._tables.setdefault(key, _Rows(array("q"), array("q")))
        table.lines.extend(line for line, _ in rows)
        table.numbers.frombytes(numbers.tobytes())
        return True

    def add(self, line: int, cells: Sequence[Any]) -> None:
        """Take one line of the file."""
        count = len(cells)
        named = tuple(cells[place] if 0 <= place < count else None for place in self._heads)
        values = [
            column.read(cells[place]) if 0 <= place < count else column.read(None) for place, _, column in self._columns
        ]
        if None in values and not any(read_text(cell) for cell in cells):
            return
        for place, name, asks_not in self._unhonoured:
            if place < count and not asks_not(cells[place]):
                self._asked[name].append(line)
        key = self._keys.get(named)
        key = key or self._read_head(line, named)
        if key is None or None in values:
            self.errors += (
                LineError(line, name, column.message)
                for (_, name, column), value in zip(self._columns, values, strict=True)
                if value is None
            )
            return
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = _Rows(array("q"), array("q"))
        table.lines.append(line)
        table.numbers.extend(values)  # type: ignore[arg-type]

    def _read_head(self, line: int, named: tuple[Any, ...]) -> _Key | None:
        carrier = read_text(named[0]) or self._head.carrier or ""
        cnpj, state = read_cnpj(named[2]), read_text(named[3]).upper()
        key = (carrier, cnpj, state) if cnpj or state else (carrier, self._head.seller_cnpj, self._head.origin_state)
        wrong = list(_check_key(*key[:2]))
        description = read_text(named[1]) or self._head.description
        if description and self._descriptions.setdefault(carrier, description) != description:
            wrong.append(("description", "differs from the one before of the same carrier"))
        self.errors += (LineError(line, column, message) for column, message in wrong)
        if wrong:
            return None
        self._keys[named] = key
        return key

    def sheet(self) -> Sheet:
        """What was read."""
        tables = [
            NewTable(
                reference=reference,
                description=self._descriptions.get(reference),
                seller_cnpj=cnpj,
                origin_state=state,
                source=self._head.source,
                rows=np.frombuffer(some.numbers, dtype=np.int64).reshape(-1, len(NAMES)),
            )
            for (reference, cnpj, state), some in self._tables.items()
        ]
        unhonoured = [
            LineError(lines[0], name, f"is not honoured, and {len(lines)} rows ask for something by it")
            for name, lines in self._asked.items()
        ]
        return Sheet(tables, [some.lines for some in self._tables.values()], sorted([*self.errors, *unhonoured]))


def _unsaid(field: str) -> Callable[[Any], int | None]:
    """For a column that the file's form does not have."""
    return lambda _: _DEFAULTS.get(field, 0)


def _read_header(header: Sequence[Any]) -> tuple[dict[str, int], Mapping[str, _Column]]:
    spelt = [read_text(cell).replace(" ", "").replace("_", "").lower() for cell in header]
    columns = _VTEX if "zipcodestart" in spelt else _OURS
    names = [*_HEAD, *columns, *(_UNHONOURED if columns is _VTEX else ())]
    known = {name.lower(): name for name in names}
    needed = [name for name, column in columns.items() if not column.is_optional]
    errors = {name: ["is missing"] for name in needed if name.lower() not in spelt}
    errors |= {cell: ["is not a known column"] for cell in spelt if cell and cell not in known}
    errors |= {known[cell]: ["comes twice"] for cell in spelt if cell in known and spelt.count(cell) > 1}
    if errors:
        said = "; ".join(f"{name} {messages[0]}" for name, messages in errors.items())
        raise Invalid(f"The file's columns are not those of a freight table: {said}.", errors=errors)
    return {known[cell]: place for place, cell in enumerate(spelt) if cell}, columns


def _check_key(carrier: str, cnpj: str | None) -> Iterator[tuple[str, str]]:
    if not carrier:
        yield "carrier", "is neither in the row nor given for the file"
    if cnpj is not None and not cnpj_has_format(cnpj):
        yield "sellerCnpj", "must be a CNPJ"
