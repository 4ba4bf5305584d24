"""Add, look, change, rotate the inbound secret, remove: for administrators; operators may look."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.seal import Seal
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.v1.omnichat.shapes import (
    IntegrationAsked,
    IntegrationChanged,
    Integrations,
    IntegrationShown,
    read_settings,
    show_integrations,
)
from balcao.doors.wire import WireResponse
from balcao.omnichat.add import add_integration
from balcao.omnichat.change import ChangeIntegration, change_integration, remove_integration, rotate_inbound_secret
from balcao.omnichat.find import get_kept, list_integrations
from balcao.tenants.rules import Role
from balcao.webhooks.send import SEALED_FOR

ALL: Final = "/v1/omnichat/integrations"
PATH: Final = f"{ALL}/{{integration_id:str}}"
TAGS: Final = ["omnichat"]
ADMIN: Final = roles(Role.ADMIN)
LOOKERS: Final = roles(Role.ADMIN, Role.OPERATOR)
READS: Final = problem_responses(401, 403, 404, 503)
WRITES: Final = problem_responses(401, 403, 404, 409, 503)
_NO_STORE: Final = {"Cache-Control": "no-store"}


@get(ALL, opt=LOOKERS, tags=TAGS, operation_id="listIntegrations", responses=problem_responses(401, 403, 503))
async def get_all(door: Door) -> Response[Integrations]:
    """The tenant's integrations with OmniChat, without their secrets, and how they fare."""
    async with door.db.read() as tx:
        kept = await list_integrations(tx, door.tenant)
        return WireResponse(Integrations(integrations=await show_integrations(tx, door.tenant, kept, door.url(""))))


@get(PATH, opt=LOOKERS, tags=TAGS, operation_id="getIntegration", responses=READS)
async def get_one(door: Door, integration_id: FromPath[str]) -> Response[IntegrationShown]:
    """An integration, without its secrets."""
    async with door.db.read() as tx:
        return WireResponse(await _shown(tx, door, integration_id))


@post(ALL, opt=ADMIN, tags=TAGS, operation_id="addIntegration", responses=problem_responses(401, 403, 409, 503))
async def post_one(door: Door, data: JSONBody[IntegrationAsked]) -> Response[Any]:
    """Add an integration. Its inbound secret is shown this once: an answer repeated for its key has none."""
    secret, seal = "", Seal(door.settings, SEALED_FOR)
    given = read_settings(data, allow_private=door.settings.webhook_allow_private, actor=door.caller.client_id)

    async def work(tx: Tx) -> WireResponse[IntegrationShown]:
        nonlocal secret
        integration, secret = await add_integration(tx, door.tenant, given, seal, door.now)
        return WireResponse(await _shown(tx, door, integration.integration_id), headers=_NO_STORE)

    return _with_secret(await door.write(work), secret)


@patch(PATH, opt=ADMIN, tags=TAGS, operation_id="changeIntegration", responses=WRITES)
async def patch_one(
    door: Door, integration_id: FromPath[str], data: JSONBody[IntegrationChanged]
) -> Response[IntegrationShown]:
    """Change an integration. Switched off (`isActive`), its hooks are refused and its calls wait."""
    seal = Seal(door.settings, SEALED_FOR)
    given = read_settings(data, allow_private=door.settings.webhook_allow_private, actor=door.caller.client_id)
    cmd = ChangeIntegration(tenant=door.tenant, integration_id=integration_id, settings=given)

    async def work(tx: Tx) -> WireResponse[IntegrationShown]:
        await change_integration(tx, cmd, seal, door.now)
        return WireResponse(await _shown(tx, door, integration_id))

    return await door.write(work)


@post(f"{PATH}/secret", opt=ADMIN, tags=TAGS, operation_id="rotateIntegrationSecret", responses=WRITES)
async def post_secret(door: Door, integration_id: FromPath[str]) -> Response[Any]:
    """Give it a new inbound secret, shown this once. For a day hooks may still carry the former one."""
    secret, actor = "", door.caller.client_id

    async def work(tx: Tx) -> WireResponse[IntegrationShown]:
        nonlocal secret
        _, secret = await rotate_inbound_secret(tx, door.tenant, integration_id, actor=actor, now=door.now)
        return WireResponse(await _shown(tx, door, integration_id), headers=_NO_STORE)

    return _with_secret(await door.write(work), secret)


@delete(PATH, opt=ADMIN, tags=TAGS, operation_id="deleteIntegration", status_code=204, responses=READS)
async def delete_one(door: Door, integration_id: FromPath[str]) -> None:
    """Remove an integration and the calls that wait; its orders stay."""
    actor = door.caller.client_id
    await door.db.run(lambda tx: remove_integration(tx, door.tenant, integration_id, actor=actor, now=door.now))


async def _shown(tx: Tx, door: Door, integration_id: str) -> IntegrationShown:
    kept = await get_kept(tx, door.tenant, integration_id)
    [shown] = await show_integrations(tx, door.tenant, [kept], door.url(""))
    return shown


def _with_secret(answer: Response[Any], secret: str) -> Response[Any]:
    """Only now: a kept answer must not keep the secret."""
    if isinstance(answer.content, IntegrationShown):
        answer.content.inbound_secret = secret
    return answer


routes: Sequence[HTTPRouteHandler] = (get_all, get_one, post_one, patch_one, post_secret, delete_one)
