"""A partner's line: an address with its secret to which a higher noun queues calls; no subscription, no bookmark."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.seal import Seal
from balcao.base.values import Micros, Tenant, new_id
from balcao.webhooks.find import get_webhook
from balcao.webhooks.rules.model import Queued, Wanted, Way, Webhook
from balcao.webhooks.store import queue
from balcao.webhooks.store import webhooks as store
from balcao.webhooks.subscribe import check_address

DESCRIPTION = "a partner's line"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is to be: None keeps what there is. secret: in clear, sealed when kept."""

    tenant: Tenant
    way: Way
    url: str | None = None
    secret: str | None = None
    is_active: bool | None = None
    allow_private: bool


class NewCall(NamedTuple):
    """A call to make; seq: of the event that it tells of; calls on one subject are made in the order of these."""

    webhook_id: UUID
    seq: int
    type: str
    subject: str
    body: str


async def open_line(tx: Tx, line: Line, seal: Seal, now: Micros) -> UUID:
    """Open a line; its id. Raises Invalid for an address that may not be called."""
    url = line.url or ""
    check_address(url, DESCRIPTION, allow_private=line.allow_private)
    webhook = Webhook(
        webhook_id=new_id(),
        url=url,
        description=DESCRIPTION,
        wanted=Wanted(),
        is_active=True,
        disabled_reason=None,
        former_until_us=None,
        failing_since_us=None,
        hold_until_us=Micros(0),
        created_us=now,
        changed_us=now,
        way=line.way,
    )
    await store.insert_webhook(tx, line.tenant, webhook, seal.close(line.secret or ""))
    return webhook.webhook_id


async def change_line(tx: Tx, webhook_id: UUID, line: Line, seal: Seal, now: Micros) -> None:
    """Change a line; what waits for a later attempt is due at once. Raises NotFound and Invalid."""
    before = await get_webhook(tx, line.tenant, webhook_id, way=line.way, lock=True)
    url = before.url if line.url is None else line.url
    check_address(url, DESCRIPTION, allow_private=line.allow_private)
    is_active = before.is_active if line.is_active is None else line.is_active
    after = msgspec.structs.replace(
        before, url=url, is_active=is_active, failing_since_us=None, hold_until_us=Micros(0), changed_us=now
    )
    await store.update_webhook(tx, line.tenant, after)
    if line.secret is not None:
        sealed = seal.close(line.secret)
        await store.update_secret(tx, line.tenant, webhook_id, sealed, former_until_us=now, now=now)
    await queue.update_due(tx, line.tenant, webhook_id, now)


async def close_line(tx: Tx, tenant: Tenant, webhook_id: UUID, *, way: Way) -> None:
    """Remove a line with what waits on it; its delivery log stays for its 30 days. Raises NotFound."""
    await get_webhook(tx, tenant, webhook_id, way=way)
    await store.delete_webhook(tx, tenant, webhook_id)


async def queue_calls(tx: Tx, tenant: Tenant, calls: Sequence[NewCall], now: Micros) -> None:
    """Queue calls, due at once, in the caller's transaction; one that waits already stays as it is."""
    if calls:
        await queue.insert_deliveries(tx, tenant, [Queued(*call, now) for call in calls])
