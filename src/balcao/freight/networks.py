"""The networks that a server process holds in memory, one a tenant: read when asked for, and anew when they changed.

Each quote learns from its own query how new everything is, so no message can be missed. What is small (stores,
carriers, rules, tables of some ten thousand rows) is read before the quote is answered; larger tables are read
aside, and quotes use the former whole meanwhile. A poll does the same for tenants that nobody quotes at the moment.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID

import structlog

from balcao.base.db import Database
from balcao.base.errors import BalcaoError
from balcao.base.together import Together
from balcao.base.values import Micros, Tenant
from balcao.freight.rules.index import TableIndex
from balcao.freight.rules.model import AskFacts, Facts
from balcao.freight.rules.network import Network, Settings
from balcao.freight.rules.rates import Rates
from balcao.freight.rules.versions import Table
from balcao.freight.store import rows as row_store
from balcao.freight.store import settings as store
from balcao.freight.store.facts import find_facts
from balcao.sellers.find import list_all_sellers
from balcao.sellers.rules import Seller

POLL_S: Final = 0.25
IDLE_S: Final = 3600
"""A tenant that nobody quoted for so long is let go; its next quote reads it again."""
AT_ONCE_ROWS: Final = 20_000
"""So many new rows are read before the quote that noticed them is answered: some 40 ms."""

log = structlog.get_logger(__name__)


class Networks:
    """The networks of one process; `facts` reads what every quote has to know anew."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.facts: Together[AskFacts, Facts] = Together(db, find_facts)
        self._held: dict[Tenant, Network] = {}
        self._used_s: dict[Tenant, float] = {}
        self._turns: dict[Tenant, asyncio.Lock] = {}
        self._aside: dict[Tenant, asyncio.Task[None]] = {}

    async def at(self, tenant: Tenant, version: UUID | None, sellers_us: Micros) -> Network:
        """The network as new as that, but for large tables: they may be the ones before, for a second at most.

        Raises Unavailable when it has to be read and the database is away.
        """
        self._used_s[tenant] = time.monotonic()
        held = self._fitting(tenant, version, sellers_us)
        if held is None:
            async with self._turns.setdefault(tenant, asyncio.Lock()):
                held = self._fitting(tenant, version, sellers_us) or await self._read(tenant)
        return held

    async def refresh(self, tenant: Tenant) -> None:
        """Read anew what changed, large tables too, where the tenant is held at all. What fails is left to quotes."""
        if tenant not in self._held:
            return
        with self._told(tenant):
            async with self._turns.setdefault(tenant, asyncio.Lock()):
                await self._read(tenant)
            aside = self._aside.get(tenant)
            if aside is not None:
                await asyncio.shield(aside)

    async def watch(self) -> None:
        """Follow what changed, until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            with self._told():
                await self._follow()

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._aside.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def held(self, tenant: Tenant) -> Network | None:
        """What is in memory of this tenant."""
        return self._held.get(tenant)

    def _fitting(self, tenant: Tenant, version: UUID | None, sellers_us: Micros) -> Network | None:
        held = self._held.get(tenant)
        if held is None or held.sellers_us != sellers_us:
            return None
        return held if held.version == version or tenant in self._aside else None

    async def _follow(self) -> None:
        idle_from = time.monotonic() - IDLE_S
        for tenant in [tenant for tenant, used_s in self._used_s.items() if used_s < idle_from]:
            self._held.pop(tenant, None)
            self._used_s.pop(tenant, None)
        held = {tenant: network for tenant, network in self._held.items() if tenant not in self._aside}
        if not held:
            return
        async with self._db.read() as tx:
            newest = await store.find_versions(tx, list(held))
        for tenant, network in held.items():
            if newest.get(tenant) != network.version:
                await self.refresh(tenant)

    async def _read(self, tenant: Tenant) -> Network:
        """What is in force now; with the tables of before while many rows are still to be read."""
        settings, sellers, sellers_us = await self._look(tenant)
        former = self._held.get(tenant)
        known = dict(former.indexes) if former is not None else {}
        missing = [table for table in settings.tables if table.table_id not in known]
        if former is not None and sum(table.row_count for table in missing) > AT_ONCE_ROWS:
            self._read_aside(tenant)
            settings = former.settings
        else:
            known |= await self._index(tenant, missing)
        network = self._held[tenant] = Network(settings, sellers, known, sellers_us=sellers_us)
        return network

    async def _look(self, tenant: Tenant) -> tuple[Settings, Sequence[Seller], Micros]:
        # The newest change of a store before the stores themselves: what changes in between is read once more.
        async with self._db.read() as tx:
            sellers_us = await store.newest_seller_us(tx, tenant)
            sellers = await list_all_sellers(tx, tenant)
            return await store.read_settings(tx, tenant), sellers, sellers_us

    def _read_aside(self, tenant: Tenant) -> None:
        if tenant not in self._aside:
            task = self._aside[tenant] = asyncio.create_task(self._catch_up(tenant))
            task.add_done_callback(lambda _: self._aside.pop(tenant, None))

    async def _catch_up(self, tenant: Tenant) -> None:
        """Read the large tables, then look whether there are newer ones, and put all of it in the old one's place."""
        with self._told(tenant):
            read: dict[UUID, TableIndex] = {}
            while True:
                settings, sellers, sellers_us = await self._look(tenant)
                former = self._held.get(tenant)
                known = {**(former.indexes if former is not None else {}), **read}
                missing = [table for table in settings.tables if table.table_id not in known]
                if not missing:
                    self._held[tenant] = Network(settings, sellers, known, sellers_us=sellers_us)
                    return
                read |= await self._index(tenant, missing)

    async def _index(self, tenant: Tenant, tables: Sequence[Table]) -> dict[UUID, TableIndex]:
        if not tables:
            return {}
        async with self._db.read() as tx:
            rates = await row_store.copy_out(tx, tenant, tables)
        return await asyncio.to_thread(_build, tables, rates)

    @contextmanager
    def _told(self, tenant: Tenant | None = None) -> Iterator[None]:
        """A failure in the background ends nothing: what stays old is noticed by the next quote or poll."""
        try:
            yield
        except (BalcaoError, OSError) as error:
            log.warning("freight tables not read", tenant=tenant, reason=str(error))


def _build(tables: Sequence[Table], rates: Mapping[UUID, Rates]) -> dict[UUID, TableIndex]:
    """In a thread: numpy sorts without holding the interpreter."""
    return {table.table_id: TableIndex(table, rates[table.table_id]) for table in tables}
