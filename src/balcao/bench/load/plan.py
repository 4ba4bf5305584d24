"""What a generator is told to do, and what it tells when it has done it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests rendered beforehand: the nth is `before + keys[n] + middle + choices[n % len(choices)] + after`.

    All keys have one length, and all choices: so the Content-Length in `before` is right for each. `endless`: after the
    last key the first comes again.
    """

    before: bytes
    keys: list[bytes]
    middle: bytes = b""
    choices: tuple[bytes, ...] = (b"",)
    after: bytes = b""
    endless: bool = False

    def share(self, part: int, parts: int) -> "Requests":
        """Every `parts`th request."""
        return msgspec.structs.replace(
            self, keys=self.keys[part::parts], choices=self.choices[part::parts] or self.choices
        )


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`connections` callers, each sending its next request when the last one is answered: for `warm_up_s`, then for
    `measure_s`, or until there are no more requests.
    """

    host: str
    port: int
    requests: Requests
    expect: int
    connections: int
    warm_up_s: float
    measure_s: float
    keeps_answers: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered. latencies_ms: those measured, as an array of 4-byte floats; seconds: how long was measured.

    sent: all requests, also those of the warm-up; errors: answers of another status than expected, also of the warm-up,
    each with one example; cpu_s: processor time of the generator from the start on; answers: key and body of every
    expected answer, where they are kept.
    """

    latencies_ms: bytes
    seconds: float
    sent: int
    bytes_received: int
    cpu_s: float
    errors: dict[str, int]
    examples: dict[str, str]
    answers: list[tuple[bytes, bytes]]


class Stretch(NamedTuple):
    """So many requests a second for so many seconds."""

    seconds: float
    rate: float


class PacedPlan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Each request is sent when its time has come, whether or not those before it were answered: as a crowd does.

    A request takes a connection that is free, or a new one as long as there are fewer than `connections_max`; else it
    waits for one, and that counts as its latency. expect: answers of this status are kept, one in `keeps_every`.
    """

    host: str
    port: int
    requests: Requests
    stretches: Sequence[Stretch]
    connections_max: int
    expect: int
    keeps_every: int = 1


class PacedDone(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer in the order in which they came. started: the clock (`perf_counter`) when the first request was due.

    due_s, took_ms: when each was due, after `started`, and how long after that it was answered, as arrays of 8-byte
    floats; statuses: as an array of unsigned 2-byte numbers, 0 where the connection broke; answers: key, body, and when
    it came (`perf_counter`) of those expected; unsent: how many never got a connection; connections: how many were open
    at most; examples: one body of each other status.
    """

    started: float
    due_s: bytes
    took_ms: bytes
    statuses: bytes
    answers: list[tuple[bytes, bytes, float]]
    unsent: int
    connections: int
    cpu_s: float
    examples: dict[str, str]


class FollowPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Follow the feed after that number, by a stream or by long polls."""

    host: str
    port: int
    token: str
    after: int
    by_stream: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The orders whose creation came by: external id, and when (`perf_counter`, one clock for the whole machine)."""

    orders: list[tuple[str, float]]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """The messages that came: sequence number, subject, and when (`perf_counter`); unsigned: how many of them were not
    signed as they should be.
    """

    messages: list[tuple[int, str, float]]
    unsigned: int
