"""One turn of a tenant's deliveries: write down what came of the last ones, and claim the next."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant, new_id
from balcao.webhooks.disable import GONE, PAST_HOPE
from balcao.webhooks.rules.model import Delivery, Done, Next, Target, Way
from balcao.webhooks.rules.schedule import SECOND_US, is_past_hope
from balcao.webhooks.store import attempts, queue
from balcao.webhooks.store import webhooks as store

LEASE_S: Final = 60
"""A delivery that its process did not settle for so long goes to another; far longer than an attempt may take."""
AT_ONCE: Final = queue.CLAIM_MAX
"""Deliveries to one webhook under way at a time."""
AT_ONCE_FAILING: Final = 4
"""The same while nothing gets through: enough to notice that it is back, too few to burden either side."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """claimed: to be sent now; disable: these webhooks, with the reason."""

    claimed: Sequence[Delivery]
    disable: Mapping[UUID, str]


async def take_turn(tx: Tx, tenant: Tenant, done: Sequence[Done], under_way: Mapping[UUID, int], now: Micros) -> Turn:
    """Settle what is done and claim what is due, in one transaction.

    under_way: the webhooks that may have something due, with how many of their deliveries this process has at work.
    """
    disable = await settle(tx, tenant, done, now)
    asked = {webhook_id: count for webhook_id, count in under_way.items() if webhook_id not in disable}
    targets = {row["webhook_id"]: _target(row, now) for row in await queue.find_targets(tx, tenant, list(asked), now)}
    rooms = {webhook_id: _room(target, asked[webhook_id]) for webhook_id, target in targets.items()}
    open_rooms = {webhook_id: room for webhook_id, room in rooms.items() if room > 0}
    lease_us, claim = Micros(now + LEASE_S * SECOND_US), new_id()
    rows = await queue.claim_due(tx, tenant, open_rooms, claim=claim, now=now, lease_us=lease_us) if open_rooms else []
    claimed = [_delivery(targets[row["webhook_id"]], row, claim, lease_us) for row in rows]
    return Turn(claimed=claimed, disable=disable)


async def settle(tx: Tx, tenant: Tenant, done: Sequence[Done], now: Micros) -> dict[UUID, str]:
    """Log the attempts, take the delivered out of the queue, put off the others or give them up.

    Gives the webhooks to be disabled, with the reason.
    """
    if not done:
        return {}
    await attempts.insert_attempts(tx, tenant, [each.attempt for each in done])
    await queue.delete_delivered(tx, tenant, done)
    await queue.update_failed(tx, tenant, done, now)
    failing = await store.update_health(tx, tenant, _health(done), now)
    subscribers = {target.webhook_id for each in done if (target := each.delivery.target).way is Way.STANDARD}
    disable = {
        row["webhook_id"]: PAST_HOPE
        for row in failing
        if row["webhook_id"] in subscribers and is_past_hope(row["failing_since_us"], now)
    }
    return disable | {each.delivery.target.webhook_id: GONE for each in done if each.verdict.is_gone}


def _health(done: Sequence[Done]) -> list[tuple[UUID, bool, bool, int]]:
    by_webhook: dict[UUID, list[Done]] = {}
    for each in done:
        by_webhook.setdefault(each.delivery.target.webhook_id, []).append(each)
    return [
        (
            webhook_id,
            any(each.verdict.next is Next.DONE for each in all_done),
            any(each.verdict.next is not Next.DONE for each in all_done),
            max(each.verdict.hold_until_us for each in all_done),
        )
        for webhook_id, all_done in sorted(by_webhook.items())
    ]


def _room(target: Target, under_way: int) -> int:
    return (AT_ONCE_FAILING if target.is_failing else AT_ONCE) - under_way


def _target(row: Record, now: Micros) -> Target:
    secrets = [row["secret"]]
    if row["former_secret"] is not None and row["former_until_us"] > now:
        secrets.append(row["former_secret"])
    return Target(
        webhook_id=row["webhook_id"],
        url=row["url"],
        sealed=tuple(secrets),
        is_failing=row["failing_since_us"] is not None,
        way=Way(row["way"]),
    )


def _delivery(target: Target, row: Record, claim: UUID, lease_us: Micros) -> Delivery:
    return Delivery(
        target=target,
        seq=row["seq"],
        type=row["type"],
        subject=row["subject"],
        body=row["body"],
        attempts=row["attempts"],
        claim=claim,
        lease_us=lease_us,
    )
