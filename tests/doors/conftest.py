"""A real server for the door tests: uvicorn in this process on a free port, on the test's database.

    async def test_x(client, token):
        answer = await client.get("/cp/…", headers=await token(Role.ERP, seller_cnpj="…"))

`client` is an httpx client whose paths go out as they are written (percent-escapes stay), `tenant` is `qaapp` with the
channel `ecommerce`, `token` makes a credential of a role and gives the headers of a token for it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings
from balcao.base.values import Micros, Tenant
from balcao.doors.neomode.rows import read_rows
from balcao.imports.work import apply_batches
from balcao.server import create_app
from balcao.tenants.channels import set_channel
from balcao.tenants.credentials import CreateCredential, NewCredential, create_credential
from balcao.tenants.rules import Channel, Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.rules import UserRole
from tests.doors.shop import Api
from tests.staff import Staff, add_user
from tests.verbs.shop import open_shop

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nobody speaks TLS here, and reading the authorities' certificates would cost each test 28 ms."""
Headers = dict[str, str]
MakeToken = Callable[..., Awaitable[Headers]]
Sit = Callable[..., Awaitable[Staff]]
MakeCredential = Callable[..., Awaitable[NewCredential]]


class _Server(uvicorn.Server):
    """Leaves the test runner's signals alone."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """The address of a running server with these settings."""
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, lifespan="on", log_config=None)
    server = _Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        if running.done():
            await running
            raise RuntimeError("the server did not start")
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The servers' BALCAO_HOME."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture
def settings(database_url: str, home: Path) -> Settings:
    """The server's settings: the test's database. A module or test that overrides this gets a server of its own."""
    return read_settings(
        {
            "BALCAO_HOME": str(home),
            "DATABASE_URL": database_url,
            "BALCAO_SECRET_KEY": "k" * 43,
            "BALCAO_REVOCATION_POLL_S": "1",
        }
    )


@pytest.fixture(scope="session")
async def _servers() -> AsyncIterator["_Servers"]:
    # Starting and stopping one costs 300 ms, so tests with the same settings share it.
    async with AsyncExitStack() as stack:
        yield _Servers(stack)


class _Servers(dict[Settings, str]):
    def __init__(self, stack: AsyncExitStack) -> None:
        super().__init__()
        self._stack = stack

    async def url(self, settings: Settings) -> str:
        if settings not in self:
            self[settings] = await self._stack.enter_async_context(serving(settings))
        return self[settings]


@pytest.fixture
async def server_url(settings: Settings, _servers: _Servers) -> str:
    """The address of a running server."""
    return await _servers.url(settings)


@pytest.fixture
async def client(server_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running server."""
    async with httpx.AsyncClient(base_url=server_url, timeout=30, verify=NO_TLS) as client:
        yield client


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[None]:
    """Applies the batches that the running server keeps, as the worker process does."""
    db, stop = await Database.open(database_url), asyncio.Event()
    applying = asyncio.create_task(apply_batches(db, read_rows, now_us, stop=stop))
    yield
    stop.set()
    await applying
    await db.close()


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    """`qaapp`, with the channel `ecommerce`."""
    now = now_us()
    async with db.transaction() as tx:
        tenant = await create_tenant(tx, CreateTenant(name="qaapp", actor="test"), now)
        await set_channel(tx, tenant, Channel(name="ecommerce"), actor="test", now=now)
    return tenant


@pytest.fixture
def credential(db: Database, tenant: Tenant) -> MakeCredential:
    """`await credential(Role.CHANNEL, channel="ecommerce")`: a new credential of `tenant`, or of `tenant=`."""

    async def make(role: Role, **given: Any) -> NewCredential:
        cmd = CreateCredential(**({"tenant": tenant, "role": role, "actor": "test"} | given))
        async with db.transaction() as tx:
            return await create_credential(tx, cmd, Micros(now_us()))

    return make


@pytest.fixture
def token(client: httpx.AsyncClient, credential: MakeCredential) -> MakeToken:
    """`await token(Role.ERP, seller_cnpj="…")`: the headers of a token, asked for over HTTP."""

    async def make(role: Role, **given: Any) -> Headers:
        caller, secret = await credential(role, **given)
        asked = {"clientId": caller.client_id, "clientSecret": secret, "scope": "lori"}
        answer = await client.post("/auth/token/anonymous", json=asked)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return make


@pytest.fixture
async def api(client: httpx.AsyncClient, db: Database) -> Api:
    """The small shop `qaapp` behind the running server; instead of `tenant`, not beside it."""
    return Api(client, await open_shop(db))


@pytest.fixture
async def sit(db: Database, server_url: str) -> AsyncIterator[Sit]:
    """`await sit(tenant, role, sellers=[…], lang="en")`: a user of the shop who is logged in."""
    async with AsyncExitStack() as stack:
        numbers = iter(range(1000))

        async def make(tenant: Tenant, role: UserRole = UserRole.ADMIN, *, lang: str = "pt", **more: Any) -> Staff:
            user = await add_user(db, tenant, f"u{next(numbers)}@{tenant}.example", role, **more)
            staff = await stack.enter_async_context(Staff(server_url, NO_TLS, **{"Accept-Language": lang}))
            asked = await staff.get("/console/login")
            fields = {"tenant": tenant} if 'name="tenant"' in asked.text else {}
            assert (await staff.log_in(user.email, **fields)).url.path == "/console"
            return staff

        yield make
