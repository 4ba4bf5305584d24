"""When a store hands over and a package arrives: business days, holidays, opening hours, cut-offs.

Days are ordinals (`date.toordinal`), minutes count from midnight, both in the store's own time zone.
"""

from datetime import date, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from balcao.base.values import Micros, from_micros
from balcao.sellers.rules import Seller

BRASILIA: Final = ZoneInfo("America/Sao_Paulo")
DAYS_MAX: Final = 3660
"""Ten years: no promise goes beyond, so that no table or store setting leaves the calendar."""
MINUTES: Final = 24 * 60
_ZONES: Final = {
    "AC": "America/Rio_Branco",
    "AM": "America/Manaus",
    "MS": "America/Campo_Grande",
    "MT": "America/Cuiaba",
    "RO": "America/Porto_Velho",
    "RR": "America/Boa_Vista",
}
"""States that do not keep Brasília's time. Fernando de Noronha is part of Pernambuco: its stores name their zone."""
_SATURDAY: Final = 6


class Moment(NamedTuple):
    """A day and a minute of it, as a clock on the store's wall shows them."""

    day: int
    minute: int


class Dispatch(NamedTuple):
    """When the store hands over: the day, and how many business days that is from now."""

    day: int
    days: int


class Opening(NamedTuple):
    """A weekday's first opening and last closing minute."""

    opens: int
    closes: int


class StoreCalendar:
    """One store's days. A store that says nothing is open from Monday to Friday, all day; never on its own holidays nor
    on national ones.
    """

    def __init__(self, seller: Seller) -> None:
        self.zone = zone_of(seller)
        self._week = _week(seller)
        self._holidays = frozenset(day.toordinal() for day in seller.holidays)
        self._handling = seller.handling_days
        self._lead_min = seller.pickup_lead_minutes
        self._known: dict[tuple[int, bool], Dispatch] = {}

    @property
    def key(self) -> tuple[object, ...]:
        """What it is made of: calendars with the same say the same."""
        week = tuple(sorted(self._week.items()))
        return self.zone.key, week, self._holidays, self._handling, self._lead_min

    def is_open(self, day: int) -> bool:
        """Whether it opens on that day at all."""
        return (day - 1) % 7 + 1 in self._week and day not in self._holidays and not is_national_holiday(day)

    def is_late(self, now: Moment, cut_off_min: int) -> bool:
        """Whether an order counts as the next day's: from the cut-off on, at its very minute too, or after closing."""
        if now.minute >= cut_off_min:
            return True
        opening = self._week.get((now.day - 1) % 7 + 1)
        return opening is not None and now.minute >= opening.closes

    def dispatch(self, day: int, *, is_late: bool) -> Dispatch:
        """When an order of that day is handed over: the handling days are counted from the first day that it is in
        time for.
        """
        known = self._known.get((day, is_late))
        if known is None:
            if len(self._known) > 16:
                self._known.clear()
            known = self._known[day, is_late] = self._dispatch(day, is_late=is_late)
        return known

    def pickup(self, now: Moment) -> Dispatch:
        """When the buyer may collect: after the store's own lead time, while it is open; without one after the handling
        days.
        """
        if self._lead_min is None:
            return self.dispatch(now.day, is_late=self.is_late(now, MINUTES))
        ready = now.minute + self._lead_min
        day, minute = now.day + ready // MINUTES, ready % MINUTES
        opening = self._week.get((day - 1) % 7 + 1)
        if opening is not None and minute >= opening.closes:
            day += 1
        day = self._next_open(day)
        return Dispatch(day, sum(self.is_open(each) for each in range(now.day + 1, day + 1)))

    def _dispatch(self, day: int, *, is_late: bool) -> Dispatch:
        lost = 1 if is_late and self.is_open(day) else 0
        start = self._next_open(day + lost)
        for _ in range(min(self._handling, DAYS_MAX)):
            start = self._next_open(start + 1)
        return Dispatch(start, lost + self._handling)

    def _next_open(self, day: int) -> int:
        """That day or the first one after it on which the store opens; ten years on, for one that never does."""
        for ahead in range(DAYS_MAX):
            if self.is_open(day + ahead):
                return day + ahead
        return day + DAYS_MAX


@lru_cache(maxsize=65_536)
def arrival(handed_over: int, days: int) -> int:
    """The day so many business days (Monday to Friday but for national holidays) later; that very day for none."""
    day, left = handed_over, min(days, DAYS_MAX)
    while left > 0:
        day += 1
        if (day - 1) % 7 + 1 < _SATURDAY and not is_national_holiday(day):
            left -= 1
    return day


def is_national_holiday(day: int) -> bool:
    """Whether the law makes it a holiday in all of Brazil. Carnival and Corpus Christi are none: stores add them."""
    return day in _national(date.fromordinal(day).year)


@lru_cache(maxsize=64)
def _national(year: int) -> frozenset[int]:
    return frozenset(day.toordinal() for day in holidays.country_holidays("BR", years=year))


def local_moment(now: Micros, zone: tzinfo) -> Moment:
    """What the clock shows there."""
    there = from_micros(now).astimezone(zone)
    return Moment(there.toordinal(), there.hour * 60 + there.minute)


def zone_of(seller: Seller) -> ZoneInfo:
    """The store's time zone: the one that it names, else its state's, else Brasília's."""
    state = seller.address.state.strip().upper() if seller.address else ""
    name = seller.time_zone or _ZONES.get(state)
    return BRASILIA if name is None else _zone(name)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a zone that this machine's data has lost
        return BRASILIA


def _week(seller: Seller) -> dict[int, Opening]:
    said: dict[int, Opening] = {}
    for hours in seller.working_hours:
        opens, closes = _minute(hours.opens), _minute(hours.closes)
        before = said.get(hours.weekday, Opening(opens, closes))
        said[hours.weekday] = Opening(min(before.opens, opens), max(before.closes, closes))
    return said or dict.fromkeys(range(1, _SATURDAY), Opening(0, MINUTES))


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
