"""A tenant's log in the tests: things happen, and what the feed says of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from balcao.base.clock import tick
from balcao.base.db import Database
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.events.feed import FeedPage, ReadFeed, read_feed
from balcao.events.keep import mark_log
from balcao.events.rules import DAY_US, Event
from balcao.tenants.tenants import CreateTenant, create_tenant

NOW = Micros(20_000 * DAY_US + 12 * 3600 * 1_000_000)
"""Noon of 2024-10-04."""


def event(kind: str = "order.paid", **over: Any) -> Event:
    """An event of that type; `n` goes into its data."""
    data = {"n": over.pop("n", 0)}
    return Event(**({"type": kind, "subject": "s", "actor": "test", "data": data} | over))


def paid(count: int) -> list[Event]:
    """That many payments, numbered from 1."""
    return [event(n=n) for n in range(1, count + 1)]


class LogBook:
    """One tenant's log. It begins with the tenant's own event, number 1."""

    def __init__(self, db: Database, tenant: Tenant) -> None:
        self.db, self.tenant = db, tenant

    async def write(self, events: Sequence[Event], *, now: Micros = NOW) -> list[int]:
        """The numbers of these events, which happened in one transaction."""
        async with self.db.transaction() as tx:
            ticks = await tick(tx, self.tenant, events=len(events), rows=len(events), now=now)
            await append(tx, self.tenant, events, ticks)
        return [ticks.seq(n) for n in range(len(events))]

    async def tell(self, *kinds: str, now: Micros = NOW, **over: Any) -> list[int]:
        """The numbers of one event for each of these types."""
        return await self.write([event(kind, **over) for kind in kinds], now=now)

    async def read(self, after: int = 0, **asked: Any) -> FeedPage:
        """A page of the feed."""
        async with self.db.read() as tx:
            return await read_feed(tx, self.tenant, ReadFeed(after=after, **asked))

    async def numbers(self, after: int = 0, **asked: Any) -> list[int]:
        """The numbers in a page of the feed."""
        return [told.seq for told in (await self.read(after, **asked)).events]

    async def fetch(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows out of the database."""
        async with self.db.read() as tx:
            return [tuple(row) for row in await tx.fetch(query, *arguments)]


async def open_log(db: Database, name: str = "qaapp", *, now: Micros = NOW) -> LogBook:
    """The log of a new tenant."""
    tenant = await db.run(lambda tx: create_tenant(tx, CreateTenant(name=name, actor="test"), now))
    return LogBook(db, tenant)


async def mark(book: LogBook, now: Micros) -> int:
    """As the worker does once a day; how many marks that made."""
    return await book.db.run(lambda tx: mark_log(tx, book.tenant, now))


def store_id(n: int) -> UUID:
    """The id of the nth store."""
    return UUID(int=n)
