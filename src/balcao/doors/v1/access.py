"""Who may be here, over HTTP: channels and credentials, for administrators."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import iso
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Instant, Wire, WireResponse
from balcao.tenants.channels import get_channels, list_channels, set_channel
from balcao.tenants.credentials import CreateCredential, create_credential, list_credentials, revoke_credential
from balcao.tenants.rules import Channel, Credential, DiscountBasis, PaymentCover, Policy, Role, StockPolicy, tenant_of

ADMIN = roles(Role.ADMIN)
TAGS = ["access"]
READS = problem_responses(401, 403, 503)
WRITES = problem_responses(401, 403, 409, 503)
GONE = problem_responses(401, 403, 404, 503)


class ChannelSettings(Wire, kw_only=True):
    """A channel's settings; those left out have their defaults.

    `paymentExpiryS`: seconds until an unpaid order expires.
    """

    document_check: Policy = Policy.WARN
    stock_policy: StockPolicy = StockPolicy.REJECT
    quote_policy: Policy = Policy.WARN
    amount_check: Policy = Policy.WARN
    discount_basis: DiscountBasis = DiscountBasis.UNIT
    payment_cover: PaymentCover = PaymentCover.TOTAL
    paid_on_create: bool = False
    cancel_on_denied: bool = False
    cancel_needs_consent: bool = False
    ship_without_invoice: bool = False
    payment_expiry_s: Annotated[int, msgspec.Meta(ge=1)] = 3 * 24 * 3600


class NamedChannel(ChannelSettings, kw_only=True):
    """A channel with its name, as `Channel` in an order gives it."""

    name: str


class Channels(Wire, kw_only=True):
    """All channels, by name."""

    channels: list[NamedChannel]


class CredentialWanted(Wire, kw_only=True):
    """A new credential's role and what it is bound to; role `carrier` needs `carrier`, its freight reference."""

    role: Role
    channel: str | None = None
    seller_cnpj: str | None = None
    carrier: str | None = None


class CredentialShown(Wire, kw_only=True):
    """A credential; `clientSecret` only in the answer that creates it."""

    client_id: str
    role: Role
    channel: str | None
    seller_cnpj: str | None
    carrier: str | None
    create_date: Instant
    revoke_date: Instant | None
    client_secret: str | msgspec.UnsetType = msgspec.UNSET


class Credentials(Wire, kw_only=True):
    """All credentials, oldest first, the revoked ones too."""

    credentials: list[CredentialShown]


@get("/v1/channels", opt=ADMIN, tags=TAGS, operation_id="listChannels", responses=READS)
async def get_all_channels(door: Door) -> WireResponse[Channels]:
    """The tenant's channels and their settings."""
    async with door.db.read() as tx:
        return WireResponse(Channels(channels=[_named(c) for c in await list_channels(tx, door.tenant)]))


@put("/v1/channels/{name:str}", opt=ADMIN, tags=TAGS, operation_id="setChannel", responses=WRITES)
async def put_channel(door: Door, name: FromPath[str], data: JSONBody[ChannelSettings]) -> Response[Any]:
    """Create a channel or replace its settings."""

    async def work(tx: Tx) -> WireResponse[Any]:
        settings = {field: getattr(data, field) for field in data.__struct_fields__}
        await set_channel(tx, door.tenant, Channel(name=name, **settings), actor=door.caller.client_id, now=door.now)
        channel = (await get_channels(tx, door.tenant, [name]))[name]
        return WireResponse(_named(channel))

    return await door.write(work)


@get("/v1/credentials", opt=ADMIN, tags=TAGS, operation_id="listCredentials", responses=READS)
async def get_credentials(door: Door) -> WireResponse[Credentials]:
    """The tenant's credentials, without their secrets."""
    async with door.db.read() as tx:
        return WireResponse(Credentials(credentials=[_shown(c) for c in await list_credentials(tx, door.tenant)]))


@post("/v1/credentials", opt=ADMIN, tags=TAGS, operation_id="createCredential", responses=WRITES)
async def post_credential(door: Door, data: JSONBody[CredentialWanted]) -> Response[Any]:
    """Create a credential. Its secret is shown this once: an answer repeated for its `Idempotency-Key` has none."""
    cmd = CreateCredential(
        tenant=door.tenant,
        role=data.role,
        channel=data.channel,
        seller_cnpj=data.seller_cnpj,
        carrier=data.carrier,
        actor=door.caller.client_id,
    )
    secret = ""

    async def work(tx: Tx) -> WireResponse[CredentialShown]:
        nonlocal secret
        caller, secret = await create_credential(tx, cmd, door.now)
        shown = _shown(Credential(caller=caller, created_us=door.now))
        return WireResponse(shown, headers={"Cache-Control": "no-store"})

    answer = await door.write(work)
    if isinstance(answer.content, CredentialShown):
        answer.content.client_secret = secret  # only now: a kept answer must not keep the secret
    return answer


@delete(
    "/v1/credentials/{client_id:str}",
    opt=ADMIN,
    tags=TAGS,
    operation_id="revokeCredential",
    status_code=204,
    responses=GONE,
)
async def delete_credential(door: Door, client_id: FromPath[str]) -> None:
    """Revoke a credential: its pair is refused at once, its living tokens within seconds."""
    if tenant_of(client_id) != door.tenant:
        raise NotFound(f"There is no credential {client_id!r}.", code="credential_not_found")
    actor = door.caller.client_id
    await door.db.run(lambda tx: revoke_credential(tx, client_id, actor=actor, now=door.now))
    door.house.gate.revoke(client_id)


def _named(channel: Channel) -> NamedChannel:
    return NamedChannel(**{field: getattr(channel, field) for field in NamedChannel.__struct_fields__})


def _shown(credential: Credential) -> CredentialShown:
    caller = credential.caller
    return CredentialShown(
        client_id=caller.client_id,
        role=caller.role,
        channel=caller.channel,
        seller_cnpj=caller.seller_cnpj,
        carrier=caller.carrier,
        create_date=iso(credential.created_us),
        revoke_date=iso(credential.revoked_us) if credential.revoked_us is not None else None,
    )


routes: Sequence[HTTPRouteHandler] = (
    get_all_channels,
    put_channel,
    get_credentials,
    post_credential,
    delete_credential,
)
