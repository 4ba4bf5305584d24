"""A shop with webhooks: things happen, a real receiver on 127.0.0.1 is told, and time passes as the test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Database, Tx
from balcao.base.http import Http
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.base.settings import read_settings
from balcao.base.values import Micros
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.webhooks.deliver import deliver_webhooks
from balcao.webhooks.disable import disable_webhooks
from balcao.webhooks.find import AskLog, get_webhook, list_attempts, list_dead_letters
from balcao.webhooks.match import Matched, match_events
from balcao.webhooks.rules.model import Attempt, DeadLetter, Done, Wanted, Webhook
from balcao.webhooks.send import SEALED_FOR, Sender
from balcao.webhooks.sign import message_id
from balcao.webhooks.subscribe import NewWebhook, Subscribe, subscribe
from balcao.webhooks.turn import Turn, take_turn
from tests.receiver import Received
from tests.verbs.shop import Shop, open_shop

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


class Hooks:
    """The shop's webhooks. `later` moves the time."""

    def __init__(self, shop: Shop, http: Http, seal: Seal) -> None:
        self.shop, self.db, self.tenant, self.seal = shop, shop.db, shop.tenant, seal
        self._skew = 0
        self.sender = Sender(http, seal, self.now)

    def now(self) -> Micros:
        """The time of day in this test."""
        return Micros(now_us() + self._skew)

    def later(self, micros: int) -> None:
        """So much time passes."""
        self._skew += micros

    async def subscribe(self, url: str, *types: str, **over: Any) -> NewWebhook:
        """A new webhook."""
        wanted = Wanted(types=types, channels=over.pop("channels", ()), seller_ids=over.pop("seller_ids", ()))
        fields = {"tenant": self.tenant, "url": url, "wanted": wanted, "allow_private": True, "actor": "test"}
        cmd = msgspec.convert(fields | over, Subscribe)
        return await self.db.run(lambda tx: subscribe(tx, cmd, self.seal, self.now()))

    async def happen(self, *events: tuple[str, str], **over: Any) -> list[int]:
        """Events of (type, subject), in one transaction; their sequence numbers."""
        log = [
            msgspec.convert(
                {"type": kind, "subject": subject, "actor": "test", "data": {"n": n}, "row": n} | over, Event
            )
            for n, (kind, subject) in enumerate(events)
        ]

        async def work(tx: Tx) -> list[int]:
            ticks = await tick(tx, self.tenant, events=len(log), rows=len(log), now=self.now())
            await append(tx, self.tenant, log, ticks)
            return [ticks.seq(n) for n in range(len(log))]

        return await self.db.run(work)

    async def queue(self, *, farthest: bool = True) -> Matched:
        """Queue what the log has for the webhooks, once."""
        return await self.db.run(lambda tx: match_events(tx, self.tenant, self.now(), farthest=farthest))

    async def turn(self, done: Sequence[Done], asked: Mapping[UUID, int]) -> Turn:
        """Settle and claim, once."""
        return await self.db.run(lambda tx: take_turn(tx, self.tenant, done, asked, self.now()))

    async def deliver(self) -> int:
        """Queue and send all that is due now; how many attempts that were."""
        while (await self.queue()).can_go_on:
            pass
        attempts = 0
        done: list[Done] = []
        while True:
            turn = await self.turn(done, dict.fromkeys(await self._ids(), 0))
            if turn.disable:
                await self.db.run(partial(self._disable, reasons=turn.disable))
            if not turn.claimed:
                return attempts
            sends = [
                self.sender.send(each, message_id(self.tenant, each.seq), number=each.attempts + 1)
                for each in turn.claimed
            ]
            done = list(await asyncio.gather(*sends))
            attempts += len(done)

    async def _disable(self, tx: Tx, *, reasons: Mapping[UUID, str]) -> None:
        await disable_webhooks(tx, self.tenant, reasons, self.now())

    async def _ids(self) -> list[UUID]:
        async with self.db.read() as tx:
            return [row["webhook_id"] for row in await tx.fetch("SELECT webhook_id FROM webhook")]

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """The worker's own loop, meanwhile."""
        stop = asyncio.Event()
        running = asyncio.create_task(deliver_webhooks(self.db, self.sender, self.now, stop=stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(running, 20)

    async def webhook(self, webhook_id: UUID) -> Webhook:
        """The webhook, read afresh."""
        async with self.db.read() as tx:
            return await get_webhook(tx, self.tenant, webhook_id)

    async def log(self, webhook_id: UUID, **over: Any) -> Sequence[Attempt]:
        """The delivery log, newest first."""
        async with self.db.read() as tx:
            return await list_attempts(tx, self.tenant, AskLog(webhook_id=webhook_id, **over))

    async def dead(self, webhook_id: UUID) -> Sequence[DeadLetter]:
        """What was given up."""
        async with self.db.read() as tx:
            return await list_dead_letters(tx, self.tenant, webhook_id)

    async def pending(self) -> list[tuple[int, int]]:
        """The sequence numbers of what waits, with their attempts."""
        text = "SELECT seq, attempts FROM webhook_delivery WHERE died_us IS NULL ORDER BY seq, webhook_id"
        async with self.db.read() as tx:
            return [(row["seq"], row["attempts"]) for row in await tx.fetch(text)]


@asynccontextmanager
async def hooks_of(db: Database, home: Path, name: str = "qaapp") -> AsyncIterator[Hooks]:
    """A shop with webhooks."""
    settings = read_settings({"BALCAO_HOME": str(home), "BALCAO_SECRET_KEY": "k" * 43})
    async with Http(allow_private=True) as http:
        yield Hooks(await open_shop(db, name=name), http, Seal(settings, SEALED_FOR))


def event_of(received: Received) -> dict[str, Any]:
    """The CloudEvent that came."""
    event: dict[str, Any] = json.loads(received.body)
    return event


def seqs_of(got: Sequence[Received]) -> list[int]:
    """The events' numbers in the order in which they came."""
    return [int(event_of(each)["id"]) for each in got]
