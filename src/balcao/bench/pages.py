"""The console's pages where there are many orders: what a person waits for each."""

from typing import Final
from urllib.parse import quote

from balcao.base.now import now_us
from balcao.bench.ask import ask
from balcao.bench.bench import Bench
from balcao.bench.figures import Figure, Limit
from balcao.bench.listing import ENOUGH, ORDERS
from balcao.bench.load.plan import Requests
from balcao.bench.past import open_past
from balcao.bench.shop import ACTOR
from balcao.users.create import CreateUser, create_user
from balcao.users.rules import UserRole
from balcao.users.sessions import LogIn, log_in

EMAIL: Final = "bench@example.com"
PASSWORD: Final = "a bench's own password"  # noqa: S105 (of a shop that is gone afterwards)


async def bench_console(bench: Bench) -> list[Figure]:
    """Each page by one person who is logged in, compressed as browsers ask for it, beside the bare answer."""
    if bench.options.past:
        await open_past(bench, bench.options.past)
    elif bench.options.orders < ENOUGH:
        await bench.fill(ENOUGH - bench.options.orders)
    cookie = await _log_in(bench)
    figures = [(path, _figure(name)) for name, path in _paths(bench).items()]
    for _ in range(bench.options.runs):
        for path, figure in figures:
            requests = Requests(before=_head(path, cookie, bench.house.port), keys=[b""], endless=True)
            figure.runs.append(await bench.measure(requests, connections=1, expect=200))
            figure.limits[0].rates.append(await bench.bare_rate(requests, 1, 200))
            bench.screen.run(figure)
    return [figure for _, figure in figures]


def _figure(name: str) -> Figure:
    limits = [Limit(name="bare answer", rates=[])]
    return Figure(suite="console", name=name, unit="pages", connections=1, runs=[], limits=limits)


async def _log_in(bench: Bench) -> str:
    tenant, db = bench.shop.tenant, bench.stage.db
    cmd = CreateUser(tenant=tenant, email=EMAIL, role=UserRole.ADMIN, password=PASSWORD, actor=ACTOR)
    await db.run(lambda tx: create_user(tx, cmd, now_us()))
    opened = await log_in(db, LogIn(tenant=tenant, email=EMAIL, password=PASSWORD, address=""), now_us())
    return opened.token


def _head(path: str, cookie: str, port: int) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: balcao_session={cookie}",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "Accept-Language: pt-BR",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _paths(bench: Bench) -> dict[str, str]:
    """Every page whose cost could grow with the number of orders; two of them of an order of the middle."""
    middle = max((bench.options.past or max(bench.options.orders, ENOUGH)) // 2, 1)
    found = ask(bench.shop, bench.house, f"{ORDERS}?perPage=1&page={middle}")["orders"][0]
    name = ask(bench.shop, bench.house, f"{ORDERS}/{found['id']}")["buyer"]["fullName"].split()[0]
    return {
        "board": "/console",
        "board of a channel": "/console?channel=ecommerce",
        "orders": "/console/orders",
        "orders, finalised": "/console/orders?status=Finalized",
        "orders, by a name": f"/console/orders?q={quote(name)}",
        "an order": f"/console/orders/{found['id']}",
        "an order's events": f"/console/orders/{found['id']}/events",
        "picking": "/console/picking",
        "bell": "/console/bell",
        "dashboard, a day": "/console/dashboard?range=24h",
        "dashboard, 90 days": "/console/dashboard?range=90d",
    }
