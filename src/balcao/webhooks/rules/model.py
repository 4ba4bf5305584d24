"""What a webhook is, what is delivered to it, and what came of it."""

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from balcao.base.values import Micros


class Way(StrEnum):
    """How deliveries are addressed, signed and tried again: by Standard Webhooks, or as a partner's API wants it.

    Only the first are subscriptions; the others are lines that a higher noun keeps.
    """

    STANDARD = "standard"
    OMNICHAT = "omnichat"


LIVE: Final = UUID(int=0)
"""The id of the reader that follows the log; a replay has one of its own."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events go to a webhook; what is empty asks for nothing in particular.

    types: exact ones, and `order.*` for all whose name begins with `order.`.
    """

    types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    seller_ids: tuple[UUID, ...] = ()


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription: where, what, and whether it goes well.

    disabled_reason: why it is not active, None while it is; former_until_us: until when the secret before this one
    signs too; failing_since_us: the first failure since the last success; hold_until_us: nothing is sent before
    (Retry-After).
    """

    webhook_id: UUID
    url: str
    description: str
    wanted: Wanted
    is_active: bool
    disabled_reason: str | None
    former_until_us: Micros | None
    failing_since_us: Micros | None
    hold_until_us: Micros
    created_us: Micros
    changed_us: Micros
    way: Way = Way.STANDARD


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A bookmark in the log: of a webhook (`LIVE`), or of one of its replays. All up to `seq` is queued.

    upto: where a replay ends, None for the webhook itself. room: how many deliveries may still be queued.
    """

    webhook_id: UUID
    reader_id: UUID
    seq: int
    upto: int | None
    wanted: Wanted
    room: int = 0


class Queued(NamedTuple):
    """A delivery to be queued."""

    webhook_id: UUID
    seq: int
    type: str
    subject: str
    body: str
    due_us: Micros


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a webhook's deliveries go and with what they are signed (sealed)."""

    webhook_id: UUID
    url: str
    sealed: tuple[bytes, ...]
    is_failing: bool
    way: Way = Way.STANDARD


class Delivery(NamedTuple):
    """One event for one webhook, claimed by this process; attempts: how many there were."""

    target: Target
    seq: int
    type: str
    subject: str
    body: str
    attempts: int
    claim: UUID
    lease_us: Micros


class Outcome(StrEnum):
    """What came of one attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"


class Next(IntEnum):
    """What becomes of the delivery then."""

    DONE = 0
    RETRY = 1
    DEAD = 2


class Reply(NamedTuple):
    """What an endpoint answered, or (status None) why it did not; milliseconds it took."""

    status: int | None
    body: bytes
    error: str | None
    retry_after: str | None
    duration_ms: int


class Verdict(NamedTuple):
    """What to do after an attempt.

    due_us: when to try again; hold_until_us: nothing goes to this webhook before, 0 unless it asked so; is_gone: it
    wants nothing any more (410).
    """

    next: Next
    due_us: Micros
    hold_until_us: Micros
    is_gone: bool
    error: str | None

    @property
    def outcome(self) -> Outcome:
        """The attempt's outcome."""
        return Outcome.DELIVERED if self.next is Next.DONE else Outcome.FAILED


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the delivery log: what was sent when, and what came back (the first 4 KiB).

    number: which attempt of this delivery, from 1; 0 is a test, whose `seq` is 0 too.
    """

    attempt_id: UUID
    webhook_id: UUID
    seq: int
    type: str
    subject: str
    number: int
    at_us: Micros
    duration_ms: int
    outcome: Outcome
    status: int | None
    error: str | None
    url: str
    headers: dict[str, str]
    body: str
    answer: str


class Done(NamedTuple):
    """A finished attempt: the delivery, what is to be done now, and its line for the log."""

    delivery: Delivery
    verdict: Verdict
    attempt: Attempt


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up; it waits for a replay as long as the log keeps its event."""

    webhook_id: UUID
    seq: int
    type: str
    subject: str
    attempts: int
    status: int | None
    error: str | None
    died_us: Micros
