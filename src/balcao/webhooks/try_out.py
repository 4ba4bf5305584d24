"""Send a test message now, and tell what came of it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Database, Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, Tenant, iso, new_id
from balcao.webhooks.rules.model import Attempt, Delivery, Target
from balcao.webhooks.send import Sender
from balcao.webhooks.store import attempts
from balcao.webhooks.store import webhooks as store

TYPE: Final = "webhook.test"


async def try_webhook(
    db: Database, sender: Sender, tenant: Tenant, webhook_id: UUID, now: Callable[[], Micros]
) -> Attempt:
    """The attempt, as the delivery log keeps it. Not an event: no sequence number, no second attempt.

    Works on a disabled webhook too, and its outcome counts neither for nor against it. Raises NotFound. The call goes
    out between two transactions.
    """
    async with db.read() as tx:
        target = await _target(tx, tenant, webhook_id, now())
    message = f"test-{new_id()}"
    delivery = Delivery(
        target=target,
        seq=0,
        type=TYPE,
        subject=str(webhook_id),
        body=_body(tenant, webhook_id, message, now()),
        attempts=0,
        claim=new_id(),
        lease_us=Micros(0),
    )
    done = await sender.send(delivery, message, number=0)
    await db.run(lambda tx: attempts.insert_attempts(tx, tenant, [done.attempt]))
    return done.attempt


async def _target(tx: Tx, tenant: Tenant, webhook_id: UUID, now: Micros) -> Target:
    found = await store.find_webhooks(tx, tenant, [webhook_id])
    row = await store.find_secrets(tx, tenant, webhook_id)
    if not found or row is None:
        raise NotFound(f"There is no webhook {webhook_id}.", code="webhook_not_found")
    is_former_valid = row["former_secret"] is not None and row["former_until_us"] > now
    sealed = (row["secret"], row["former_secret"]) if is_former_valid else (row["secret"],)
    return Target(webhook_id=webhook_id, url=found[0].url, sealed=sealed, is_failing=False)


def _body(tenant: Tenant, webhook_id: UUID, message: str, now: Micros) -> str:
    event = {
        "specversion": "1.0",
        "id": message,
        "source": f"/tenants/{tenant}",
        "type": TYPE,
        "subject": str(webhook_id),
        "time": iso(now),
        "datacontenttype": "application/json",
        "tenant": tenant,
        "data": {"webhookId": str(webhook_id)},
    }
    return msgspec.json.encode(event).decode()
