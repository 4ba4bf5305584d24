import pytest

from balcao.base.values import Micros
from balcao.webhooks.rules.model import Next, Reply, Verdict, Way
from balcao.webhooks.rules.schedule import (
    ATTEMPTS_MAX,
    DELAYS_S,
    FAILING_MAX_US,
    PARTNER_DELAYS_S,
    is_past_hope,
    judge,
    read_retry_after,
)

NOW = Micros(1_790_000_000_000_000)  # Mon, 21 Sep 2026 14:13:20 GMT
SECOND = 1_000_000
DAY = 24 * 3600 * SECOND


def _reply(status: int | None, *, retry_after: str | None = None, error: str | None = None) -> Reply:
    return Reply(status=status, body=b"", error=error, retry_after=retry_after, duration_ms=3)


def test_ten_attempts_over_some_75_hours() -> None:
    assert ATTEMPTS_MAX == 10
    assert sum(DELAYS_S) == 272_105
    assert 75 <= sum(DELAYS_S) / 3600 < 76
    assert list(DELAYS_S) == sorted(DELAYS_S)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
@pytest.mark.parametrize("number", [1, 10])
def test_delivered(status: int, number: int) -> None:
    assert judge(_reply(status), number=number, now=NOW, chance=0.3) == Verdict(Next.DONE, NOW, Micros(0), False, None)


@pytest.mark.parametrize(("number", "delay_s"), list(enumerate(DELAYS_S, 1)))
@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.9), (0.5, 1.0), (1.0, 1.1)])
def test_each_failure_waits_longer(number: int, delay_s: int, chance: float, factor: float) -> None:
    verdict = judge(_reply(500), number=number, now=NOW, chance=chance)
    assert verdict.next is Next.RETRY
    assert verdict.due_us - NOW == pytest.approx(delay_s * factor * SECOND, abs=1)
    assert verdict.hold_until_us == 0
    assert verdict.error == "answered 500"


@pytest.mark.parametrize("status", [None, 301, 400, 401, 404, 429, 500, 503])
def test_the_tenth_failure_is_the_last(status: int | None) -> None:
    verdict = judge(_reply(status, error="no connection"), number=10, now=NOW, chance=0.5)
    assert (verdict.next, verdict.is_gone) == (Next.DEAD, False)


@pytest.mark.parametrize("number", [1, 10])
def test_gone_disables_and_keeps_the_delivery(number: int) -> None:
    verdict = judge(_reply(410), number=number, now=NOW, chance=0.5)
    assert verdict == Verdict(Next.RETRY, NOW, Micros(0), True, "answered 410")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (_reply(None, error="no connection: Connection refused"), "no connection: Connection refused"),
        (_reply(None), "no answer"),
        (_reply(302), "answered 302: redirects are not followed"),
        (_reply(422), "answered 422"),
        (_reply(None, error="x" * 900), "x" * 500),
    ],
)
def test_why_it_failed(reply: Reply, error: str) -> None:
    assert judge(reply, number=1, now=NOW, chance=0.5).error == error


def test_retry_after_is_respected() -> None:
    verdict = judge(_reply(429, retry_after="120"), number=1, now=NOW, chance=0.5)
    assert verdict.due_us == verdict.hold_until_us == NOW + 120 * SECOND


def test_retry_after_shorter_than_the_schedule_only_holds() -> None:
    verdict = judge(_reply(503, retry_after="10"), number=2, now=NOW, chance=0.5)
    assert (verdict.due_us, verdict.hold_until_us) == (NOW + 300 * SECOND, NOW + 10 * SECOND)


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("0", 0),
        ("1", 1),
        (" 30 ", 30),
        ("86400", 86_400),
        ("999999999999999999999", 86_400),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60),
        ("Mon, 21 Sep 2026 14:13:20 GMT", 0),
        ("Sun, 20 Sep 2026 14:13:20 GMT", 0),
        ("Wed, 21 Sep 2033 14:13:20 GMT", 86_400),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(text: str, wait_s: int) -> None:
    assert read_retry_after(text, NOW) == (NOW + wait_s * SECOND if wait_s else 0)


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1.5", "٣", "Mon, 99 Sep 2026 14:14:20 GMT"])
def test_retry_after_that_says_nothing(text: str | None) -> None:
    assert read_retry_after(text, NOW) == 0


def test_ten_days_of_failure_are_past_hope() -> None:
    assert FAILING_MAX_US == 10 * DAY
    assert not is_past_hope(None, NOW)
    assert not is_past_hope(Micros(NOW - 10 * DAY + 1), NOW)
    assert is_past_hope(Micros(NOW - 10 * DAY), NOW)


class TestPartner:
    """A partner's API: sooner and more often, for three days, and never again what it refuses."""

    def judge(self, status: int | None, number: int = 1) -> Verdict:
        return judge(_reply(status, error="no connection"), number=number, now=NOW, chance=0.5, way=Way.OMNICHAT)

    def test_for_three_days(self) -> None:
        assert PARTNER_DELAYS_S[:12] == (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
        assert 72 <= sum(PARTNER_DELAYS_S) / 3600 < 73

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 499])
    def test_a_refusal_is_final(self, status: int) -> None:
        assert self.judge(status) == Verdict(Next.DEAD, NOW, Micros(0), False, f"answered {status}")

    @pytest.mark.parametrize("status", [None, 302, 408, 425, 429, 500, 503])
    def test_everything_else_is_tried_again(self, status: int | None) -> None:
        verdict = self.judge(status)
        assert (verdict.next, verdict.due_us, verdict.is_gone) == (Next.RETRY, NOW + SECOND, False)

    def test_until_the_last(self) -> None:
        last = len(PARTNER_DELAYS_S) + 1
        assert self.judge(500, last - 1).next is Next.RETRY
        assert self.judge(500, last).next is Next.DEAD
