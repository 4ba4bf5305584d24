"""Is a table sound? Its ranges run forwards, and no CEP and weight is in two rows."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import is_money
from balcao.freight.rules.model import NewTable, RateRow, RowError

CEP_MAX = 99_999_999
WEIGHT_MAX_G = 2**31 - 1
DAYS_MAX = 365
ROWS_MAX = 500_000
ERRORS_MAX = 1000
"""Who sends a thousand wrong rows learns nothing from the next."""


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
    seen: set[tuple[str, str | None]] = set()
    for index, table in enumerate(tables):
        errors += (RowError(index, None, field, message) for field, message in _check_head(table))
        if (table.reference, table.seller_cnpj) in seen:
            errors.append(RowError(index, None, "carrier", "comes twice for the same store"))
        seen.add((table.reference, table.seller_cnpj))
        errors += (RowError(index, *error) for error in check_rows(table.rows))
    return errors[:ERRORS_MAX]


def check_rows(rows: Sequence[RateRow]) -> list[tuple[int, str, str, int | None]]:
    """What is wrong with a table's rows, as (row from 0, field, message, the other row of an overlap).

    Overlaps are looked for among the rows that are sound in themselves.
    """
    errors: list[tuple[int, str, str, int | None]] = [
        (index, field, message, None) for index, row in enumerate(rows) for field, message in _check_row(row)
    ]
    bad = {error[0] for error in errors}
    overlaps = _overlaps([(index, row) for index, row in enumerate(rows) if index not in bad])
    errors += ((later, "cepStart", "overlaps", earlier) for later, earlier in overlaps)
    return sorted(errors, key=lambda error: error[0])


def brackets_of(rows: Sequence[RateRow]) -> list[tuple[int, int]]:
    """The table's distinct weight brackets. In each of them no CEP is twice, so one look-up finds a CEP's row."""
    return sorted({(row.weight_start_g, row.weight_end_g) for row in rows})


def _check_head(table: NewTable) -> Iterator[tuple[str, str]]:
    if not 1 <= len(table.reference) <= 100:
        yield "carrier", "must have 1 to 100 characters"
    if table.description is not None and not 1 <= len(table.description) <= 200:
        yield "description", "must have 1 to 200 characters"
    if len(table.rows) > ROWS_MAX:
        yield "rows", f"must be at most {ROWS_MAX}"


def _check_row(row: RateRow) -> Iterator[tuple[str, str]]:
    if not 0 <= row.cep_start <= CEP_MAX:
        yield "cepStart", "must be a CEP"
    if not 0 <= row.cep_end <= CEP_MAX:
        yield "cepEnd", "must be a CEP"
    if row.cep_end < row.cep_start:
        yield "cepEnd", "must not be below cepStart"
    if row.weight_start_g < 0:
        yield "weightStartKg", "must not be negative"
    if row.weight_end_g <= row.weight_start_g:
        yield "weightEndKg", "must be above weightStartKg"
    if row.weight_end_g > WEIGHT_MAX_G:
        yield "weightEndKg", f"must be at most {WEIGHT_MAX_G // 1000}"
    if not is_money(row.price):
        yield "price", "must be an amount, not negative, with at most four decimals"
    if not 0 <= row.delivery_days <= DAYS_MAX:
        yield "days", f"must be 0 to {DAYS_MAX}"


def _overlaps(rows: Sequence[tuple[int, RateRow]]) -> Iterator[tuple[int, int]]:
    """Pairs (later row, earlier row) that share a CEP and more than one end of a weight.

    Sweeps up the CEPs with the brackets of the rows that are open at each: as those never overlap (who does is reported
    and left out), the neighbours by weight tell. N log n, where comparing pairs would take hours.
    """
    open_rows: list[tuple[int, int, int]] = []
    closing: list[tuple[int, tuple[int, int, int]]] = []
    for index, row in sorted(rows, key=lambda one: (one[1].cep_start, one[0])):
        while closing and closing[0][0] < row.cep_start:
            del open_rows[bisect_left(open_rows, heapq.heappop(closing)[1])]
        mine = (row.weight_start_g, row.weight_end_g, index)
        at = bisect_left(open_rows, mine)
        near = open_rows[max(at - 1, 0) : at + 1]
        hit = [other for start, end, other in near if start < row.weight_end_g and row.weight_start_g < end]
        if hit:
            yield max(index, hit[0]), min(index, hit[0])
        else:
            insort(open_rows, mine)
            heapq.heappush(closing, (row.cep_end, mine))
