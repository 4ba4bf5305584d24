"""Whether a table is sound: its ranges run forwards, no CEP and weight is in two rows. And what it leaves out."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import MONEY_MAX
from balcao.freight.rules.model import E4
from balcao.freight.rules.rates import NAMES, NO_CUT_OFF, Wide
from balcao.freight.rules.versions import STATES, Gap, NewTable, RowError

CEP_MAX = 99_999_999
WEIGHT_MAX_G = 2**31 - 1
DAYS_MAX = 365
ROWS_MAX = 2_000_000
BRACKETS_MAX = 1000
"""Distinct weight brackets of a table: a quote looks at those that hold its weight."""
ERRORS_MAX = 1000
"""Who sends a thousand wrong rows learns nothing from the next."""
GAPS_MAX = 100
_MONEY_MAX_E4 = int(MONEY_MAX * E4)
_PERCENT_MAX_E4 = 1000 * E4
_AMOUNT = "must be an amount, not negative, with at most four decimals"
_PLACES = {name: n for n, name in enumerate(NAMES)}

_BOUNDS: Sequence[tuple[str, int, int, str, str]] = (
    ("cep_start", 0, CEP_MAX, "cepStart", "must be a CEP"),
    ("cep_end", 0, CEP_MAX, "cepEnd", "must be a CEP"),
    ("weight_start_g", 0, 2**62, "weightStartKg", "must not be negative"),
    ("weight_end_g", -(2**62), WEIGHT_MAX_G, "weightEndKg", f"must be at most {WEIGHT_MAX_G // 1000}"),
    ("price", 0, _MONEY_MAX_E4, "price", _AMOUNT),
    ("percent", 0, _PERCENT_MAX_E4, "pricePercent", "must be from 0 to 1000, with at most four decimals"),
    ("extra_per_kg", 0, _MONEY_MAX_E4, "extraPerKg", _AMOUNT),
    ("insured_min", 0, _MONEY_MAX_E4, "minInsurance", _AMOUNT),
    ("volume_max_cm3", 0, 10**12, "maxVolumeCm3", "must be whole cubic centimetres, not negative"),
    ("delivery_days", 0, DAYS_MAX, "days", f"must be 0 to {DAYS_MAX}"),
    ("cut_off_min", 0, NO_CUT_OFF, "cutOff", "must be HH:MM"),
)


class InvalidTables(Invalid):
    """Tables to load that are refused as a whole; `rows` names every wrong row, for those who know its line."""

    code = "invalid_tables"

    def __init__(self, rows: Sequence[RowError]) -> None:
        errors: FieldErrors = {}
        for error in rows:
            name = error.field if error.row is None else f"rows[{error.row}].{error.field}"
            other = "" if error.other is None else f" rows[{error.other}]"
            errors.setdefault(name, []).append(error.message + other)
        super().__init__("Nothing was loaded: the table has wrong rows.", errors=errors)
        self.rows = list(rows)


def check_tables(tables: Sequence[NewTable]) -> list[RowError]:
    """What is wrong with these tables, row by row; empty when they may be loaded.

    Brackets that follow each other may share an end (0–1 kg and 1–5 kg: at 1 kg the lower one holds). CEP ranges of the
    same weight may not: both their ends belong to them.
    """
    errors: list[RowError] = []
    seen: set[tuple[str, str | None, str]] = set()
    for index, table in enumerate(tables):
        errors += (RowError(index, None, field, message) for field, message in _check_head(table))
        key = (table.reference, table.seller_cnpj, table.origin_state)
        if key in seen:
            errors.append(RowError(index, None, "carrier", "comes twice for the same origin"))
        seen.add(key)
        errors += (RowError(index, *error) for error in check_rows(table.rows))
    return errors[:ERRORS_MAX]


def check_rows(wide: Wide) -> list[tuple[int, str, str, int | None]]:
    """What is wrong with a table's rows, as (row from 0, field, message, the other row of an overlap).

    Overlaps are looked for among the rows that are sound in themselves, unless there are a thousand mistakes already.
    """
    errors = [(row, field, message, None) for row, field, message in islice(_check_values(wide), ERRORS_MAX)]
    good = np.ones(len(wide), dtype=bool)
    good[[error[0] for error in errors]] = False
    found: list[tuple[int, str, str, int | None]] = [*errors]
    if len(errors) < ERRORS_MAX and may_overlap(wide[good]):
        numbers = np.flatnonzero(good)
        overlaps = islice(_overlaps(numbers.tolist(), wide[good, :4].tolist()), ERRORS_MAX)
        found += ((later, "cepStart", "overlaps", earlier) for later, earlier in overlaps)
    return sorted(found, key=lambda error: error[0])


def gaps_of(tables: Sequence[NewTable]) -> list[Gap]:
    """CEPs between two ranges of one bracket or of all, and weights between two brackets of one range, that no row
    holds: each once a table, a hundred at most.
    """
    first: dict[tuple[int, str], int] = {}
    for index, table in enumerate(tables):
        for row, message in _gaps(table.rows) if len(table.rows) else ():
            first.setdefault((index, message), row)
            if len(first) >= GAPS_MAX:
                break
    return [Gap(index, row, message) for (index, message), row in first.items()]


def _check_head(table: NewTable) -> Iterator[tuple[str, str]]:
    if not 1 <= len(table.reference) <= 100:
        yield "carrier", "must have 1 to 100 characters"
    if table.description is not None and not 1 <= len(table.description) <= 200:
        yield "description", "must have 1 to 200 characters"
    if table.origin_state and table.origin_state not in STATES:
        yield "originState", f"{table.origin_state} is not a state's two letters"
    if table.origin_state and table.seller_cnpj is not None:
        yield "originState", "a table is for a store or for a state, not both"
    if len(table.rows) > ROWS_MAX:
        yield "rows", f"must be at most {ROWS_MAX}"
    if len(table.rows) and len(_brackets(table.rows)) > BRACKETS_MAX:
        yield "rows", f"must have at most {BRACKETS_MAX} different weight brackets"


def _check_values(wide: Wide) -> Iterator[tuple[int, str, str]]:
    for name, least, most, field, message in _BOUNDS:
        column = wide[:, _PLACES[name]]
        yield from ((int(row), field, message) for row in np.flatnonzero((column < least) | (column > most)))
    yield from ((int(row), "cepEnd", "must not be below cepStart") for row in np.flatnonzero(wide[:, 1] < wide[:, 0]))
    reversed_weights = np.flatnonzero(wide[:, 3] <= wide[:, 2])
    yield from ((int(row), "weightEndKg", "must be above weightStartKg") for row in reversed_weights)


def may_overlap(wide: Wide) -> bool:
    """Whether any two of these rows can share a CEP and more than an end of a weight: False is certain.

    In each bracket ranges must not meet; different brackets must not meet at all.
    """
    if len(wide) < 2:
        return False
    order = np.lexsort((wide[:, 0], wide[:, 3], wide[:, 2]))
    rows = wide[order]
    same = _same_bracket(rows)
    if bool(np.any(same & (rows[1:, 0] <= rows[:-1, 1]))):
        return True
    brackets = _brackets(wide)
    return bool(np.any(brackets[1:, 0] < np.maximum.accumulate(brackets[:-1, 1])))


def _brackets(wide: Wide) -> Wide:
    """The weight brackets, by start and end. As one number each: rows of two take numpy ten times as long to sort."""
    _, places = np.unique(wide[:, 2] * (WEIGHT_MAX_G + 1) + wide[:, 3], return_index=True)
    brackets: Wide = wide[places, 2:4]
    return brackets


def _same_bracket(rows: Wide) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (rows[1:, 2] == rows[:-1, 2]) & (rows[1:, 3] == rows[:-1, 3])
    return same


def _gaps(wide: Wide) -> Iterator[tuple[int, str]]:
    order = np.lexsort((wide[:, 0], wide[:, 3], wide[:, 2]))
    rows = wide[order]
    for n in np.flatnonzero(_same_bracket(rows) & (rows[1:, 0] > rows[:-1, 1] + 1)):
        yield int(order[n + 1]), _gap(rows[n, 1], rows[n + 1, 0])
    order = np.lexsort((wide[:, 2], wide[:, 1], wide[:, 0]))
    rows = wide[order]
    ends = np.maximum.accumulate(rows[:, 1])
    for n in np.flatnonzero(rows[1:, 0] > ends[:-1] + 1):
        yield int(order[n + 1]), _gap(ends[n], rows[n + 1, 0])
    same = (rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 1] == rows[:-1, 1])
    for n in np.flatnonzero(same & (rows[1:, 2] > rows[:-1, 3] + 1)):
        yield int(order[n + 1]), f"no row holds the weights from {rows[n, 3] + 1} to {rows[n + 1, 2] - 1} g"


def _gap(end: np.int64, start: np.int64) -> str:
    return f"no row holds the CEPs from {end + 1:08d} to {start - 1:08d}"


def _overlaps(numbers: Sequence[int], rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Pairs (later row, earlier row) that share a CEP and more than one end of a weight.

    Sweeps up the CEPs with the brackets of the rows that are open at each: as those never overlap (who does is reported
    and left out), the neighbours by weight tell. N log n, where comparing pairs would take hours.
    """
    open_rows: list[tuple[int, int, int]] = []
    closing: list[tuple[int, tuple[int, int, int]]] = []
    for (cep_start, cep_end, start_g, end_g), index in sorted(
        zip(rows, numbers, strict=True), key=lambda one: (one[0][0], one[1])
    ):
        while closing and closing[0][0] < cep_start:
            del open_rows[bisect_left(open_rows, heapq.heappop(closing)[1])]
        mine = (start_g, end_g, index)
        at = bisect_left(open_rows, mine)
        near = open_rows[max(at - 1, 0) : at + 1]
        hit = [other for start, end, other in near if start < end_g and start_g < end]
        if hit:
            yield max(index, hit[0]), min(index, hit[0])
        else:
            insort(open_rows, mine)
            heapq.heappush(closing, (cep_end, mine))
