from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from balcao.base.address import Address
from balcao.base.values import to_micros
from balcao.freight.rules.calendar import (
    BRASILIA,
    MINUTES,
    Dispatch,
    Moment,
    StoreCalendar,
    arrival,
    is_national_holiday,
    local_moment,
    zone_of,
)
from balcao.freight.rules.where import distance_km
from balcao.sellers.rules import Seller, SellerBody
from balcao.sellers.rules.model import WorkingHours
from tests.rules.freight_samples import seller

WEDNESDAY = date(2026, 7, 1)
SHOP_HOURS = tuple(WorkingHours(weekday=day, opens="10:00", closes="18:00") for day in range(1, 7))
"""Monday to Saturday."""


def store(**given: Any) -> Seller:
    return seller(1, handling_days=given.pop("handling_days", 0), body=SellerBody(**given))


def address(state: str) -> Address:
    return Address(cep="69000000", street="", number="", neighborhood="", city="", state=state)


@pytest.mark.parametrize(
    ("handed_over", "days", "expected"),
    [
        (WEDNESDAY, 0, WEDNESDAY),
        (WEDNESDAY, 1, date(2026, 7, 2)),
        (WEDNESDAY, 2, date(2026, 7, 3)),
        (WEDNESDAY, 3, date(2026, 7, 6)),
        (WEDNESDAY, 8, date(2026, 7, 13)),
        (date(2026, 7, 4), 0, date(2026, 7, 4)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),
        (date(2026, 7, 5), 2, date(2026, 7, 7)),
        # Independence Day is a Monday; Christmas and New Year are Fridays.
        (date(2026, 9, 4), 1, date(2026, 9, 8)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 2, date(2027, 1, 4)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 12, 23), 6, date(2027, 1, 4)),
    ],
)
def test_carriers_count_business_days_but_for_national_holidays(handed_over: date, days: int, expected: date) -> None:
    assert date.fromordinal(arrival(handed_over.toordinal(), days)) == expected


def test_carnival_is_no_national_holiday_and_good_friday_is() -> None:
    assert not is_national_holiday(date(2026, 2, 17).toordinal())
    assert is_national_holiday(date(2026, 4, 3).toordinal())
    assert is_national_holiday(date(2026, 11, 20).toordinal())


def test_no_promise_leaves_the_calendar() -> None:
    assert date.fromordinal(arrival(WEDNESDAY.toordinal(), 10**9)).year == 2040


@pytest.mark.parametrize(
    ("today", "late", "handling", "expected", "days"),
    [
        (WEDNESDAY, False, 0, WEDNESDAY, 0),
        (WEDNESDAY, True, 0, date(2026, 7, 2), 1),
        (WEDNESDAY, False, 2, date(2026, 7, 3), 2),
        (WEDNESDAY, True, 2, date(2026, 7, 6), 3),
        # On a day when the store is closed nothing is lost by being late.
        (date(2026, 7, 4), False, 0, date(2026, 7, 6), 0),
        (date(2026, 7, 4), True, 0, date(2026, 7, 6), 0),
        (date(2026, 7, 3), True, 1, date(2026, 7, 7), 2),
        (date(2026, 12, 31), True, 1, date(2027, 1, 5), 2),
        (date(2026, 12, 24), False, 3, date(2026, 12, 30), 3),
    ],
)
def test_a_store_hands_over_after_its_handling_days(
    today: date, late: bool, handling: int, expected: date, days: int
) -> None:
    calendar = StoreCalendar(store(handling_days=handling))
    assert calendar.dispatch(today.toordinal(), is_late=late) == Dispatch(expected.toordinal(), days)
    assert calendar.dispatch(today.toordinal(), is_late=late) == Dispatch(expected.toordinal(), days)


def test_a_store_is_closed_on_its_own_and_on_national_holidays_and_open_as_it_says() -> None:
    plain = StoreCalendar(store(holidays=(date(2026, 7, 2),)))
    open_days = [day for day in range(1, 8) if plain.is_open(date(2026, 7, day).toordinal())]
    assert open_days == [1, 3, 6, 7]
    shop = StoreCalendar(store(working_hours=SHOP_HOURS))
    open_days = [day for day in range(4, 13) if shop.is_open(date(2026, 9, day).toordinal())]
    assert open_days == [4, 5, 8, 9, 10, 11, 12]


def test_a_store_that_never_opens_promises_the_end_of_the_calendar_at_most() -> None:
    every_day = tuple(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(1000))
    sunday = StoreCalendar(
        store(working_hours=(WorkingHours(weekday=7, opens="10:00", closes="12:00"),), holidays=every_day)
    )
    assert date.fromordinal(sunday.dispatch(WEDNESDAY.toordinal(), is_late=False).day) == date(2028, 10, 1)


