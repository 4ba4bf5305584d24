"""Integrations with OmniChat: add, change, rotate the inbound secret, look at what went to and fro, remove."""

from collections.abc import Sequence
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import Invalid
from balcao.base.seal import Seal
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE, checked, choice, show_secret, whole
from balcao.doors.console.integrations.log import outcome_of, uuid_of
from balcao.doors.console.visit import View, Visit
from balcao.omnichat.add import NewIntegration, add_integration
from balcao.omnichat.change import ChangeIntegration, change_integration, remove_integration, rotate_inbound_secret
from balcao.omnichat.find import get_integration, get_kept, list_integrations
from balcao.omnichat.hooks import AskHooks, list_hooks
from balcao.omnichat.rules.model import Checkout
from balcao.omnichat.settings import IntegrationSettings
from balcao.sellers.find import find_sellers, list_active_sellers
from balcao.tenants.channels import list_channels
from balcao.webhooks.find import AskLog, list_attempts, list_dead_letters
from balcao.webhooks.replay import revive_dead_letters
from balcao.webhooks.rules.model import Way
from balcao.webhooks.send import SEALED_FOR

PATH: Final = f"{HERE}/omnichat"
ONE: Final = "/integrations/omnichat/{integration_id:str}"
SHOWN: Final = 30


@get("/integrations/omnichat", opt=ADMINS)
async def show_integrations(visit: View) -> Response[bytes]:
    """The integrations and how they fare; the form for another one."""
    async with visit.db.read() as tx:
        kept = await list_integrations(tx, visit.tenant)
        channels = await list_channels(tx, visit.tenant)
        stores = await list_active_sellers(tx, visit.tenant)
    return visit.page(
        "integrations/omnichat.html",
        here=HERE,
        kept=kept,
        channel_pairs=[(channel.name, channel.name) for channel in channels],
        stores=stores,
        checkouts=tuple(Checkout),
    )


@post("/integrations/omnichat", opt=ADMINS, status_code=200)
async def do_add(visit: View) -> Response[bytes]:
    """Add an integration; its inbound secret is shown this once."""
    given = await _settings(visit)
    made = await visit.db.run(lambda tx: add_integration(tx, visit.tenant, given, _seal(visit), visit.now))
    return _shown(visit, made)


@get(ONE, opt=ADMINS)
async def show_integration(visit: View, integration_id: FromPath[str]) -> Response[bytes]:
    """An integration: its settings, the hooks that came, our calls, and what was given up."""
    async with visit.db.read() as tx:
        kept = await get_kept(tx, visit.tenant, integration_id)
        line = kept.integration.webhook_id
        before = uuid_of(visit.query.get("before"))
        hooks = await list_hooks(tx, visit.tenant, AskHooks(integration_id=integration_id, before=before, limit=SHOWN))
        ask = AskLog(webhook_id=line, outcome=outcome_of(visit), limit=SHOWN, way=Way.OMNICHAT)
        attempts = await list_attempts(tx, visit.tenant, ask)
        dead = await list_dead_letters(tx, visit.tenant, line, limit=SHOWN, way=Way.OMNICHAT)
        channels = await list_channels(tx, visit.tenant)
        stores = await list_active_sellers(tx, visit.tenant)
        named = await find_sellers(tx, visit.tenant, ids=kept.integration.store_ids)
    return visit.page(
        "integrations/omnichat_one.html",
        here=HERE,
        kept=kept,
        hooks=hooks,
        older=hooks[-1].hook_id if len(hooks) == SHOWN else None,
        attempts=attempts,
        dead=dead,
        channel_pairs=[(channel.name, channel.name) for channel in channels],
        stores=stores,
        checkouts=tuple(Checkout),
        cnpjs={seller.seller_id: seller.cnpj for seller in named},
        hook_url=_hook_url(visit, integration_id),
        path=f"{PATH}/{integration_id}",
    )


