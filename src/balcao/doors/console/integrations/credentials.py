"""Credentials of programs: make, give a new secret, revoke."""

from collections.abc import Sequence
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from balcao.base.errors import NotFound
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE, choice, show_secret
from balcao.doors.console.visit import View, Visit
from balcao.freight.find import list_carriers
from balcao.sellers.find import list_active_sellers
from balcao.tenants.channels import list_channels
from balcao.tenants.credentials import (
    CreateCredential,
    NewCredential,
    create_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
)
from balcao.tenants.rules import Role, tenant_of

PATH: Final = f"{HERE}/credentials"


@get("/integrations/credentials", opt=ADMINS)
async def show_credentials(visit: View) -> Response[bytes]:
    """The credentials, the revoked ones too, and the forms to make, renew and revoke them."""
    async with visit.db.read() as tx:
        found = await list_credentials(tx, visit.tenant)
        channels = await list_channels(tx, visit.tenant)
        carriers = await list_carriers(tx, visit.tenant)
        stores = await list_active_sellers(tx, visit.tenant)
    living = sorted(found, key=lambda each: (each.revoked_us is not None, -each.created_us))
    return visit.page(
        "integrations/credentials.html",
        here=HERE,
        credentials=living,
        roles=tuple(Role),
        channels=channels,
        carriers=carriers,
        stores=stores,
    )


@post("/integrations/credentials", opt=ADMINS, status_code=200)
async def do_create(visit: View) -> Response[bytes]:
    """Make a credential; its secret is shown this once."""
    role = await choice(visit, "role", Role)
    cmd = CreateCredential(
        tenant=visit.tenant,
        role=role,
        channel=await visit.field("channel") or None,
        seller_cnpj=await visit.field("seller") or None,
        carrier=await visit.field("carrier") or None,
        actor=visit.caller.client_id,
    )
    return _shown(visit, await visit.db.run(lambda tx: create_credential(tx, cmd, visit.now)))


@post("/integrations/credentials/secret", opt=ADMINS, status_code=200)
async def do_rotate(visit: View) -> Response[bytes]:
    """Give a credential a new secret, shown this once; the former one is refused at once."""
    client_id = await _client_id(visit)
    made = await visit.db.run(lambda tx: rotate_credential(tx, client_id, actor=visit.caller.client_id, now=visit.now))
    return _shown(visit, made)


@post("/integrations/credentials/revoke", opt=ADMINS)
async def do_revoke(visit: View) -> Response[bytes]:
    """Revoke a credential: its pair is refused at once, its living tokens within seconds."""
    client_id = await _client_id(visit)
    await visit.db.run(lambda tx: revoke_credential(tx, client_id, actor=visit.caller.client_id, now=visit.now))
    visit.house.gate.revoke(client_id)
    return visit.done(PATH, visit.t("Credencial revogada.", "Credential revoked."))


async def _client_id(visit: Visit) -> str:
    """The one of the form. Raises NotFound for another shop's."""
    client_id = await visit.field("client")
    if tenant_of(client_id) != visit.tenant:
        raise NotFound("There is no such credential.", code="credential_not_found")
    return client_id


def _shown(visit: Visit, made: NewCredential) -> Response[bytes]:
    facts = (("clientId", made.caller.client_id), ("clientSecret", made.client_secret))
    return show_secret(visit, back=PATH, title=visit.t("Credencial pronta", "Credential ready"), facts=facts)


routes: Sequence[HTTPRouteHandler] = (show_credentials, do_create, do_rotate, do_revoke)
