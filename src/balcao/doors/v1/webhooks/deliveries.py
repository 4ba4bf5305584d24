"""What became of deliveries: the log, what was given up; test, and send again."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Invalid
from balcao.base.http import Http
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.base.values import to_micros
from balcao.doors.door import Door
from balcao.doors.v1.webhooks.shapes import (
    Attempts,
    AttemptShown,
    DeadLetters,
    LettersAsked,
    LettersRevived,
    ReplayAsked,
    ReplayShown,
    Seq,
    show_attempt,
    show_dead_letter,
)
from balcao.doors.v1.webhooks.subscriptions import ADMIN, LOOKERS, PATH, READS, TAGS, WRITES
from balcao.doors.wire import WireResponse
from balcao.webhooks.find import PAGE_MAX, AskLog, list_attempts, list_dead_letters
from balcao.webhooks.replay import Replay, replay, revive_dead_letters
from balcao.webhooks.rules.model import Outcome
from balcao.webhooks.send import SEALED_FOR, Sender
from balcao.webhooks.try_out import try_webhook

Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]


@get(f"{PATH}/attempts", opt=LOOKERS, tags=TAGS, operation_id="listWebhookAttempts", responses=READS)
async def get_attempts(
    door: Door,
    webhook_id: FromPath[UUID],
    before: Annotated[UUID | None, QueryParameter(description="`next` of the page before.")] = None,
    outcome: Annotated[Outcome | None, QueryParameter(description="Only these.")] = None,
    limit: Limit = 50,
) -> Response[Attempts]:
    """The delivery log of the last 30 days, newest first: what was sent, what was answered, how long it took."""
    async with door.db.read() as tx:
        ask = AskLog(webhook_id=webhook_id, before=before, outcome=outcome, limit=limit)
        lines = await list_attempts(tx, door.tenant, ask)
    following = lines[-1].attempt_id if len(lines) == limit else None
    return WireResponse(Attempts(attempts=[show_attempt(line) for line in lines], next=following))


@get(f"{PATH}/dead-letters", opt=LOOKERS, tags=TAGS, operation_id="listWebhookDeadLetters", responses=READS)
async def get_dead_letters(
    door: Door,
    webhook_id: FromPath[UUID],
    after: Annotated[Seq, QueryParameter(description="`next` of the page before.")] = 0,
    limit: Limit = 50,
) -> Response[DeadLetters]:
    """Deliveries that were given up after ten attempts, by sequence number."""
    async with door.db.read() as tx:
        letters = await list_dead_letters(tx, door.tenant, webhook_id, after=after, limit=limit)
    following = letters[-1].seq if len(letters) == limit else None
    return WireResponse(DeadLetters(dead_letters=[show_dead_letter(each) for each in letters], next=following))


@post(
    f"{PATH}/dead-letters/replays",
    opt=ADMIN,
    tags=TAGS,
    operation_id="replayWebhookDeadLetters",
    status_code=202,
    responses=WRITES,
)
async def post_dead_letters(
    door: Door, webhook_id: FromPath[UUID], data: JSONBody[LettersAsked]
) -> Response[LettersRevived]:
    """Send deliveries that were given up again, with ten attempts each: these, or all."""

    async def work(tx: Tx) -> Response[Any]:
        count = await revive_dead_letters(tx, door.tenant, webhook_id, seqs=data.seqs, now=door.now)
        return WireResponse(LettersRevived(revived=count), status_code=202)

    return await door.write(work)


@post(f"{PATH}/replays", opt=ADMIN, tags=TAGS, operation_id="replayWebhook", status_code=202, responses=WRITES)
async def post_replay(door: Door, webhook_id: FromPath[UUID], data: JSONBody[ReplayAsked]) -> Response[ReplayShown]:
    """Send events again, in order, as far as the webhook's filter wants them; one by its `seq` in any case.

    They carry the ids that they had, so that a receiver knows what it had already.
    """
    if data.seq is not None and (data.from_seq, data.to_seq, data.since) != (None, None, None):
        raise Invalid(errors={"seq": ["goes without the others"]})
    cmd = Replay(
        tenant=door.tenant,
        webhook_id=webhook_id,
        first=data.from_seq if data.seq is None else data.seq,
        last=data.to_seq if data.seq is None else data.seq,
        since=None if data.since is None else to_micros(data.since),
    )

    async def work(tx: Tx) -> Response[Any]:
        span = await replay(tx, cmd, door.now)
        return WireResponse(ReplayShown(from_seq=span.first, to_seq=span.last), status_code=202)

    return await door.write(work)


@post(f"{PATH}/test", opt=ADMIN, tags=TAGS, operation_id="testWebhook", status_code=200, responses=READS)
async def post_test(door: Door, webhook_id: FromPath[UUID]) -> Response[AttemptShown]:
    """Send a test message (`webhook.test`) now and tell what came of it; also to a webhook that is switched off."""
    async with Http(allow_private=door.settings.webhook_allow_private) as http:
        sender = Sender(http, Seal(door.settings, SEALED_FOR), now_us)
        attempt = await try_webhook(door.db, sender, door.tenant, webhook_id, now_us)
    return WireResponse(show_attempt(attempt))


routes: Sequence[HTTPRouteHandler] = (get_attempts, get_dead_letters, post_dead_letters, post_replay, post_test)
