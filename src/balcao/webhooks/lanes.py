"""The deliveries of one tenant, as far as this process has a hand in them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, Tenant
from balcao.webhooks.disable import disable_webhooks
from balcao.webhooks.rules.model import Delivery, Done
from balcao.webhooks.rules.schedule import SECOND_US
from balcao.webhooks.send import TIMEOUT_S, Sender
from balcao.webhooks.sign import message_id
from balcao.webhooks.turn import Turn, take_turn

AWAY_S: Final = 1.0
GATHER_S: Final = 0.008
"""A moment in which finished attempts gather for the next turn, unless there are so many already. Measured: it saves a
third of the worker's time for each delivery, and half of the database's."""
GATHERED: Final = 40
STUMBLES_MAX: Final = 3
LEASE_LEFT_MIN_US: Final = 2 * TIMEOUT_S * SECOND_US
"""Nothing is sent on a claim that could run out meanwhile: another process may send what comes after it."""

log = structlog.get_logger(__name__)


class Lanes:
    """A lane for each webhook with something to do: so many at once, whatever becomes of the others.

    One loop takes turns: it writes down what was done meanwhile and claims what is due, of all webhooks in one
    transaction. What it claims is sent by tasks of their own; the loop waits for none of them. Nothing calls out in a
    transaction.
    """

    def __init__(self, tenant: Tenant, db: Database, sender: Sender, now: Callable[[], Micros]) -> None:
        self.tenant = tenant
        self._db = db
        self._sender = sender
        self._now = now
        self._hungry: set[UUID] = set()
        self._at_work: Counter[UUID] = Counter()
        self._done: list[Done] = []
        self._news = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._is_closing = False
        self._stumbles = 0

    def wake(self, webhook_ids: Iterable[UUID]) -> None:
        """There may be something due for these."""
        self._hungry.update(webhook_ids)
        self._news.set()

    def close(self) -> None:
        """Claim nothing more; `run` returns when what is under way is settled."""
        self._is_closing = True
        self._news.set()

    async def run(self) -> None:
        """Take turns until nothing is left to do."""
        while self._can_act() or self._sending:
            if not self._can_act():
                self._news.clear()
                await self._news.wait()
                continue
            try:
                await self._turn()
                if len(self._done) < GATHERED:
                    await asyncio.sleep(GATHER_S)
            except BalcaoError as error:
                log.warning("deliveries wait for the database", tenant=self.tenant, reason=error.detail)
                await asyncio.sleep(AWAY_S)
            except Exception:
                log.exception("deliveries were not settled", tenant=self.tenant, deliveries=len(self._done))
                self._stumble()
                await asyncio.sleep(AWAY_S)
            else:
                self._stumbles = 0

    def _stumble(self) -> None:
        """Try the same again, but not for ever: the claims run out, and the deliveries are due again."""
        self._stumbles += 1
        if self._stumbles >= STUMBLES_MAX:
            self._at_work.subtract(each.delivery.target.webhook_id for each in self._done)
            self._done.clear()
            self._stumbles = 0

    def _can_act(self) -> bool:
        return bool(self._done) or (bool(self._hungry) and not self._is_closing)

    async def _turn(self) -> None:
        done = tuple(self._done)
        asked = {} if self._is_closing else {webhook_id: self._at_work[webhook_id] for webhook_id in self._hungry}
        self._hungry.difference_update(asked)
        for each in done:  # before the turn: what was done has made room
            webhook_id = each.delivery.target.webhook_id
            if webhook_id in asked:
                asked[webhook_id] -= 1
        try:
            turn = await self._db.run(partial(self._take, done=done, asked=asked))
        except Exception:
            self._hungry.update(asked)
            raise
        del self._done[: len(done)]
        self._at_work.subtract(each.delivery.target.webhook_id for each in done)
        claimed = [each for each in turn.claimed if each.lease_us - self._now() >= LEASE_LEFT_MIN_US]
        self._at_work.update(each.target.webhook_id for each in claimed)
        for delivery in claimed:
            sending = asyncio.create_task(self._send(delivery))
            self._sending.add(sending)
        if turn.disable:
            await self._disable(turn.disable)

    async def _take(self, tx: Tx, *, done: Sequence[Done], asked: Mapping[UUID, int]) -> Turn:
        return await take_turn(tx, self.tenant, done, asked, self._now())

    async def _disable(self, reasons: Mapping[UUID, str]) -> None:
        disabled = await self._db.run(lambda tx: disable_webhooks(tx, self.tenant, reasons, self._now()))
        log.warning("webhooks disabled", tenant=self.tenant, webhooks=disabled)

    async def _send(self, delivery: Delivery) -> None:
        webhook_id = delivery.target.webhook_id
        message = message_id(self.tenant, delivery.seq)
        try:
            self._done.append(await self._sender.send(delivery, message, number=delivery.attempts + 1))
        except Exception:
            # Nothing is lost: the claim runs out, and the delivery is due again.
            log.exception("a delivery was not sent", tenant=self.tenant, webhook=str(webhook_id), seq=delivery.seq)
            self._at_work[webhook_id] -= 1
        sending = asyncio.current_task()
        if sending is not None:
            self._sending.discard(sending)
        # There is room now, and another delivery of the subject may have waited for this one.
        self.wake([webhook_id])
