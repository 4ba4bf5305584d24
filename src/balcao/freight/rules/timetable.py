"""What the clocks and calendars of all stores say of one minute: the same for every quote that is asked for in it."""

from datetime import tzinfo
from typing import Final, NamedTuple

from balcao.base.values import Micros
from balcao.freight.rules.calendar import MINUTES, Dispatch, Moment, StoreCalendar, local_moment

MINUTE_US: Final = 60_000_000


class Handover(NamedTuple):
    """What a store's clock shows, and when it hands over what is ordered now, in time for a cut-off or too late."""

    minute: int
    on_time: Dispatch
    late: Dispatch


class Timetable:
    """Of one minute. Calendars are asked once each."""

    def __init__(self, now: Micros) -> None:
        self.minute = now // MINUTE_US
        self._now = now
        self._moments: dict[tzinfo, Moment] = {}
        self._handovers: dict[StoreCalendar, Handover] = {}
        self._pickups: dict[StoreCalendar, Dispatch] = {}

    def handover(self, calendar: StoreCalendar) -> Handover:
        """When carriers get the goods."""
        known = self._handovers.get(calendar)
        if known is None:
            now = self._moment(calendar)
            late = calendar.dispatch(now.day, is_late=True)
            on_time = late if calendar.is_late(now, MINUTES) else calendar.dispatch(now.day, is_late=False)
            known = self._handovers[calendar] = Handover(now.minute, on_time, late)
        return known

    def pickup(self, calendar: StoreCalendar) -> Dispatch:
        """When the buyer may collect them."""
        known = self._pickups.get(calendar)
        if known is None:
            known = self._pickups[calendar] = calendar.pickup(self._moment(calendar))
        return known

    def _moment(self, calendar: StoreCalendar) -> Moment:
        zone = calendar.zone
        known = self._moments.get(zone)
        if known is None:
            known = self._moments[zone] = local_moment(self._now, zone)
        return known
