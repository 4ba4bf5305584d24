"""Send one message to its address: signed, and whatever comes of it written down."""

import random
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from balcao.base.http import Http, Unanswered
from balcao.base.seal import Seal
from balcao.base.values import Micros, new_id
from balcao.partners.omnichat import call_headers, call_url
from balcao.webhooks.rules.model import Attempt, Delivery, Done, Reply, Verdict, Way
from balcao.webhooks.rules.schedule import judge
from balcao.webhooks.sign import signed_headers

TIMEOUT_S: Final = 15
ANSWER_MAX: Final = 4 * 1024
SEALED_FOR: Final = "webhook"
"""The purpose of the seal that keeps webhooks' secrets."""


class Request(NamedTuple):
    """Where an attempt goes and with which headers; shown: these as the delivery log may keep them."""

    url: str
    headers: Mapping[str, str]
    shown: Mapping[str, str]


class Sender:
    """The process's way out: the client, and the seal that opens the secrets. Nothing here touches the database."""

    def __init__(self, http: Http, seal: Seal, now: Callable[[], Micros]) -> None:
        self._http = http
        self._open = lru_cache(maxsize=4096)(seal.open)
        self._now = now

    async def send(self, delivery: Delivery, message: str, *, number: int) -> Done:
        """Post the message once, and decide on what is to become of the delivery.

        message: its id; number: which attempt it is, 0 for a test.
        """
        now = self._now()
        secrets = tuple(self._open(sealed) for sealed in delivery.target.sealed)
        request = _REQUESTS[delivery.target.way](delivery, message, secrets, now)
        reply = await self._post(request.url, delivery.body, request.headers)
        way, chance = delivery.target.way, random.random()  # noqa: S311
        verdict = judge(reply, number=max(number, 1), now=self._now(), chance=chance, way=way)
        attempt = _attempt(delivery, reply, verdict, at_us=now, number=number, request=request)
        return Done(delivery, verdict, attempt)

    async def _post(self, url: str, body: str, headers: Mapping[str, str]) -> Reply:
        began = time.monotonic()
        try:
            answer = await self._http.post(url, body.encode(), headers, timeout_s=TIMEOUT_S, answer_max=ANSWER_MAX)
        except Unanswered as error:
            return Reply(None, b"", str(error), None, _ms_since(began))
        return Reply(answer.status, answer.body, None, answer.headers.get("retry-after"), _ms_since(began))


def _standard(delivery: Delivery, message: str, secrets: tuple[str, ...], now: Micros) -> Request:
    headers = signed_headers(message, delivery.body, secrets, now)
    return Request(delivery.target.url, headers, headers)


def _omnichat(delivery: Delivery, message: str, secrets: tuple[str, ...], now: Micros) -> Request:
    del message, now
    url = call_url(delivery.target.url, delivery.subject, delivery.type)
    return Request(url, call_headers(secrets[0]), call_headers("***"))


_REQUESTS: Final[Mapping[Way, Callable[[Delivery, str, tuple[str, ...], Micros], Request]]] = {
    Way.STANDARD: _standard,
    Way.OMNICHAT: _omnichat,
}


def _attempt(
    delivery: Delivery, reply: Reply, verdict: Verdict, *, at_us: Micros, number: int, request: Request
) -> Attempt:
    return Attempt(
        attempt_id=new_id(),
        webhook_id=delivery.target.webhook_id,
        seq=delivery.seq,
        type=delivery.type,
        subject=delivery.subject,
        number=number,
        at_us=at_us,
        duration_ms=reply.duration_ms,
        outcome=verdict.outcome,
        status=reply.status,
        error=verdict.error,
        url=request.url,
        headers=dict(request.shown),
        body=delivery.body,
        answer=reply.body.decode(errors="replace").replace("\0", "\ufffd"),  # no text of PostgreSQL's holds a zero
    )


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
