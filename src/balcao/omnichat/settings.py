"""What an integration comes to when some of its settings are given: names looked up, and everything checked."""

from collections.abc import Mapping
from typing import Any

import msgspec

from balcao.base.addresses import refuse_url
from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import Micros, SellerId, Tenant, strip_document
from balcao.events.rules import Event
from balcao.omnichat.rules.model import Checkout, Integration, check_integration
from balcao.sellers.find import find_sellers
from balcao.tenants.channels import get_channels


class IntegrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an integration is to be; None keeps what there is, or takes the default.

    api_secret: what our calls are signed with; seller: CNPJ of the store that sells unless told otherwise, "" for none;
    teams: external id of a team → CNPJ of its store; allow_private: whether its address may be a private one.
    """

    name: str | None = None
    channel: str | None = None
    checkout: Checkout | None = None
    api_secret: str | None = None
    base_url: str | None = None
    responsible: str | None = None
    checkout_url: str | None = None
    seller: str | None = None
    teams: Mapping[str, str] | None = None
    is_active: bool | None = None
    allow_private: bool
    actor: str


async def apply_settings(
    tx: Tx, tenant: Tenant, before: Integration, given: IntegrationSettings, now: Micros
) -> Integration:
    """The integration with these settings. Raises Invalid that names every field that cannot be so."""
    plain = {
        name: value
        for name in ("name", "channel", "checkout", "responsible", "checkout_url", "is_active")
        if (value := getattr(given, name)) is not None
    }
    stores = await _stores(tx, tenant, given)
    changes: dict[str, Any] = {**plain, "changed_us": now}
    if given.seller is not None:
        changes["seller_id"] = stores.get(strip_document(given.seller))
    if given.teams is not None:
        changes["teams"] = {team: stores.get(strip_document(cnpj)) for team, cnpj in given.teams.items()}
    after = msgspec.structs.replace(before, **changes)
    errors = check_integration(after, given.api_secret) | _unknown(given, stores)
    refused = refuse_url(given.base_url, allow_private=given.allow_private) if given.base_url is not None else None
    if refused is not None:
        errors["baseUrl"] = [refused]
    if not await get_channels(tx, tenant, [after.channel]):
        errors["channel"] = [f"there is no channel {after.channel!r}"]
    if errors:
        raise Invalid(errors=errors)
    return after


def integration_event(kind: str, integration: Integration, actor: str) -> Event:
    """The event that tells of an integration: never a secret."""
    facts = {
        "integrationId": integration.integration_id,
        "name": integration.name,
        "checkout": integration.checkout.value,
        "isActive": integration.is_active,
    }
    return Event(type=kind, subject=integration.integration_id, actor=actor, data=facts, channel=integration.channel)


async def _stores(tx: Tx, tenant: Tenant, given: IntegrationSettings) -> dict[str, SellerId]:
    named = [*([given.seller] if given.seller else []), *(given.teams or {}).values()]
    found = await find_sellers(tx, tenant, cnpjs=sorted({strip_document(cnpj) for cnpj in named}))
    return {seller.cnpj: seller.seller_id for seller in found}


def _unknown(given: IntegrationSettings, stores: Mapping[str, SellerId]) -> FieldErrors:
    errors: FieldErrors = {}
    if given.seller and strip_document(given.seller) not in stores:
        errors["seller"] = [f"there is no store with the CNPJ {given.seller}"]
    for team, cnpj in (given.teams or {}).items():
        if strip_document(cnpj) not in stores:
            errors[f"teams.{team}"] = [f"there is no store with the CNPJ {cnpj}"]
    return errors
