"""Webhooks: subscribe, change, test, rotate the secret, send again, remove."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.db import Tx
from balcao.base.http import Http
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.base.values import Micros
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE, checked, lines_of, show_secret, whole, words_of
from balcao.doors.console.integrations.log import outcome_of, uuid_of
from balcao.doors.console.visit import Notice, View, Visit
from balcao.doors.v1.webhooks.shapes import read_sellers
from balcao.sellers.find import find_sellers
from balcao.tenants.channels import list_channels
from balcao.webhooks.change import ChangeWebhook, change_webhook, remove_webhook
from balcao.webhooks.find import AskLog, get_listed, list_attempts, list_dead_letters, list_webhooks
from balcao.webhooks.replay import Replay, replay, revive_dead_letters
from balcao.webhooks.rotate_secret import rotate_secret
from balcao.webhooks.rules.model import Outcome, Wanted
from balcao.webhooks.send import SEALED_FOR, Sender
from balcao.webhooks.subscribe import NewWebhook, Subscribe, subscribe
from balcao.webhooks.try_out import try_webhook

PATH: Final = f"{HERE}/webhooks"
ONE: Final = "/integrations/webhooks/{webhook_id:uuid}"
ATTEMPTS_SHOWN: Final = 50
HOUR_US: Final = 3_600_000_000


@get("/integrations/webhooks", opt=ADMINS)
async def show_webhooks(visit: View) -> Response[bytes]:
    """The webhooks and how they fare; the form for another one."""
    async with visit.db.read() as tx:
        listed = await list_webhooks(tx, visit.tenant)
        channels = await list_channels(tx, visit.tenant)
    return visit.page("integrations/webhooks.html", here=HERE, webhooks=listed, channels=channels)


@post("/integrations/webhooks", opt=ADMINS, status_code=200)
async def do_subscribe(visit: View) -> Response[bytes]:
    """Subscribe an address; its secret is shown this once."""
    url, description = await visit.field("url"), await visit.field("description")

    async def work(tx: Tx) -> NewWebhook:
        cmd = Subscribe(
            tenant=visit.tenant,
            url=url,
            description=description,
            wanted=await _wanted(tx, visit),
            allow_private=visit.settings.webhook_allow_private,
            actor=visit.caller.client_id,
        )
        return await subscribe(tx, cmd, _seal(visit), visit.now)

    return _shown(visit, await visit.db.run(work))


@get(ONE, opt=ADMINS)
async def show_webhook(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """A webhook: its settings, what was sent and answered in the last 30 days, what was given up."""
    outcome = outcome_of(visit)
    async with visit.db.read() as tx:
        listed = await get_listed(tx, visit.tenant, webhook_id)
        ask = AskLog(
            webhook_id=webhook_id, before=uuid_of(visit.query.get("before")), outcome=outcome, limit=ATTEMPTS_SHOWN
        )
        attempts = await list_attempts(tx, visit.tenant, ask)
        dead = await list_dead_letters(tx, visit.tenant, webhook_id, limit=ATTEMPTS_SHOWN)
        sellers = await find_sellers(tx, visit.tenant, ids=listed.webhook.wanted.seller_ids)
    return visit.page(
        "integrations/webhook.html",
        here=HERE,
        listed=listed,
        cnpjs=[seller.cnpj for seller in sellers],
        attempts=attempts,
        older=attempts[-1].attempt_id if len(attempts) == ATTEMPTS_SHOWN else None,
        outcome=outcome,
        dead=dead,
        path=f"{PATH}/{webhook_id}",
    )


@post(f"{ONE}/change", opt=ADMINS)
async def do_change(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Change address, description and filter; switch it off or on."""
    url, description, is_active = await visit.field("url"), await visit.field("description"), await checked(visit, "on")

    async def work(tx: Tx) -> None:
        cmd = ChangeWebhook(
            tenant=visit.tenant,
            webhook_id=webhook_id,
            url=url,
            description=description,
            wanted=await _wanted(tx, visit),
            is_active=is_active,
            allow_private=visit.settings.webhook_allow_private,
            actor=visit.caller.client_id,
        )
        await change_webhook(tx, cmd, visit.now)

    await visit.db.run(work)
    return visit.done(f"{PATH}/{webhook_id}", visit.t("Webhook salvo.", "Webhook saved."))


