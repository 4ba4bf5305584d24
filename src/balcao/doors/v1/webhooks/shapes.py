"""Webhooks as they are asked for and shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Invalid
from balcao.base.values import Tenant, iso, strip_document
from balcao.doors.wire import INT64_MAX, Instant, Wire
from balcao.sellers.find import find_sellers
from balcao.webhooks.find import Listed
from balcao.webhooks.rules.model import Attempt, DeadLetter, Outcome, Wanted

Seq = Annotated[int, msgspec.Meta(ge=0, le=INT64_MAX)]


class WebhookAsked(Wire, kw_only=True):
    """An address and what it wants. What is left out or empty asks for nothing in particular.

    `types`: exact ones, or `order.*`. `sellers`: CNPJs. `after`: the last event that is not sent any more; left out, it
    begins with what happens next.
    """

    __example__: ClassVar[Any] = {
        "url": "https://example.com/hooks/orders",
        "description": "the shop's ERP",
        "types": ["order.*"],
        "channels": ["ecommerce"],
        "sellers": ["04109169000135"],
    }

    url: str
    description: str = ""
    types: list[str] = msgspec.field(default_factory=list)
    channels: list[str] = msgspec.field(default_factory=list)
    sellers: list[str] = msgspec.field(default_factory=list)
    after: Seq | None = None


class WebhookChanged(Wire, kw_only=True):
    """What is left out stays as it is; the filter is replaced list by list."""

    url: str | None = None
    description: str | None = None
    types: list[str] | None = None
    channels: list[str] | None = None
    sellers: list[str] | None = None
    is_active: bool | None = None


class WebhookShown(Wire, kw_only=True):
    """A webhook; `secret` only in the answers that make one.

    `pending`: deliveries that wait in the queue; `dead`: given up; `failingSince`: nothing was delivered since then.
    """

    webhook_id: UUID
    url: str
    description: str
    types: list[str]
    channels: list[str]
    sellers: list[str]
    is_active: bool
    disabled_reason: str | None
    former_secret_valid_until: Instant | None
    failing_since: Instant | None
    create_date: Instant
    last_update: Instant
    pending: int
    dead: int
    secret: str | msgspec.UnsetType = msgspec.UNSET


class Webhooks(Wire, kw_only=True):
    """All webhooks, oldest first."""

    webhooks: list[WebhookShown]


class ReplayAsked(Wire, kw_only=True):
    """Which events: one by `seq`, a stretch of the log (both ends belong), or everything `since` an instant."""

    __aliases__: ClassVar[Mapping[str, str]] = {"from": "fromSeq", "to": "toSeq"}
    __example__: ClassVar[Any] = {"fromSeq": 1000, "toSeq": 2000}

    seq: Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)] | None = None
    from_seq: Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)] | None = None
    to_seq: Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)] | None = None
    since: datetime | None = None


class ReplayShown(Wire, kw_only=True):
    """The stretch of the log that is sent again, both ends included; nothing when `toSeq` is before `fromSeq`."""

    from_seq: int
    to_seq: int


class LettersAsked(Wire, kw_only=True):
    """Which of them, by sequence number; all when left out."""

    seqs: list[Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)]] | None = None


class LettersRevived(Wire, kw_only=True):
    """How many are sent again."""

    revived: int


class DeadLetterShown(Wire, kw_only=True):
    """A delivery that was given up after ten attempts, with what the last one came to."""

    seq: int
    type: str
    subject: str
    attempts: int
    status: int | None
    error: str | None
    died_at: Instant


class DeadLetters(Wire, kw_only=True):
    """Some of them, by sequence number; `next` is what to send as `after` for those that follow, null at the end."""

    dead_letters: list[DeadLetterShown]
    next: int | None


class AttemptShown(Wire, kw_only=True):
    """A line of the delivery log. `attempt` counts from 1; 0 is a test. `answer`: the first 4 KiB."""

    attempt_id: UUID
    seq: int
    type: str
    subject: str
    attempt: int
    sent_at: Instant
    duration_ms: int
    outcome: Outcome
    status: int | None
    error: str | None
    url: str
    request_headers: dict[str, str]
    request_body: str
    answer: str


class Attempts(Wire, kw_only=True):
    """Some of the log, newest first; `next` is what to send as `before` for older ones, null at the end."""

    attempts: list[AttemptShown]
    next: UUID | None


async def read_sellers(tx: Tx, tenant: Tenant, cnpjs: Sequence[str]) -> tuple[UUID, ...]:
    """The ids of the stores; raises Invalid for a CNPJ that no store has."""
    stripped = {strip_document(cnpj): cnpj for cnpj in cnpjs}
    found = {seller.cnpj: seller.seller_id for seller in await find_sellers(tx, tenant, cnpjs=list(stripped))}
    missing = [sent for cnpj, sent in stripped.items() if cnpj not in found]
    if missing:
        raise Invalid(errors={"sellers": [f"there is no store with the CNPJ {missing[0]}"]})
    return tuple(found[cnpj] for cnpj in stripped)


async def change_wanted(tx: Tx, tenant: Tenant, before: Wanted, sent: WebhookChanged) -> Wanted:
    """The filter with the lists that were sent in the place of its own."""
    return Wanted(
        types=before.types if sent.types is None else tuple(sent.types),
        channels=before.channels if sent.channels is None else tuple(sent.channels),
        seller_ids=before.seller_ids if sent.sellers is None else await read_sellers(tx, tenant, sent.sellers),
    )


async def show_webhooks(tx: Tx, tenant: Tenant, listed: Sequence[Listed]) -> list[WebhookShown]:
    """As they are answered: stores by their CNPJs."""
    ids = list({each for one in listed for each in one.webhook.wanted.seller_ids})
    cnpjs: dict[UUID, str] = {seller.seller_id: seller.cnpj for seller in await find_sellers(tx, tenant, ids=ids)}
    return [_show(one, cnpjs) for one in listed]


def show_dead_letter(letter: DeadLetter) -> DeadLetterShown:
    """As it is answered."""
    return DeadLetterShown(
        seq=letter.seq,
        type=letter.type,
        subject=letter.subject,
        attempts=letter.attempts,
        status=letter.status,
        error=letter.error,
        died_at=iso(letter.died_us),
    )


def show_attempt(attempt: Attempt) -> AttemptShown:
    """As it is answered."""
    return AttemptShown(
        attempt_id=attempt.attempt_id,
        seq=attempt.seq,
        type=attempt.type,
        subject=attempt.subject,
        attempt=attempt.number,
        sent_at=iso(attempt.at_us),
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome,
        status=attempt.status,
        error=attempt.error,
        url=attempt.url,
        request_headers=attempt.headers,
        request_body=attempt.body,
        answer=attempt.answer,
    )


def _show(one: Listed, cnpjs: Mapping[UUID, str]) -> WebhookShown:
    webhook = one.webhook
    return WebhookShown(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        description=webhook.description,
        types=list(webhook.wanted.types),
        channels=list(webhook.wanted.channels),
        sellers=[cnpjs[each] for each in webhook.wanted.seller_ids if each in cnpjs],
        is_active=webhook.is_active,
        disabled_reason=webhook.disabled_reason,
        former_secret_valid_until=_iso(webhook.former_until_us),
        failing_since=_iso(webhook.failing_since_us),
        create_date=iso(webhook.created_us),
        last_update=iso(webhook.changed_us),
        pending=one.pending,
        dead=one.dead,
    )


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)
