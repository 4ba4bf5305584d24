"""A carrier's table as it is sent and shown."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from balcao.base.values import iso
from balcao.doors.wire import Instant, Wire
from balcao.freight.rules.cells import kg_to_g, read_cep, read_clock, scale
from balcao.freight.rules.model import E4
from balcao.freight.rules.rates import NO_CUT_OFF, RateRow
from balcao.freight.rules.table import ERRORS_MAX, InvalidTables
from balcao.freight.rules.versions import RowError, Table


class RateAsked(Wire, kw_only=True):
    """CEPs and weights from, to: both ends belong to the row. At a weight where two rows meet, the lower one holds.

    A parcel costs `price`, the larger of `pricePercent` of its value and `minInsurance`, and `extraPerKg` for what it
    weighs beyond `weightStartKg`. `maxVolumeCm3` 0 or left out: any volume. `cutOff`, `HH:MM` in the store's own time:
    from then on an order counts as the next day's.
    """

    __aliases__: ClassVar[Mapping[str, str]] = {"deliverydays": "days"}

    cep_start: str | int
    cep_end: str | int
    weight_start_kg: Decimal
    weight_end_kg: Decimal
    price: Decimal
    days: int
    price_percent: Decimal = Decimal(0)
    extra_per_kg: Decimal = Decimal(0)
    min_insurance: Decimal = Decimal(0)
    max_volume_cm3: int = 0
    cut_off: str | None = None


class TableAsked(Wire, kw_only=True):
    """A carrier's whole table: for one store, for the stores of one state (`originState`), or for every store.

    A store's own table beats its state's, and that the one for every store, even where it does not go.
    """

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
                "pricePercent": 0.3,
                "extraPerKg": 2,
                "minInsurance": 1,
                "days": 1,
                "cutOff": "15:00",
            }
        ],
    }

    reference: str
    rows: list[RateAsked]
    description: str | None = None
    seller_cnpj: str | None = None
    origin_state: str | None = None


class TableShown(Wire, kw_only=True):
    """A version of a table. Without `sellerCnpj` and `originState` it is for every store without one of its own.

    `inForceSince`: when it was loaded or restored; `isCurrent`: whether quotes use it.
    """

    table_id: UUID
    reference: str
    description: str
    seller_cnpj: str | None
    origin_state: str | None
    row_count: int
    loaded_at: Instant
    loaded_by: str
    source: str | None
    in_force_since: Instant
    is_current: bool


class LoadedTable(TableShown, kw_only=True):
    """A table just loaded; `notes` tell of gaps between its ranges: allowed, and seldom meant."""

    notes: list[str]


class Tables(Wire, kw_only=True):
    """Tables or versions."""

    tables: list[TableShown]


class LoadedTables(Wire, kw_only=True):
    """The tables of a file, all put in force in one swap."""

    tables: list[TableShown]
    rows: int
    notes: list[str]


class RateShown(Wire, kw_only=True):
    """A row, by its line (from 1) in the order loaded."""

    line: int
    cep_start: str
    cep_end: str
    weight_start_kg: Decimal
    weight_end_kg: Decimal
    price: Decimal
    price_percent: Decimal
    extra_per_kg: Decimal
    min_insurance: Decimal
    max_volume_cm3: int
    days: int
    cut_off: str | None


class TableRows(TableShown, kw_only=True):
    """A table with some of its rows; `next` is what to send as `after` for those that follow, null at the end."""

    rows: list[RateShown]
    next: int | None


def read_rates(asked: Sequence[RateAsked]) -> list[RateRow]:
    """Raises InvalidTables for what are no CEPs, no whole grams or no exact amounts; the rest the verb checks."""
    errors = [RowError(0, n, field, message) for n, one in enumerate(asked) for field, message in _misread(one)]
    if errors:
        raise InvalidTables(errors[:ERRORS_MAX])
    return [
        RateRow(
            cep_start=read_cep(one.cep_start) or 0,
            cep_end=read_cep(one.cep_end) or 0,
            weight_start_g=kg_to_g(one.weight_start_kg) or 0,
            weight_end_g=kg_to_g(one.weight_end_kg) or 0,
            price=one.price,
            percent=one.price_percent,
            extra_per_kg=one.extra_per_kg,
            insured_min=one.min_insurance,
            volume_max_cm3=one.max_volume_cm3,
            delivery_days=one.days,
            cut_off_min=NO_CUT_OFF if one.cut_off is None else read_clock(one.cut_off) or 0,
        )
        for one in asked
    ]


def _misread(asked: RateAsked) -> Iterator[tuple[str, str]]:
    for field, cep in (("cepStart", asked.cep_start), ("cepEnd", asked.cep_end)):
        if read_cep(cep) is None:
            yield field, "must be a CEP, such as 01001-000"
    for field, weight in (("weightStartKg", asked.weight_start_kg), ("weightEndKg", asked.weight_end_kg)):
        if kg_to_g(weight) is None:
            yield field, "must be kg, whole grams"
    amounts = (asked.price, asked.extra_per_kg, asked.min_insurance)
    for field, amount in zip(("price", "extraPerKg", "minInsurance"), amounts, strict=True):
        if scale(amount, E4) is None:
            yield field, "must be an amount, not negative, with at most four decimals"
    if scale(asked.price_percent, E4) is None:
        yield "pricePercent", "must be from 0 to 1000, with at most four decimals"
    if asked.cut_off is not None and read_clock(asked.cut_off) is None:
        yield "cutOff", "must be HH:MM"


def shown(table: Table) -> dict[str, Any]:
    """The fields of a `TableShown`."""
    return {
        "table_id": table.table_id,
        "reference": table.reference,
        "description": table.description,
        "seller_cnpj": table.seller_cnpj,
        "origin_state": table.origin_state or None,
        "row_count": table.row_count,
        "loaded_at": iso(table.loaded_us),
        "loaded_by": table.loaded_by,
        "source": table.source or None,
        "in_force_since": iso(table.in_force_us),
        "is_current": table.is_current,
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
        price_percent=row.percent,
        extra_per_kg=row.extra_per_kg,
        min_insurance=row.insured_min,
        max_volume_cm3=row.volume_max_cm3,
        days=row.delivery_days,
        cut_off=show_clock(row.cut_off_min),
    )


def show_clock(minute: int) -> str | None:
    """`HH:MM`, None at the day's end."""
    return None if minute >= NO_CUT_OFF else f"{minute // 60:02d}:{minute % 60:02d}"
