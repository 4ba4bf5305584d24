"""When a package arrives, and from how far."""

from datetime import date, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from balcao.base.values import Micros, from_micros

BRASILIA = timezone(timedelta(hours=-3))
"""Brazil has had no daylight saving time since 2019 (Decreto 9.772)."""
DAYS_MAX = 3660
"""Ten years: no promise goes beyond, so that no table or store setting leaves the calendar."""
EARTH_KM = 6371.0088
_DAY = timedelta(days=1)


def local_day(now: Micros) -> date:
    """The day in Brasília: at 22:00 there it is already tomorrow in UTC."""
    return from_micros(now).astimezone(BRASILIA).date()


@lru_cache(maxsize=4096)
def delivery_date(today: date, days: int, holidays: tuple[date, ...] = ()) -> date:
    """So many business days after today: Monday to Friday but for the store's holidays.

    Zero days from a day that is none is the next one that is.
    """
    day, left, closed = today, min(days, DAYS_MAX), frozenset(holidays)
    while left > 0 or not _is_business(day, closed):
        day += _DAY
        if left > 0 and _is_business(day, closed):
            left -= 1
    return day


def _is_business(day: date, closed: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in closed


Point = tuple[Decimal | float | None, Decimal | float | None]
"""Latitude and longitude in decimal degrees."""


def distance_km(origin: Point, destination: Point) -> Decimal | None:
    """Along the great circle, to a tenth of a kilometre; None unless both places are known."""
    if None in (*origin, *destination):
        return None
    lat_1, lon_1, lat_2, lon_2 = (radians(float(degrees or 0)) for degrees in (*origin, *destination))
    half = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return Decimal(str(round(2 * EARTH_KM * asin(sqrt(min(1.0, max(0.0, half)))), 1)))