@post(f"{ONE}/test", opt=ADMINS)
async def do_test(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Send a test message now and tell what came of it."""
    async with Http(allow_private=visit.settings.webhook_allow_private) as http:
        attempt = await try_webhook(visit.db, Sender(http, _seal(visit), now_us), visit.tenant, webhook_id, now_us)
    answered = attempt.error or str(attempt.status)
    if attempt.outcome is Outcome.DELIVERED:
        said = visit.t("Teste entregue em", "Test delivered in")
        return visit.done(f"{PATH}/{webhook_id}", f"{said} {attempt.duration_ms} ms: {answered}")
    notice = Notice("danger", f"{visit.t('O teste falhou:', 'The test failed:')} {answered}")
    return visit.go(f"{PATH}/{webhook_id}", notice)


@post(f"{ONE}/secret", opt=ADMINS, status_code=200)
async def do_rotate(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Give it a new secret, shown this once; for a day the former one signs too."""
    actor = visit.caller.client_id
    made = await visit.db.run(
        lambda tx: rotate_secret(tx, visit.tenant, webhook_id, _seal(visit), actor=actor, now=visit.now)
    )
    return _shown(visit, made)


@post(f"{ONE}/replay", opt=ADMINS)
async def do_replay(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Send events again: a stretch of the log by its numbers, or those of the last hours."""
    hours = await whole(visit, "hours")
    cmd = Replay(
        tenant=visit.tenant,
        webhook_id=webhook_id,
        first=await whole(visit, "first"),
        last=await whole(visit, "last"),
        since=None if hours is None else Micros(max(visit.now - hours * HOUR_US, 0)),
    )
    span = await visit.db.run(lambda tx: replay(tx, cmd, visit.now))
    said = visit.t("Reenvio na fila: eventos", "Queued again: events")
    return visit.done(f"{PATH}/{webhook_id}", f"{said} {span.first}–{span.last}.")


@post(f"{ONE}/revive", opt=ADMINS)
async def do_revive(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Send what was given up again: one event, or all."""
    seq = await whole(visit, "seq")
    seqs = None if seq is None else [seq]
    count = await visit.db.run(lambda tx: revive_dead_letters(tx, visit.tenant, webhook_id, seqs=seqs, now=visit.now))
    return visit.done(f"{PATH}/{webhook_id}", f"{visit.t('Na fila de novo:', 'Queued again:')} {count}.")


@post(f"{ONE}/remove", opt=ADMINS)
async def do_remove(visit: View, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """Remove it and everything that waits for it."""
    actor = visit.caller.client_id
    await visit.db.run(lambda tx: remove_webhook(tx, visit.tenant, webhook_id, actor=actor, now=visit.now))
    return visit.done(PATH, visit.t("Webhook removido.", "Webhook removed."))


async def _wanted(tx: Tx, visit: Visit) -> Wanted:
    return Wanted(
        types=await words_of(visit, "types"),
        channels=await lines_of(visit, "channels"),
        seller_ids=await read_sellers(tx, visit.tenant, await words_of(visit, "sellers")),
    )


def _seal(visit: Visit) -> Seal:
    return Seal(visit.settings, SEALED_FOR)


def _shown(visit: Visit, made: NewWebhook) -> Response[bytes]:
    facts = (("url", made.webhook.url), ("secret", made.secret))
    back = f"{PATH}/{made.webhook.webhook_id}"
    return show_secret(visit, back=back, title=visit.t("Segredo do webhook", "The webhook’s secret"), facts=facts)


routes: Sequence[HTTPRouteHandler] = (
    show_webhooks,
    do_subscribe,
    show_webhook,
    do_change,
    do_test,
    do_rotate,
    do_replay,
    do_revive,
    do_remove,
)
