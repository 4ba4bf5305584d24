"""Let unpaid orders go whose time is up: a background job."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from balcao.base.db import Database, Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import moving
from balcao.orders.rules.model import Order
from balcao.orders.rules.status import CANCELLED
from balcao.orders.store import keys
from balcao.tenants.rules import Caller, Role
from balcao.tenants.tenants import list_tenants

BATCH = 500
CLOCKWORK = "expiry"


async def expire_due_orders(db: Database, now: Micros) -> int:
    """Expire what is due in every tenant, a transaction a batch; how many orders went."""
    async with db.read() as tx:
        tenants = await list_tenants(tx)
    gone = 0
    for tenant in tenants:
        while True:
            batch = await db.run(partial(_expire_batch, tenant=tenant.tenant, now=now))
            gone += batch.gone
            if batch.due < BATCH or not batch.gone:
                break
    return gone


async def expire_orders(tx: Tx, tenant: Tenant, ids: Sequence[OrderId], now: Micros) -> list[Outcome]:
    """The orders after their expiry (status 21, stock released); one that was paid or moved meanwhile stays as it is.

    Appends `order.expired`.
    """
    caller = Caller(tenant=tenant, client_id=CLOCKWORK, role=Role.ADMIN)
    changes = await open_changes(tx, tenant, ids)
    outcomes = [changes.decide(caller, order_id, lambda at: moving.expire(at, now)) for order_id in ids]
    await changes.save(tx, now)
    return outcomes


class _Batch(NamedTuple):
    due: int
    gone: int


async def _expire_batch(tx: Tx, *, tenant: Tenant, now: Micros) -> _Batch:
    due = await keys.lock_due(tx, tenant, now, BATCH)
    outcomes = await expire_orders(tx, tenant, due, now)
    return _Batch(len(due), sum(isinstance(order, Order) and order.status in CANCELLED for order in outcomes))
