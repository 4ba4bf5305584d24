"""Forget old batches."""

from typing import Final

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.imports import store
from balcao.imports.rules.model import KEPT_DAYS

DAY_US: Final = 24 * 3600 * 1_000_000
PURGE_MAX: Final = 500


async def purge_batches(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the batches that were finished more than 30 days ago; how many it were."""
    return await store.delete_before(tx, tenant, Micros(now - KEPT_DAYS * DAY_US), limit=PURGE_MAX)
