"""What a quote promises at the very minute, by the stores' own clocks, and across the end of a year."""

from datetime import UTC, date, datetime, timedelta

import pytest

from balcao.base.address import Address
from balcao.base.values import to_micros
from balcao.freight.rules.index import TableIndex
from balcao.sellers.rules import Seller, SellerBody
from balcao.sellers.rules.model import WorkingHours
from tests.rules.freight_samples import Shelf, draw, index, line, means, rate, seller

TWO_IN_BRASILIA = datetime(2026, 7, 1, 17, tzinfo=UTC)
"""A Wednesday. In Manaus it is one o'clock, in Fernando de Noronha three."""


def store(number: int, state: str, **body: object) -> Seller:
    place = Address(cep="1", street="", number="", neighborhood="", city="", state=state)
    return seller(number, body=SellerBody(address=place, **body))  # type: ignore[arg-type]


def by_two(days: int = 1) -> TableIndex:
    """A table whose rows count from 14:00 on as the next day's."""
    return index("NORMAL", [rate((0, 1000), "10", days, cut_off_min=14 * 60)])


def promised(at: datetime, stores: list[Seller], table: TableIndex) -> dict[str, tuple[date, int]]:
    """Each store's day of delivery and business days until then."""
    quote = draw([line("A")], [], means([Shelf(one, None) for one in stores], [table], now=to_micros(at)))
    [package] = quote.packages
    return {one.seller.cnpj.lstrip("0"): (one.delivery_date, one.delivery_time) for one in package.options}


@pytest.mark.parametrize(
    ("later", "late"),
    [
        (timedelta(hours=-1, seconds=-1), set()),
        (timedelta(hours=-1), {"3"}),
        (timedelta(seconds=-1), {"3"}),
        (timedelta(microseconds=-1), {"3"}),
        (timedelta(), {"1", "3"}),
        (timedelta(minutes=59, seconds=59), {"1", "3"}),
        (timedelta(hours=1), {"1", "2", "3"}),
    ],
)
def test_the_very_minute_of_the_cut_off_by_each_stores_own_clock(later: timedelta, late: set[str]) -> None:
    stores = [store(1, "SP"), store(2, "AM"), store(3, "PE", time_zone="America/Noronha")]
    assert promised(TWO_IN_BRASILIA + later, stores, by_two()) == {
        number: (date(2026, 7, 3), 2) if number in late else (date(2026, 7, 2), 1) for number in ("1", "2", "3")
    }


def test_the_very_minute_of_closing() -> None:
    hours = tuple(WorkingHours(weekday=day, opens="09:00", closes="14:00") for day in range(1, 6))
    stores = [store(1, "SP", working_hours=hours), store(2, "AM", working_hours=hours)]
    table = index("NORMAL", [rate((0, 1000), "10", 1)])
    on_time, late = (date(2026, 7, 2), 1), (date(2026, 7, 3), 2)
    assert promised(TWO_IN_BRASILIA - timedelta(minutes=1), stores, table) == {"1": on_time, "2": on_time}
    assert promised(TWO_IN_BRASILIA, stores, table) == {"1": late, "2": on_time}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 2026-12-31 is a Thursday, New Year's day a national holiday, Saturday and Sunday follow.
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), {"1": (date(2027, 1, 4), 1), "2": (date(2027, 1, 4), 1)}),
        # From the cut-off on it is handed over on the next day that the store opens: the second one keeps its own
        # holiday on January 4th, and the year's first is everybody's.
        (datetime(2026, 12, 31, 17, tzinfo=UTC), {"1": (date(2027, 1, 5), 2), "2": (date(2027, 1, 6), 2)}),
        # By UTC it is next year already, in Brasília half past eleven at night.
        (datetime(2027, 1, 1, 2, 30, tzinfo=UTC), {"1": (date(2027, 1, 5), 2), "2": (date(2027, 1, 6), 2)}),
        (datetime(2027, 1, 1, 12, tzinfo=UTC), {"1": (date(2027, 1, 5), 1), "2": (date(2027, 1, 6), 1)}),
    ],
)
def test_the_end_of_a_year(at: datetime, expected: dict[str, tuple[date, int]]) -> None:
    stores = [store(1, "SP"), store(2, "RJ", holidays=(date(2027, 1, 4),))]
    assert promised(at, stores, by_two()) == expected
