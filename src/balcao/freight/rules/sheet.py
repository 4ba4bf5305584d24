"""A spreadsheet as tables to load: our columns, or those of VTEX's shipping rate template.

VTEX: https://help.vtex.com, "shipping rate template": weights are grams, `TimeCost` is `d.hh:mm:ss`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from balcao.base.errors import Invalid
from balcao.base.values import cnpj_has_format
from balcao.freight.rules.cells import kg_to_g, read_cep, read_cnpj, read_days, read_number, read_text, read_whole
from balcao.freight.rules.model import NewTable, RateRow

VOLUME_UNLIMITED = 1_000_000_000
"""What VTEX's template writes into `MaxVolume` for carriers that take any volume."""


class LineError(NamedTuple):
    """What is wrong in the file; line as a text editor or a spreadsheet numbers it, the header being 1."""

    line: int
    column: str
    message: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for rows that do not say otherwise: the carrier's reference and description, the store's CNPJ."""

    carrier: str | None = None
    description: str | None = None
    seller_cnpj: str | None = None


class Sheet(NamedTuple):
    """The file's tables, the lines of their rows (`lines[table][row]`), and what is wrong."""

    tables: list[NewTable]
    lines: list[list[int]]
    errors: list[LineError]


class _Column(NamedTuple):
    field: str
    read: Callable[[Any], Any]
    message: str


_CEP = "must be a CEP, such as 01001-000"
_AMOUNT = "must be an amount, such as 12,90"
_OURS = {
    "cepStart": _Column("cep_start", read_cep, _CEP),
    "cepEnd": _Column("cep_end", read_cep, _CEP),
    "weightStartKg": _Column("weight_start_g", lambda cell: kg_to_g(read_number(cell)), "must be kg, whole grams"),
    "weightEndKg": _Column("weight_end_g", lambda cell: kg_to_g(read_number(cell)), "must be kg, whole grams"),
    "price": _Column("price", read_number, _AMOUNT),
    "days": _Column("delivery_days", read_days, "must be a whole number of days"),
}
_VTEX = {
    "ZipCodeStart": _Column("cep_start", read_cep, _CEP),
    "ZipCodeEnd": _Column("cep_end", read_cep, _CEP),
    "WeightStart": _Column("weight_start_g", read_whole, "must be whole grams"),
    "WeightEnd": _Column("weight_end_g", read_whole, "must be whole grams"),
    "AbsoluteMoneyCost": _Column("price", read_number, _AMOUNT),
    "TimeCost": _Column("delivery_days", read_days, "must be a time, such as 3.00:00:00 for three days"),
}
_HEAD = ("carrier", "description", "sellerCnpj")


def _is_zero(cell: Any) -> bool:
    return not read_text(cell) or read_number(cell) == 0


def _is_unlimited(cell: Any) -> bool:
    return _is_zero(cell) or (read_number(cell) or 0) >= VOLUME_UNLIMITED


_UNHONOURED: Mapping[str, Callable[[Any], bool]] = {
    "PolygonName": lambda cell: not read_text(cell),
    "PricePercent": _is_zero,
    "PriceByExtraWeight": _is_zero,
    "MaxVolume": _is_unlimited,
    "Country": lambda cell: read_text(cell).upper() in ("", "BR", "BRA", "BRASIL", "BRAZIL"),
    "MinimumValueInsurance": _is_zero,
}
"""VTEX's columns that quotes do not know yet, and when a cell of theirs asks for nothing."""


def read_sheet(header: Sequence[Any], rows: Iterable[tuple[int, Sequence[Any]]], head: Head) -> Sheet:
    """The tables of a file: one a carrier and store where it names them, in the order met. Empty rows are skipped.

    `rows` come with their lines. Raises Invalid when the header is neither ours nor VTEX's, or has columns that nobody
    knows.
    """
    places, columns = _read_header(header)
    gathering = _Gathering(columns, head)
    for line, cells in rows:
        if any(read_text(cell) for cell in cells):
            gathering.add(line, {name: cells[n] if n < len(cells) else None for name, n in places.items()})
    return gathering.sheet()


class _Gathering:
    """The rows read so far, by table."""

    def __init__(self, columns: Mapping[str, _Column], head: Head) -> None:
        self._columns = columns
        self._head = head
        self._errors: list[LineError] = []
        self._unhonoured: dict[str, list[int]] = defaultdict(list)
        self._rows: dict[tuple[str, str | None], list[tuple[int, RateRow]]] = defaultdict(list)
        self._descriptions: dict[str, str] = {}

    def add(self, line: int, named: Mapping[str, Any]) -> None:
        key = (_carrier(named, self._head), read_cnpj(named.get("sellerCnpj")) or self._head.seller_cnpj)
        row, wrong = _read_row(named, self._columns)
        description = read_text(named.get("description")) or self._head.description
        if description and self._descriptions.setdefault(key[0], description) != description:
            wrong.append(("description", "differs from the one before of the same carrier"))
        wrong += _check_key(*key)
        self._errors += (LineError(line, column, message) for column, message in wrong)
        for name, asks_nothing in _UNHONOURED.items():
            if name in named and not asks_nothing(named[name]):
                self._unhonoured[name].append(line)
        if row is not None:
            self._rows[key].append((line, row))

    def sheet(self) -> Sheet:
        tables = [
            NewTable(
                reference=reference,
                description=self._descriptions.get(reference),
                seller_cnpj=cnpj,
                rows=tuple(row for _, row in some),
            )
            for (reference, cnpj), some in self._rows.items()
        ]
        unhonoured = [
            LineError(lines[0], name, f"is not honoured yet, and {len(lines)} rows ask for something by it")
            for name, lines in self._unhonoured.items()
        ]
        lines = [[line for line, _ in some] for some in self._rows.values()]
        return Sheet(tables, lines, sorted([*self._errors, *unhonoured]))


def _read_header(header: Sequence[Any]) -> tuple[dict[str, int], Mapping[str, _Column]]:
    spelt = [read_text(cell).replace(" ", "").replace("_", "").lower() for cell in header]
    columns = _VTEX if "zipcodestart" in spelt else _OURS
    names = [*_HEAD, *columns, *(_UNHONOURED if columns is _VTEX else ())]
    known = {name.lower(): name for name in names}
    errors = {name: ["is missing"] for name in columns if name.lower() not in spelt}
    errors |= {cell: ["is not a known column"] for cell in spelt if cell and cell not in known}
    errors |= {known[cell]: ["comes twice"] for cell in spelt if cell in known and spelt.count(cell) > 1}
    if errors:
        said = "; ".join(f"{name} {messages[0]}" for name, messages in errors.items())
        raise Invalid(f"The file's columns are not those of a freight table: {said}.", errors=errors)
    return {known[cell]: place for place, cell in enumerate(spelt) if cell}, columns


def _read_row(named: Mapping[str, Any], columns: Mapping[str, _Column]) -> tuple[RateRow | None, list[tuple[str, str]]]:
    values = {column.field: column.read(named[name]) for name, column in columns.items()}
    wrong = [(name, column.message) for name, column in columns.items() if values[column.field] is None]
    return (None if wrong else RateRow(**values)), wrong


def _carrier(named: Mapping[str, Any], head: Head) -> str:
    return read_text(named.get("carrier")) or head.carrier or ""


def _check_key(carrier: str, cnpj: str | None) -> Iterator[tuple[str, str]]:
    if not carrier:
        yield "carrier", "is neither in the row nor given for the file"
    if cnpj is not None and not cnpj_has_format(cnpj):
        yield "sellerCnpj", "must be a CNPJ"