@post(f"{ONE}/change", opt=ADMINS)
async def do_change(visit: View, integration_id: FromPath[str]) -> Response[bytes]:
    """Change an integration; switched off, its hooks are refused and its calls wait."""
    given = await _settings(visit, is_active=await checked(visit, "on"))
    cmd = ChangeIntegration(tenant=visit.tenant, integration_id=integration_id, settings=given)
    await visit.db.run(lambda tx: change_integration(tx, cmd, _seal(visit), visit.now))
    return visit.done(f"{PATH}/{integration_id}", visit.t("Integração salva.", "Integration saved."))


@post(f"{ONE}/secret", opt=ADMINS, status_code=200)
async def do_rotate(visit: View, integration_id: FromPath[str]) -> Response[bytes]:
    """Give it a new inbound secret, shown this once; for a day the former one holds too."""
    actor = visit.caller.client_id
    made = await visit.db.run(
        lambda tx: rotate_inbound_secret(tx, visit.tenant, integration_id, actor=actor, now=visit.now)
    )
    return _shown(visit, made)


@post(f"{ONE}/revive", opt=ADMINS)
async def do_revive(visit: View, integration_id: FromPath[str]) -> Response[bytes]:
    """Make calls that were given up again: one, or all."""
    seq = await whole(visit, "seq")
    seqs = None if seq is None else [seq]
    async with visit.db.read() as tx:
        line = (await get_integration(tx, visit.tenant, integration_id)).webhook_id
    count = await visit.db.run(
        lambda tx: revive_dead_letters(tx, visit.tenant, line, seqs=seqs, now=visit.now, way=Way.OMNICHAT)
    )
    return visit.done(f"{PATH}/{integration_id}", f"{visit.t('Na fila de novo:', 'Queued again:')} {count}.")


@post(f"{ONE}/remove", opt=ADMINS)
async def do_remove(visit: View, integration_id: FromPath[str]) -> Response[bytes]:
    """Remove it and the calls that wait; its orders stay."""
    actor = visit.caller.client_id
    await visit.db.run(lambda tx: remove_integration(tx, visit.tenant, integration_id, actor=actor, now=visit.now))
    return visit.done(PATH, visit.t("Integração removida.", "Integration removed."))


async def _settings(visit: Visit, *, is_active: bool | None = None) -> IntegrationSettings:
    return IntegrationSettings(
        name=await visit.field("name"),
        channel=await visit.field("channel"),
        checkout=await choice(visit, "checkout", Checkout),
        api_secret=await visit.field("api_secret") or None,
        base_url=await visit.field("base_url") or None,
        responsible=await visit.field("responsible") or None,
        checkout_url=await visit.field("checkout_url"),
        seller=await visit.field("seller"),
        teams=await _teams(visit),
        is_active=is_active,
        allow_private=visit.settings.webhook_allow_private,
        actor=visit.caller.client_id,
    )


async def _teams(visit: Visit) -> dict[str, str]:
    """A team a line, `team = CNPJ`. Raises Invalid for a line that is none."""
    teams: dict[str, str] = {}
    for line in (await visit.field("teams", length_max=100_000)).splitlines():
        team, equals, cnpj = line.rpartition("=")
        if line.strip() and not (equals and team.strip()):
            raise Invalid(errors={"teams": ["team = CNPJ"]})
        if line.strip():
            teams[team.strip()] = cnpj.strip()
    return teams


def _seal(visit: Visit) -> Seal:
    return Seal(visit.settings, SEALED_FOR)


def _hook_url(visit: Visit, integration_id: str) -> str:
    root = (visit.settings.public_url or str(visit.request.base_url)).rstrip("/")
    return f"{root}/hooks/omnichat/{integration_id}"


def _shown(visit: Visit, made: NewIntegration) -> Response[bytes]:
    name = made.integration.integration_id
    facts = (("hookUrl", _hook_url(visit, name)), ("inboundSecret", made.inbound_secret))
    title = visit.t("Segredo da integração", "The integration’s secret")
    return show_secret(visit, back=f"{PATH}/{name}", title=title, facts=facts)


routes: Sequence[HTTPRouteHandler] = (
    show_integrations,
    do_add,
    show_integration,
    do_change,
    do_rotate,
    do_revive,
    do_remove,
)
