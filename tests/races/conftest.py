"""Two server processes for all races over HTTP: starting them costs two seconds."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from balcao.base.db import Database
from tests.doors.shop import Api
from tests.races.crowd import Crowd, Servers
from tests.verbs.invariants import check
from tests.verbs.shop import open_shop


@pytest.fixture(scope="package")
def _servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    for server in (each for pair in servers.values() for each in pair):
        server.end()


@pytest.fixture
async def crowd(db: Database, database_url: str, _servers: Servers, tmp_path: Path) -> AsyncIterator[Crowd]:
    shop = await open_shop(db)
    async with AsyncExitStack() as stack:
        apis = []
        for server in _servers.of(database_url, tmp_path):
            client = httpx.AsyncClient(base_url=server.url, timeout=60, limits=httpx.Limits(max_connections=None))
            apis.append(Api(await stack.enter_async_context(client), shop))
        crowd = Crowd(apis)
        yield crowd
        await check(shop)
