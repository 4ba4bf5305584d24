from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from balcao.base.values import to_micros
from balcao.freight.rules.where_when import delivery_date, distance_km, local_day

WEDNESDAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("today", "days", "expected"),
    [
        (WEDNESDAY, 0, WEDNESDAY),
        (WEDNESDAY, 1, date(2026, 7, 2)),
        (WEDNESDAY, 2, date(2026, 7, 3)),
        (WEDNESDAY, 3, date(2026, 7, 6)),
        (WEDNESDAY, 8, date(2026, 7, 13)),
        (date(2026, 7, 4), 0, date(2026, 7, 6)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),
        (date(2026, 7, 5), 2, date(2026, 7, 7)),
        (WEDNESDAY, 10**9, date(2040, 7, 11)),
    ],
)
def test_delivery_date_counts_business_days(today: date, days: int, expected: date) -> None:
    assert delivery_date(today, days) == expected


def test_delivery_date_skips_the_stores_holidays() -> None:
    holidays = (date(2026, 7, 2), date(2026, 7, 6))
    assert delivery_date(WEDNESDAY, 1, holidays) == date(2026, 7, 3)
    assert delivery_date(WEDNESDAY, 2, holidays) == date(2026, 7, 7)
    assert delivery_date(date(2026, 7, 2), 0, holidays) == date(2026, 7, 3)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 7, 2, 2, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 2, 3, 0, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_the_day_is_that_of_brasilia(at: datetime, expected: date) -> None:
    assert local_day(to_micros(at)) == expected


def test_distance_is_the_great_circle() -> None:
    sao_paulo = (Decimal("-23.5505"), Decimal("-46.6333"))
    rio = (Decimal("-22.9068"), Decimal("-43.1729"))
    assert distance_km(sao_paulo, rio) == Decimal("360.7")
    assert distance_km(sao_paulo, sao_paulo) == Decimal("0.0")
    assert distance_km((Decimal(0), Decimal(0)), (Decimal(0), Decimal(180))) == Decimal("20015.1")


def test_distance_needs_both_places() -> None:
    assert distance_km((None, None), (Decimal(0), Decimal(0))) is None
    assert distance_km((Decimal(0), Decimal(0)), (Decimal(0), None)) is None
