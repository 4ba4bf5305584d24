"""What an event is, before and after it is written, and which of them somebody wants to read. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from balcao.base.errors import Conflict, Invalid
from balcao.base.values import EPOCH, Micros, from_micros

KEPT_DAYS: Final = 90
"""Whole days for which an event can be read; then its day is dropped."""
DAYS_AHEAD: Final = 7
"""Days whose partitions are made ahead: as long may every worker be away."""
DAY_US: Final = 24 * 3600 * 1_000_000
SCANNED_MAX: Final = 20_000
"""Events that one page looks at when most of them are filtered out: some ten milliseconds' worth."""
TYPES_MAX: Final = 50
NAME_LENGTH_MAX: Final = 100
ACCESS_TYPES: Final = ("channel.*", "credential.*", "integration.*", "tenant.*", "user.*", "webhook.*")
"""What happens to an installation's own access and settings: for administrators, as the routes that show it are."""

_DAY_NAME = "event_%Y%m%d"
_TYPE = re.compile(r"\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    type: noun and past participle, `order.created`; subject: the id of what it happened to; actor: the credential's
    client id, or the process's name; data: JSON-able facts, no personal data beyond what the consumer needs;
    row: which of the transaction's changed rows (from 0) it tells of.
    """

    type: str
    subject: str
    actor: str
    data: dict[str, Any]
    channel: str | None = None
    seller_id: UUID | None = None
    row: int = 0


class LoggedEvent(NamedTuple):
    """An event as it stands in the log; `data` is JSON text."""

    seq: int
    at_us: Micros
    type: str
    subject: str
    channel: str | None
    seller_id: UUID | None
    actor: str
    data: str


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted; what is None or empty asks for nothing in particular.

    types: exact ones, and `order.*` for all whose name begins with `order.`; hidden: the same form, never shown;
    seller_ids: the stores, an empty tuple is none of them.
    """

    types: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    channel: str | None = None
    seller_ids: tuple[UUID, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether every event passes."""
        return not self.types and not self.hidden and self.channel is None and self.seller_ids is None

    def like(self) -> list[str]:
        """The wanted types as patterns of LIKE."""
        return [_like(name) for name in self.types]

    def unlike(self) -> list[str]:
        """The hidden types as patterns of LIKE."""
        return [_like(name) for name in self.hidden]


class Binding(NamedTuple):
    """What a credential is bound to, and thereby a consumer that it makes; without either it reads everything."""

    channel: str | None = None
    seller_cnpj: str | None = None


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A reader whose place is kept here: `seq` is the last number that it is done with."""

    name: str
    channel: str | None
    seller_cnpj: str | None
    seq: int
    created_us: Micros
    updated_us: Micros

    def is_open_to(self, binding: Binding) -> bool:
        """Whether a credential so bound may use it: its like may, and the unbound ones."""
        return binding in (Binding(), Binding(self.channel, self.seller_cnpj))


class Span(NamedTuple):
    """A stretch of a log: the events after one number up to another, and instants between which they happened.

    newest: the log's last number when the span was measured; after_us: earlier than all of them; upto_us: as late as
    the last of them, or later.
    """

    after: int
    upto: int
    newest: int
    after_us: Micros
    upto_us: Micros


class Day(NamedTuple):
    """A day (UTC) of the log and its partition; `number` counts from 1970-01-01."""

    number: int

    @classmethod
    def of(cls, at_us: int) -> "Day":
        """The day of an instant."""
        return cls(at_us // DAY_US)

    @classmethod
    def of_name(cls, name: str) -> "Day":
        """The day of a partition's name."""
        return cls((datetime.strptime(name, _DAY_NAME).replace(tzinfo=UTC) - EPOCH).days)

    @property
    def name(self) -> str:
        """The partition's name: `event_20260801`."""
        return from_micros(self.first_us).strftime(_DAY_NAME)

    @property
    def first_us(self) -> Micros:
        """Its first instant."""
        return Micros(self.number * DAY_US)

    @property
    def end_us(self) -> Micros:
        """The first instant after it."""
        return Micros((self.number + 1) * DAY_US)


def check_reached(seq: int, newest: int) -> None:
    """Raise Conflict for a number that the log has not reached."""
    if seq > newest:
        raise Conflict(
            f"The log ends at {newest}: {seq} was never reached, or is gone with a restored database.",
            code="cursor_ahead",
            newest=newest,
        )


def check_consumer_name(name: str) -> None:
    """Raise Invalid for what cannot be a consumer's name."""
    if not (0 < len(name) <= NAME_LENGTH_MAX and name == name.strip() and name.isprintable()):
        reason = f"must be 1 to {NAME_LENGTH_MAX} printable characters without blanks around"
        raise Invalid(errors={"name": [reason]})


def oldest_day(now: Micros) -> Day:
    """The first day that is still kept."""
    return Day(Day.of(now).number - KEPT_DAYS)


def days_ahead(now: Micros) -> set[Day]:
    """The days that must have their partitions: today and a week."""
    today = Day.of(now).number
    return {Day(number) for number in range(today, today + DAYS_AHEAD + 1)}


def read_types(texts: Iterable[str]) -> tuple[str, ...]:
    """The types that a request names, several in one text separated by commas; raises Invalid for what is none."""
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    wrong = next((name for name in names if not _TYPE.fullmatch(name)), None)
    if wrong is not None:
        raise Invalid(errors={"types": [f"{wrong!r} is no type: send such as order.placed or order.*"]})
    if len(names) > TYPES_MAX:
        raise Invalid(errors={"types": [f"at most {TYPES_MAX}"]})
    return () if "*" in names else tuple(dict.fromkeys(names))


def _like(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return f"{escaped[:-1]}%" if name.endswith("*") else escaped
