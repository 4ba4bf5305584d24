"""What an integration with OmniChat is, what it sends us, and what became of that. Pure."""

import re
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from balcao.base.errors import FieldErrors
from balcao.base.values import Micros, OrderId, SellerId, Tenant
from balcao.tenants.rules import Caller, Role

RESPONSIBLE: Final = "balcao"
"""With what our calls are signed unless told otherwise; a notification so signed is an echo of them."""
NAME_LENGTH_MAX: Final = 100
SECRET_LENGTH_MAX: Final = 500
URL_LENGTH_MAX: Final = 1_000
TEAMS_MAX: Final = 1_000
HOOK_BYTES_MAX: Final = 1024 * 1024
"""The largest hook that is taken: a thousand times the documented example."""
OBJECT_ID_LENGTH_MAX: Final = 200
_INTEGRATION_ID: Final = re.compile(r"([a-z0-9-]{1,40})\.[a-z2-7]{10}")
_SECRET: Final = re.compile(r"[!-~]+")


class Checkout(StrEnum):
    """Whose checkout the shopper pays in: OmniChat's ("Checkout Omni") or ours ("Checkout Próprio")."""

    OMNI = "omni"
    OWN = "own"


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's account at OmniChat.

    integration_id: names its tenant; channel: the pipeline of its orders; webhook_id: the line on which we call it;
    responsible: the name that our calls are signed with; checkout_url: template of our checkout's address; seller_id:
    the store that sells unless told otherwise; teams: the store of each team, by external id.
    """

    integration_id: str
    name: str
    channel: str
    checkout: Checkout
    webhook_id: UUID
    responsible: str = RESPONSIBLE
    checkout_url: str = ""
    seller_id: SellerId | None = None
    teams: dict[str, SellerId] = {}
    is_active: bool = True
    former_until_us: Micros | None = None
    created_us: Micros = Micros(0)
    changed_us: Micros = Micros(0)

    @property
    def store_ids(self) -> list[SellerId]:
        """The stores that it names, the default one first; none: it sells from all."""
        named = [self.seller_id] if self.seller_id else []
        return list(dict.fromkeys([*named, *self.teams.values()]))


class HookKind(StrEnum):
    """What a kept hook asks for."""

    PROVISION = "provision"
    STATUS = "status"
    CANCELLATION = "cancellation"


class NewHook(msgspec.Struct, frozen=True, kw_only=True):
    """A hook as it came. status, responsible, said_us: what a notification says of itself; hash: what makes two one."""

    integration_id: str
    object_id: str
    kind: HookKind
    hash: bytes
    body: str
    status: str = ""
    responsible: str = ""
    said_us: Micros = Micros(0)


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """A kept hook that waits."""

    hook_id: UUID
    integration_id: str
    object_id: str
    kind: HookKind
    status: str
    responsible: str
    said_us: Micros
    body: str

    @property
    def key(self) -> tuple[str, str]:
        """Which of OmniChat's orders it is about."""
        return self.integration_id, self.object_id


class HookLine(msgspec.Struct, frozen=True, kw_only=True):
    """A kept hook as it is listed."""

    hook_id: UUID
    object_id: str
    kind: HookKind
    status: str
    said_us: Micros
    received_us: Micros
    is_parked: bool
    done_us: Micros | None
    outcome: str | None
    detail: str | None
    body: str


class Outcome(StrEnum):
    """What became of a hook.

    REFUSED: nothing could be provisioned; LOGGED: nothing was to be done; LATE: a cancellation after shipping; FAILED:
    a mistake of ours, to be looked at.
    """

    PROVISIONED = "provisioned"
    REPEATED = "repeated"
    REFUSED = "refused"
    PAID = "paid"
    CANCELLED = "cancelled"
    LOGGED = "logged"
    ECHO = "echo"
    LATE = "late"
    FAILED = "failed"


class Settled(NamedTuple):
    """A hook that is done with: what became of it, and why."""

    hook_id: UUID
    outcome: Outcome
    detail: str | None = None


class KnownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which order one of OmniChat's became: none where it was refused. heard_us, is_closed: as the table says."""

    integration_id: str
    object_id: str
    order_id: OrderId | None = None
    heard_us: Micros = Micros(0)
    is_closed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Which of OmniChat's orders it is."""
        return self.integration_id, self.object_id


def caller_of(tenant: Tenant, integration: Integration) -> Caller:
    """As whom an integration acts on orders: its channel, and no other."""
    return Caller(tenant=tenant, client_id=integration.integration_id, role=Role.CHANNEL, channel=integration.channel)


def tenant_of(integration_id: str) -> Tenant | None:
    """The tenant that an integration's id names, or None when no id of ours looks like that."""
    match = _INTEGRATION_ID.fullmatch(integration_id)
    return Tenant(match[1]) if match else None


def check_integration(integration: Integration, secret: str | None) -> FieldErrors:
    """What cannot be, by field; secret: the API secret where one is given. Empty when nothing."""
    errors: FieldErrors = {}
    for field, text in (("name", integration.name), ("responsible", integration.responsible)):
        if not (0 < len(text) <= NAME_LENGTH_MAX and text == text.strip() and text.isprintable()):
            errors[field] = [f"must be 1 to {NAME_LENGTH_MAX} printable characters without blanks around"]
    if secret is not None and not (len(secret) <= SECRET_LENGTH_MAX and _SECRET.fullmatch(secret)):
        errors["apiSecret"] = [f"must be 1 to {SECRET_LENGTH_MAX} printable ASCII characters without blanks"]
    if integration.checkout is Checkout.OWN and not integration.checkout_url:
        errors["checkoutUrl"] = ["is required where the checkout is our own"]
    elif integration.checkout_url and not _is_address(integration.checkout_url):
        errors["checkoutUrl"] = ["must be an address such as https://shop.example.com/checkout/{orderId}"]
    if len(integration.teams) > TEAMS_MAX:
        errors["teams"] = [f"at most {TEAMS_MAX}"]
    return errors


def checkout_address(template: str, *, order_id: str, external_id: str, friendly_code: str) -> str:
    """Our checkout's address for an order: `{orderId}`, `{externalId}` and `{friendlyCode}` are put in."""
    words = {"{orderId}": order_id, "{externalId}": external_id, "{friendlyCode}": friendly_code}
    for word, value in words.items():
        template = template.replace(word, value)
    return template


def _is_address(text: str) -> bool:
    return len(text) <= URL_LENGTH_MAX and text.startswith(("https://", "http://")) and text.isprintable()
