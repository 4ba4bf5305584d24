"""What went to and fro: the hooks that came, the calls that were made or given up; make them again."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from balcao.base.db import Tx
from balcao.doors.door import Door
from balcao.doors.v1.omnichat.integrations import ADMIN, LOOKERS, PATH, READS, TAGS, WRITES
from balcao.doors.v1.omnichat.shapes import Hooks, show_hook
from balcao.doors.v1.webhooks.shapes import (
    Attempts,
    DeadLetters,
    LettersAsked,
    LettersRevived,
    Seq,
    show_attempt,
    show_dead_letter,
)
from balcao.doors.wire import WireResponse
from balcao.omnichat.find import get_integration
from balcao.omnichat.hooks import AskHooks, list_hooks
from balcao.webhooks.find import PAGE_MAX, AskLog, list_attempts, list_dead_letters
from balcao.webhooks.replay import revive_dead_letters
from balcao.webhooks.rules.model import Outcome, Way

Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
WAY: Final = Way.OMNICHAT


@get(f"{PATH}/hooks", opt=LOOKERS, tags=TAGS, operation_id="listIntegrationHooks", responses=READS)
async def get_hooks(
    door: Door,
    integration_id: FromPath[str],
    object_id: Annotated[str | None, QueryParameter(name="objectId", description="Only of this order.")] = None,
    before: Annotated[UUID | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response[Hooks]:
    """What OmniChat sent in the last 30 days, newest first, and what became of it."""
    ask = AskHooks(integration_id=integration_id, object_id=object_id, before=before, limit=limit)
    async with door.db.read() as tx:
        lines = await list_hooks(tx, door.tenant, ask)
    following = lines[-1].hook_id if len(lines) == limit else None
    return WireResponse(Hooks(hooks=[show_hook(line) for line in lines], next=following))


@get(f"{PATH}/attempts", opt=LOOKERS, tags=TAGS, operation_id="listIntegrationAttempts", responses=READS)
async def get_attempts(
    door: Door,
    integration_id: FromPath[str],
    before: Annotated[UUID | None, QueryParameter(description="`next` of the page before.")] = None,
    outcome: Annotated[Outcome | None, QueryParameter(description="Only these.")] = None,
    limit: Limit = 50,
) -> Response[Attempts]:
    """Our calls of the last 30 days, newest first: what was sent, what was answered, how long it took."""
    async with door.db.read() as tx:
        integration = await get_integration(tx, door.tenant, integration_id)
        ask = AskLog(webhook_id=integration.webhook_id, before=before, outcome=outcome, limit=limit, way=WAY)
        lines = await list_attempts(tx, door.tenant, ask)
    following = lines[-1].attempt_id if len(lines) == limit else None
    return WireResponse(Attempts(attempts=[show_attempt(line) for line in lines], next=following))


@get(f"{PATH}/dead-letters", opt=LOOKERS, tags=TAGS, operation_id="listIntegrationDeadLetters", responses=READS)
async def get_dead_letters(
    door: Door,
    integration_id: FromPath[str],
    after: Annotated[Seq, QueryParameter(description="`next` of the page before.")] = 0,
    limit: Limit = 50,
) -> Response[DeadLetters]:
    """Calls that were refused or given up after three days, by sequence number."""
    async with door.db.read() as tx:
        line = (await get_integration(tx, door.tenant, integration_id)).webhook_id
        letters = await list_dead_letters(tx, door.tenant, line, after=after, limit=limit, way=WAY)
    following = letters[-1].seq if len(letters) == limit else None
    return WireResponse(DeadLetters(dead_letters=[show_dead_letter(each) for each in letters], next=following))


@post(
    f"{PATH}/dead-letters/replays",
    opt=ADMIN,
    tags=TAGS,
    operation_id="replayIntegrationDeadLetters",
    status_code=202,
    responses=WRITES,
)
async def post_dead_letters(
    door: Door, integration_id: FromPath[str], data: JSONBody[LettersAsked]
) -> Response[LettersRevived]:
    """Make calls that were given up again: these, or all."""

    async def work(tx: Tx) -> Response[Any]:
        line = (await get_integration(tx, door.tenant, integration_id)).webhook_id
        count = await revive_dead_letters(tx, door.tenant, line, seqs=data.seqs, now=door.now, way=WAY)
        return WireResponse(LettersRevived(revived=count), status_code=202)

    return await door.write(work)


routes: Sequence[HTTPRouteHandler] = (get_hooks, get_attempts, get_dead_letters, post_dead_letters)
