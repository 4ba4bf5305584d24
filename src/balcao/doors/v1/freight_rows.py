"""A carrier's table as it is sent and shown."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from balcao.base.values import iso
from balcao.doors.wire import Instant, Wire
from balcao.freight.rules.cells import kg_to_g, read_cep
from balcao.freight.rules.model import RateRow, RowError, Table
from balcao.freight.rules.table import ERRORS_MAX, InvalidTables


class RateAsked(Wire, kw_only=True):
    """CEPs and weights from, to: both ends belong to the row. At a weight where two rows meet, the lower one holds."""

    __aliases__: ClassVar[Mapping[str, str]] = {"deliverydays": "days"}

    cep_start: str | int
    cep_end: str | int
    weight_start_kg: Decimal
    weight_end_kg: Decimal
    price: Decimal
    days: int


class TableAsked(Wire, kw_only=True):
    """A carrier's whole table, for one store or (without `sellerCnpj`) for every store without one of its own."""

    __aliases__: ClassVar[Mapping[str, str]] = {"carrier": "reference"}
    __example__: ClassVar[Any] = {
        "reference": "SEDEX",
        "description": "Sedex",
        "sellerCnpj": "04109169000135",
        "rows": [
            {
                "cepStart": "01000-000",
                "cepEnd": "05999-999",
                "weightStartKg": 0,
                "weightEndKg": 1,
                "price": 10.5,
                "days": 1,
            }
        ],
    }

    reference: str
    rows: list[RateAsked]
    description: str | None = None
    seller_cnpj: str | None = None


class TableShown(Wire, kw_only=True):
    """A table in force; `sellerCnpj` null: for every store without one of its own."""

    table_id: UUID
    reference: str
    description: str
    seller_cnpj: str | None
    row_count: int
    loaded_at: Instant


class Tables(Wire, kw_only=True):
    """The tables in force, by carrier."""

    tables: list[TableShown]


class RateShown(Wire, kw_only=True):
    """A row, by its line (from 1) in the order loaded."""

    line: int
    cep_start: str
    cep_end: str
    weight_start_kg: Decimal
    weight_end_kg: Decimal
    price: Decimal
    days: int


class TableRows(TableShown, kw_only=True):
    """A table with some of its rows; `next` is what to send as `after` for those that follow, null at the end."""

    rows: list[RateShown]
    next: int | None


def read_rates(asked: Sequence[RateAsked]) -> tuple[RateRow, ...]:
    """Raises InvalidTables for what are no CEPs or no whole grams; everything else the verb checks."""
    errors = [RowError(0, n, field, message) for n, one in enumerate(asked) for field, message in _misread(one)]
    if errors:
        raise InvalidTables(errors[:ERRORS_MAX])
    return tuple(
        RateRow(
            cep_start=read_cep(one.cep_start) or 0,
            cep_end=read_cep(one.cep_end) or 0,
            weight_start_g=kg_to_g(one.weight_start_kg) or 0,
            weight_end_g=kg_to_g(one.weight_end_kg) or 0,
            price=one.price,
            delivery_days=one.days,
        )
        for one in asked
    )


def _misread(asked: RateAsked) -> Iterator[tuple[str, str]]:
    for field, cep in (("cepStart", asked.cep_start), ("cepEnd", asked.cep_end)):
        if read_cep(cep) is None:
            yield field, "must be a CEP, such as 01001-000"
    for field, weight in (("weightStartKg", asked.weight_start_kg), ("weightEndKg", asked.weight_end_kg)):
        if kg_to_g(weight) is None:
            yield field, "must be kg, whole grams"


def shown(table: Table) -> dict[str, Any]:
    """The fields of a `TableShown`."""
    kept = msgspec.structs.asdict(table)
    return {name: kept[name] for name in ("table_id", "reference", "description", "seller_cnpj", "row_count")} | {
        "loaded_at": iso(table.loaded_us)
    }


def show_rate(line: int, row: RateRow) -> RateShown:
    """A row as it is answered."""
    return RateShown(
        line=line,
        cep_start=f"{row.cep_start:08d}",
        cep_end=f"{row.cep_end:08d}",
        weight_start_kg=Decimal(row.weight_start_g) / 1000,
        weight_end_kg=Decimal(row.weight_end_g) / 1000,
        price=row.price,
        days=row.delivery_days,
    )
