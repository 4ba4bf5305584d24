"""Subscribe, look, change, rotate the secret, remove: for administrators; operators may look."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.seal import Seal
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.v1.webhooks.shapes import (
    WebhookAsked,
    WebhookChanged,
    Webhooks,
    WebhookShown,
    change_wanted,
    read_sellers,
    show_webhooks,
)
from balcao.doors.wire import WireResponse
from balcao.tenants.rules import Role
from balcao.webhooks.change import ChangeWebhook, change_webhook, remove_webhook
from balcao.webhooks.find import get_listed, get_webhook, list_webhooks
from balcao.webhooks.rotate_secret import rotate_secret
from balcao.webhooks.rules.model import Wanted
from balcao.webhooks.send import SEALED_FOR
from balcao.webhooks.subscribe import Subscribe, subscribe

PATH: Final = "/v1/webhooks/{webhook_id:uuid}"
TAGS: Final = ["webhooks"]
ADMIN: Final = roles(Role.ADMIN)
LOOKERS: Final = roles(Role.ADMIN, Role.OPERATOR)
READS: Final = problem_responses(401, 403, 404, 503)
WRITES: Final = problem_responses(401, 403, 404, 409, 503)
_NO_STORE: Final = {"Cache-Control": "no-store"}


@get(
    "/v1/webhooks",
    opt=LOOKERS,
    tags=TAGS,
    operation_id="listWebhooks",
    responses=problem_responses(401, 403, 503),
)
async def get_all(door: Door) -> Response[Webhooks]:
    """The tenant's webhooks, without their secrets, and how they fare."""
    async with door.db.read() as tx:
        listed = await list_webhooks(tx, door.tenant)
        return WireResponse(Webhooks(webhooks=await show_webhooks(tx, door.tenant, listed)))


@get(PATH, opt=LOOKERS, tags=TAGS, operation_id="getWebhook", responses=READS)
async def get_one(door: Door, webhook_id: FromPath[UUID]) -> Response[WebhookShown]:
    """A webhook, without its secret."""
    async with door.db.read() as tx:
        return WireResponse(await _shown(tx, door, webhook_id))


@post(
    "/v1/webhooks",
    opt=ADMIN,
    tags=TAGS,
    operation_id="createWebhook",
    responses=problem_responses(401, 403, 409, 503),
)
async def post_one(door: Door, data: JSONBody[WebhookAsked]) -> Response[Any]:
    """Subscribe an address. Its secret is shown this once: an answer repeated for its `Idempotency-Key` has none."""
    secret, seal = "", Seal(door.settings, SEALED_FOR)

    async def work(tx: Tx) -> WireResponse[WebhookShown]:
        nonlocal secret
        sellers = await read_sellers(tx, door.tenant, data.sellers)
        cmd = Subscribe(
            tenant=door.tenant,
            url=data.url,
            description=data.description,
            wanted=Wanted(types=tuple(data.types), channels=tuple(data.channels), seller_ids=sellers),
            after=data.after,
            allow_private=door.settings.webhook_allow_private,
            actor=door.caller.client_id,
        )
        webhook, secret = await subscribe(tx, cmd, seal, door.now)
        return WireResponse(await _shown(tx, door, webhook.webhook_id), headers=_NO_STORE)

    return _with_secret(await door.write(work), secret)


@patch(PATH, opt=ADMIN, tags=TAGS, operation_id="changeWebhook", responses=WRITES)
async def patch_one(door: Door, webhook_id: FromPath[UUID], data: JSONBody[WebhookChanged]) -> Response[WebhookShown]:
    """Change a webhook; `isActive` switches it off and on. Switched on again it goes on where it stopped."""

    async def work(tx: Tx) -> WireResponse[WebhookShown]:
        before = await get_webhook(tx, door.tenant, webhook_id, lock=True)
        cmd = ChangeWebhook(
            tenant=door.tenant,
            webhook_id=webhook_id,
            url=data.url,
            description=data.description,
            wanted=await change_wanted(tx, door.tenant, before.wanted, data),
            is_active=data.is_active,
            allow_private=door.settings.webhook_allow_private,
            actor=door.caller.client_id,
        )
        await change_webhook(tx, cmd, door.now)
        return WireResponse(await _shown(tx, door, webhook_id))

    return await door.write(work)


@post(f"{PATH}/secret", opt=ADMIN, tags=TAGS, operation_id="rotateWebhookSecret", responses=WRITES)
async def post_secret(door: Door, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Give it a new secret, shown this once. For a day each message carries a signature by the former one too."""
    secret, seal = "", Seal(door.settings, SEALED_FOR)

    async def work(tx: Tx) -> WireResponse[WebhookShown]:
        nonlocal secret
        _, secret = await rotate_secret(tx, door.tenant, webhook_id, seal, actor=door.caller.client_id, now=door.now)
        return WireResponse(await _shown(tx, door, webhook_id), headers=_NO_STORE)

    return _with_secret(await door.write(work), secret)


@delete(PATH, opt=ADMIN, tags=TAGS, operation_id="deleteWebhook", status_code=204, responses=READS)
async def delete_one(door: Door, webhook_id: FromPath[UUID]) -> None:
    """Remove a webhook and everything that waits for it."""
    actor = door.caller.client_id
    await door.db.run(lambda tx: remove_webhook(tx, door.tenant, webhook_id, actor=actor, now=door.now))


async def _shown(tx: Tx, door: Door, webhook_id: UUID) -> WebhookShown:
    listed = await get_listed(tx, door.tenant, webhook_id)
    [shown] = await show_webhooks(tx, door.tenant, [listed])
    return shown


def _with_secret(answer: Response[Any], secret: str) -> Response[Any]:
    """Only now: a kept answer must not keep the secret."""
    if isinstance(answer.content, WebhookShown):
        answer.content.secret = secret
    return answer


routes: Sequence[HTTPRouteHandler] = (get_all, get_one, post_one, patch_one, post_secret, delete_one)