@pytest.mark.parametrize(
    ("clock", "cut_off", "is_late"),
    [
        ((13, 59), 14 * 60, False),
        ((14, 0), 14 * 60, True),
        ((14, 1), 14 * 60, True),
        ((17, 59), MINUTES, False),
        ((18, 0), MINUTES, True),
        ((9, 0), MINUTES, False),
        ((0, 0), 0, True),
    ],
)
def test_at_the_very_minute_of_the_cut_off_or_the_closing_an_order_is_late(
    clock: tuple[int, int], cut_off: int, is_late: bool
) -> None:
    calendar = StoreCalendar(store(working_hours=SHOP_HOURS))
    now = Moment(WEDNESDAY.toordinal(), clock[0] * 60 + clock[1])
    assert calendar.is_late(now, cut_off) is is_late


@pytest.mark.parametrize(
    ("lead", "clock", "expected", "days"),
    [
        (None, (12, 0), WEDNESDAY, 0),
        (None, (18, 0), date(2026, 7, 2), 1),
        (120, (9, 0), WEDNESDAY, 0),
        (120, (15, 59), WEDNESDAY, 0),
        (120, (16, 0), date(2026, 7, 2), 1),
        (600, (16, 0), date(2026, 7, 2), 1),
        (3 * MINUTES, (12, 0), date(2026, 7, 4), 3),
        (4 * MINUTES, (12, 0), date(2026, 7, 6), 4),
    ],
)
def test_pickup_has_a_lead_time_of_its_own(lead: int | None, clock: tuple[int, int], expected: date, days: int) -> None:
    calendar = StoreCalendar(store(working_hours=SHOP_HOURS, pickup_lead_minutes=lead))
    now = Moment(WEDNESDAY.toordinal(), clock[0] * 60 + clock[1])
    assert calendar.pickup(now) == Dispatch(expected.toordinal(), days)


@pytest.mark.parametrize(
    ("body", "zone"),
    [
        ({}, "America/Sao_Paulo"),
        ({"address": address("SP")}, "America/Sao_Paulo"),
        ({"address": address(" am ")}, "America/Manaus"),
        ({"address": address("AC")}, "America/Rio_Branco"),
        ({"address": address("PE"), "time_zone": "America/Noronha"}, "America/Noronha"),
        ({"time_zone": "No/Where"}, "America/Sao_Paulo"),
    ],
)
def test_a_stores_time_is_its_own_its_states_or_brasilias(body: dict[str, Any], zone: str) -> None:
    assert zone_of(store(**body)) == ZoneInfo(zone)


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (datetime(2026, 7, 2, 2, 59, 59, tzinfo=UTC), BRASILIA, Moment(WEDNESDAY.toordinal(), 23 * 60 + 59)),
        (datetime(2026, 7, 2, 3, 0, 0, tzinfo=UTC), BRASILIA, Moment(WEDNESDAY.toordinal() + 1, 0)),
        (datetime(2026, 7, 1, 17, 59, 59, tzinfo=UTC), ZoneInfo("America/Manaus"), Moment(WEDNESDAY.toordinal(), 839)),
        (datetime(2026, 7, 1, 18, 0, 0, tzinfo=UTC), ZoneInfo("America/Manaus"), Moment(WEDNESDAY.toordinal(), 840)),
        (datetime(2026, 7, 1, 18, 0, 0, tzinfo=UTC), ZoneInfo("America/Noronha"), Moment(WEDNESDAY.toordinal(), 960)),
    ],
)
def test_the_clock_on_the_wall(at: datetime, zone: ZoneInfo, expected: Moment) -> None:
    assert local_moment(to_micros(at), zone) == expected


def test_distance_is_the_great_circle() -> None:
    sao_paulo = (Decimal("-23.5505"), Decimal("-46.6333"))
    rio = (Decimal("-22.9068"), Decimal("-43.1729"))
    assert distance_km(sao_paulo, rio) == Decimal("360.7")
    assert distance_km(sao_paulo, sao_paulo) == Decimal("0.0")
    assert distance_km((Decimal(0), Decimal(0)), (Decimal(0), Decimal(180))) == Decimal("20015.1")


def test_distance_needs_both_places() -> None:
    assert distance_km((None, None), (Decimal(0), Decimal(0))) is None
    assert distance_km((Decimal(0), Decimal(0)), (Decimal(0), None)) is None
