"""When to try again, and when to give up.

A subscriber: ten attempts over some 75 hours, as the specification advises. A partner's API: sooner and more often, for
three days, and never again what it refuses.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from balcao.base.values import Micros, to_micros
from balcao.webhooks.rules.model import Next, Reply, Verdict, Way

SECOND_US: Final = 1_000_000
MINUTE_S: Final = 60
HOUR_S: Final = 3600
DELAYS_S: Final = (
    5,
    5 * MINUTE_S,
    30 * MINUTE_S,
    2 * HOUR_S,
    5 * HOUR_S,
    10 * HOUR_S,
    14 * HOUR_S,
    20 * HOUR_S,
    24 * HOUR_S,
)
"""After the first, second, … failed attempt."""
ATTEMPTS_MAX: Final = len(DELAYS_S) + 1
PARTNER_DELAYS_S: Final = (*(2**n for n in range(12)), *([HOUR_S] * 71))
"""After each failed call of a partner's API: a second, two, four, … an hour, for three days."""
_WORTH_REPEATING: Final = frozenset({408, 425, 429})
"""Of a partner's 4xx those that may be answered otherwise later; the others are final."""
JITTER: Final = 0.1
"""A delay is longer or shorter by up to so much of itself, so that what failed together does not come back together."""
RETRY_AFTER_MAX_S: Final = 24 * HOUR_S
FAILING_MAX_US: Final = 10 * 24 * HOUR_S * SECOND_US
"""A webhook to which nothing could be delivered for so long is disabled."""
GONE: Final = 410
ERROR_MAX: Final = 500


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long to try. ends_on_refusal: 4xx is final; else only 410 ends it, and all of the webhook."""

    delays_s: Sequence[int]
    ends_on_refusal: bool


PLANS: Final[Mapping[Way, Plan]] = {
    Way.STANDARD: Plan(delays_s=DELAYS_S, ends_on_refusal=False),
    Way.OMNICHAT: Plan(delays_s=PARTNER_DELAYS_S, ends_on_refusal=True),
}


def judge(reply: Reply, *, number: int, now: Micros, chance: float, way: Way = Way.STANDARD) -> Verdict:
    """What to do after attempt `number` (from 1). chance: from 0 to 1, where in the jitter's range the delay lies.

    Delivered is 2xx and nothing else: a redirect is a failure. Retry-After puts off the whole webhook, by at most a
    day: it is the endpoint that asks for quiet, not the event.
    """
    plan = PLANS[way]
    if reply.status is not None and 200 <= reply.status < 300:
        return Verdict(Next.DONE, now, Micros(0), False, None)
    error = _explain(reply)
    if plan.ends_on_refusal and _is_refusal(reply.status):
        return Verdict(Next.DEAD, now, Micros(0), False, error)
    if reply.status == GONE:
        return Verdict(Next.RETRY, now, Micros(0), True, error)
    hold_until_us = read_retry_after(reply.retry_after, now)
    if number > len(plan.delays_s):
        return Verdict(Next.DEAD, now, hold_until_us, False, error)
    delay_us = int(plan.delays_s[number - 1] * SECOND_US * (1 + JITTER * (2 * chance - 1)))
    return Verdict(Next.RETRY, Micros(max(now + delay_us, hold_until_us)), hold_until_us, False, error)


def read_retry_after(text: str | None, now: Micros) -> Micros:
    """The instant that a Retry-After header (RFC 9110: seconds or a date) asks to wait for; 0 where it says nothing."""
    if text is None:
        return Micros(0)
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait_us = min(int(text[:12]), RETRY_AFTER_MAX_S) * SECOND_US
        return Micros(now + wait_us) if wait_us else Micros(0)
    try:
        date = parsedate_to_datetime(text)
        until = to_micros(date if date.tzinfo else date.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return Micros(0)
    return Micros(min(until, now + RETRY_AFTER_MAX_S * SECOND_US)) if until > now else Micros(0)


def is_past_hope(failing_since_us: Micros | None, now: Micros) -> bool:
    """Whether a webhook has failed for ten days without one success."""
    return failing_since_us is not None and now - failing_since_us >= FAILING_MAX_US


def _is_refusal(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status not in _WORTH_REPEATING


def _explain(reply: Reply) -> str:
    if reply.status is None:
        return (reply.error or "no answer")[:ERROR_MAX]
    if 300 <= reply.status < 400:
        return f"answered {reply.status}: redirects are not followed"
    return f"answered {reply.status}"
