"""Integrations as they are asked for and shown."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.values import SellerId, Tenant, iso
from balcao.doors.wire import Instant, Wire
from balcao.omnichat.find import Kept
from balcao.omnichat.rules.model import Checkout, HookKind, HookLine, Outcome
from balcao.omnichat.settings import IntegrationSettings
from balcao.sellers.find import find_sellers


class IntegrationChanged(Wire, kw_only=True):
    """What is left out stays as it is; `teams` is replaced as a whole, `seller` "" takes the default store away."""

    name: str | None = None
    channel: str | None = None
    checkout: Checkout | None = None
    api_secret: str | None = None
    base_url: str | None = None
    responsible: str | None = None
    checkout_url: str | None = None
    seller: str | None = None
    teams: dict[str, str] | None = None
    is_active: bool | None = None


class IntegrationAsked(IntegrationChanged, kw_only=True):
    """An account at OmniChat. `apiSecret`: what its orders API gave out; `seller` and `teams` name stores by CNPJ.

    `checkoutUrl` is needed where the checkout is our own; `{orderId}`, `{externalId}` and `{friendlyCode}` are put in.
    """

    __example__: ClassVar[Any] = {
        "name": "WhatsApp",
        "channel": "whatsapp",
        "checkout": "omni",
        "apiSecret": "the secret of OmniChat's orders API",
        "seller": "04109169000135",
        "teams": {"padrao-1234": "04109169000135"},
    }

    name: str
    channel: str
    checkout: Checkout
    api_secret: str


class IntegrationShown(Wire, kw_only=True):
    """An integration; `inboundSecret` only in the answers that make one: hooks carry it as `Authorization: Bearer …`.

    `hookUrl`: where OmniChat sends its hooks, each under its own name; `pending`: calls that wait; `dead`: given up;
    `failingSince`: no call got through since then.
    """

    integration_id: str
    name: str
    channel: str
    checkout: Checkout
    base_url: str
    responsible: str
    checkout_url: str
    seller: str | None
    teams: dict[str, str]
    is_active: bool
    hook_url: str
    former_secret_valid_until: Instant | None
    failing_since: Instant | None
    create_date: Instant
    last_update: Instant
    pending: int
    dead: int
    inbound_secret: str | msgspec.UnsetType = msgspec.UNSET


class Integrations(Wire, kw_only=True):
    """All integrations, oldest first."""

    integrations: list[IntegrationShown]


class HookShown(Wire, kw_only=True):
    """A hook as it came, and what became of it; `doneAt` null: it waits, `isParked`: for the order that it is about."""

    hook_id: UUID
    object_id: str
    kind: HookKind
    status: str
    said_at: Instant | None
    received_at: Instant
    is_parked: bool
    done_at: Instant | None
    outcome: Outcome | None
    detail: str | None
    body: str


class Hooks(Wire, kw_only=True):
    """Some of them, newest first; `next` is what to send as `before` for older ones, null at the end."""

    hooks: list[HookShown]
    next: UUID | None


def read_settings(sent: IntegrationChanged, *, allow_private: bool, actor: str) -> IntegrationSettings:
    """The settings that a request gives."""
    given = {name: getattr(sent, name) for name in IntegrationChanged.__struct_fields__}
    return IntegrationSettings(**given, allow_private=allow_private, actor=actor)


async def show_integrations(tx: Tx, tenant: Tenant, kept: Sequence[Kept], root: str) -> list[IntegrationShown]:
    """As they are answered: stores by their CNPJs; root: our own address."""
    ids = list({store for each in kept for store in each.integration.store_ids})
    cnpjs = {seller.seller_id: seller.cnpj for seller in await find_sellers(tx, tenant, ids=ids)}
    return [_show(each, cnpjs, root) for each in kept]


def show_hook(line: HookLine) -> HookShown:
    """As it is answered."""
    return HookShown(
        hook_id=line.hook_id,
        object_id=line.object_id,
        kind=line.kind,
        status=line.status,
        said_at=_iso(line.said_us or None),
        received_at=iso(line.received_us),
        is_parked=line.is_parked,
        done_at=_iso(line.done_us),
        outcome=Outcome(line.outcome) if line.outcome else None,
        detail=line.detail,
        body=line.body,
    )


def _show(kept: Kept, cnpjs: Mapping[SellerId, str], root: str) -> IntegrationShown:
    integration, line = kept.integration, kept.line
    return IntegrationShown(
        integration_id=integration.integration_id,
        name=integration.name,
        channel=integration.channel,
        checkout=integration.checkout,
        base_url=line.webhook.url,
        responsible=integration.responsible,
        checkout_url=integration.checkout_url,
        seller=cnpjs.get(integration.seller_id) if integration.seller_id else None,
        teams={team: cnpjs[store] for team, store in integration.teams.items() if store in cnpjs},
        is_active=integration.is_active,
        hook_url=f"{root}/hooks/omnichat/{integration.integration_id}",
        former_secret_valid_until=_iso(integration.former_until_us),
        failing_since=_iso(line.webhook.failing_since_us),
        create_date=iso(integration.created_us),
        last_update=iso(integration.changed_us),
        pending=line.pending,
        dead=line.dead,
    )


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)
