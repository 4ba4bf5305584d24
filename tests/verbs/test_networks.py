"""Networks in memory follow what is in force, asked for or not, with the database away in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import Unavailable
from balcao.base.values import Tenant, new_id
from balcao.freight import networks as network_module
from balcao.freight.networks import Networks
from balcao.freight.quote import quote_freight
from balcao.freight.rules.model import AskedItem, QuoteFreight, Terms
from tests.verbs.freight_shop import NOW, load, open_shop, rate

EVERYWHERE = (0, 99_999_999)


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    tenant = await db.run(open_shop)
    await price(db, tenant, "15")
    return tenant


async def price(db: Database, tenant: Tenant, reais: str) -> None:
    """NORMAL costs so much from the commit on."""
    await db.run(lambda tx: load(tx, tenant, "NORMAL", rate(EVERYWHERE, (0, 5000), reais, 4)))


async def quoted(networks: Networks, tenant: Tenant) -> set[str]:
    """What NORMAL costs, by the answers of a quote."""
    items = (AskedItem(sku="SHIRT", quantity=1, price=Decimal(9)),)
    ask = QuoteFreight(
        tenant=tenant, quote_id=new_id(), platform="web", cep="01001000", items=items, terms=Terms(now=NOW)
    )
    quote = (await quote_freight(networks, ask)).quote
    return {str(one.amount) for package in quote.packages for one in package.options if one.reference == "NORMAL"}


@asynccontextmanager
async def watched(networks: Networks) -> AsyncIterator[None]:
    watch = asyncio.create_task(networks.watch())
    try:
        async with asyncio.timeout(10):
            yield
        assert not watch.done()
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await networks.close()


async def changed(networks: Networks, tenant: Tenant, before: object) -> None:
    """Until another version is held; the block around it bounds how long."""
    while (held := networks.held(tenant)) is None or held.version == before:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_swap_is_followed_though_nobody_quotes(db: Database, tenant: Tenant) -> None:
    networks = Networks(db)
    assert await quoted(networks, tenant) == {"15"}
    held = networks.held(tenant)
    assert held is not None
    async with watched(networks):
        await price(db, tenant, "16")
        await changed(networks, tenant, held.version)
    assert await quoted(networks, tenant) == {"16"}


async def test_without_any_watch_the_next_quote_knows(db: Database, tenant: Tenant) -> None:
    networks = Networks(db)
    for reais in ("15", "16", "17"):
        await price(db, tenant, reais)
        assert await quoted(networks, tenant) == {reais}


class _Fallible(Database):
    """A database that can be away."""

    is_away = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        if self.is_away:
            raise Unavailable("The database is not available; try again.")
        async with super().read() as tx:
            yield tx


async def test_a_swap_while_the_database_was_away_is_noticed_afterwards(db: Database, tenant: Tenant) -> None:
    fallible = _Fallible(db._pool)
    networks = Networks(fallible)
    assert await quoted(networks, tenant) == {"15"}
    held = networks.held(tenant)
    assert held is not None
    async with watched(networks):
        fallible.is_away = True
        await price(db, tenant, "16")
        await networks.refresh(tenant)
        with pytest.raises(Unavailable):
            await quoted(networks, tenant)
        assert networks.held(tenant) is held
        fallible.is_away = False
        await changed(networks, tenant, held.version)
    assert await quoted(networks, tenant) == {"16"}


async def test_a_tenant_that_nobody_quotes_is_let_go(
    db: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = Networks(db)
    assert await quoted(networks, tenant) == {"15"}
    monkeypatch.setattr(network_module, "IDLE_S", -1)
    async with watched(networks):
        while networks.held(tenant) is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await quoted(networks, tenant) == {"15"}
