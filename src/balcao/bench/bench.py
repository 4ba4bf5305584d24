"""One bench under way: its stage, its shop, its servers, and the ways to measure that all suites share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import msgspec

from balcao.base.now import now_us
from balcao.base.values import OrderId
from balcao.bench import limits
from balcao.bench.cpu import CpuMeter
from balcao.bench.drive import Run, drive
from balcao.bench.failure import BenchFailed
from balcao.bench.load.plan import Plan, Requests
from balcao.bench.options import Options
from balcao.bench.orders import SEED, Kind, creations, order_keys
from balcao.bench.screen import Screen
from balcao.bench.shop import Shop, open_shop
from balcao.bench.stage import BARE, HOST, Served, Stage, serving
from balcao.bench.store.check import broken_laws, differing_answers
from balcao.bench.store.copies import read_template
from balcao.bench.store.fill import Filler
from balcao.bench.store.sample import tidy

FILL_AT_ONCE = 50_000
LIMIT_SHARE = 0.25
"""A limit is measured for so much of a run's time: it is steadier than what stands beside it."""


class _Created(msgspec.Struct, rename="camel"):
    id: UUID
    external_id: str


_created = msgspec.json.Decoder(_Created)


class Bench:
    """house, bare: the servers, both running all the time; the one that is not asked costs nothing."""

    def __init__(
        self, options: Options, screen: Screen, stage: Stage, shop: Shop, served: tuple[Served, Served]
    ) -> None:
        self.options, self.screen, self.stage, self.shop = options, screen, stage, shop
        self.house, self.bare = served
        self.template = OrderId(shop.seller_id)
        self.has_past = False
        self._marks = 0

    def mark(self) -> str:
        """Begins the external ids of one run: unlike any other's."""
        self._marks += 1
        return f"R{self._marks:03d}"

    async def measure(
        self,
        requests: Requests,
        *,
        connections: int,
        expect: int,
        keeps: bool = False,
        seconds: float | None = None,
        is_warm: bool = False,
    ) -> Run:
        """One run against the house; without a warm-up where it has just had one."""
        seconds = self.options.seconds if seconds is None else seconds
        plan = self._plan(requests, connections, expect, seconds)
        plan = msgspec.structs.replace(plan, keeps_answers=keeps, warm_up_s=0.0 if is_warm else plan.warm_up_s)
        return await drive(plan, self.options.generators, CpuMeter(self.stage, self.house))

    async def bare_rate(self, requests: Requests, connections: int, expect: int) -> float:
        """The same requests against the bare answer: what server and generator can do at most."""
        seconds = self.options.seconds * LIMIT_SHARE
        plan = self._plan(msgspec.structs.replace(requests, endless=True), connections, expect, seconds)
        plan = msgspec.structs.replace(plan, port=self.bare.port, warm_up_s=min(0.5, self.options.warm_up_s))
        run = await drive(plan, self.options.generators, CpuMeter(self.stage, self.bare))
        return run.rate

    async def raw_rate(self, kind: Kind, template: OrderId) -> float:
        """Orders of that kind by set-based SQL alone."""
        seconds = self.options.seconds * LIMIT_SHARE
        return await limits.raw_orders(self.stage, self.shop, kind, template=template, seconds=seconds)

    async def commit_rate(self, connections: int) -> float:
        """Single rows committed one by one, by as many connections as a server process has."""
        seconds = self.options.seconds * LIMIT_SHARE
        return await limits.single_commits(self.stage, connections=min(connections, 64), seconds=seconds)

    async def create(self, kind: Kind, connections: int) -> tuple[Run, OrderId]:
        """One run of creations, checked against the database afterwards; and one of its orders."""
        mark = self.mark()
        keys = order_keys(self._most(), mark)
        run = await self.measure(
            creations(self.shop, kind, keys, self.house.port), connections=connections, expect=201, keeps=True
        )
        if not run.answers:
            raise BenchFailed(f"No order was created: {run.errors} {run.examples}")
        told = await self.check_answers(mark, run.answers)
        return msgspec.structs.replace(run, answers=[]), told[0][1]

    async def check_answers(self, mark: str, answers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, OrderId]]:
        """The external id and id of every 201, with its key and body; raises BenchFailed when these are not exactly the
        orders of that mark, or anything else is not what it must be.
        """
        told = [_told(key, body) for key, body in answers]
        async with self.stage.db.read() as tx:
            differing = await differing_answers(tx, self.shop.tenant, mark, told)
        if differing:
            raise BenchFailed(
                f"WRONG DATA: {differing} orders were answered and are not there, or the other way round."
            )
        await self.check()
        return told

    async def check(self) -> None:
        """Raise BenchFailed when the data is not what it must be."""
        async with self.stage.db.read() as tx:
            broken = await broken_laws(tx, self.shop.tenant)
        if broken:
            laws = "; ".join(f"not so {count} times: {law}" for law, count in broken.items())
            raise BenchFailed(f"WRONG DATA: {laws}.")

    async def fill(self, count: int) -> None:
        """So many more orders in the database, copies of the first one, and the tables' sizes known to the planner."""
        connection = await asyncpg.connect(self.stage.url)
        try:
            tables = await read_template(connection, self.shop.tenant, self.template)
            filler = Filler(tables, self.template, self.shop.seller_id, self.shop.skus)
            with self.screen.progress(f"{count:,} orders", count) as advance:
                for start in range(0, count, FILL_AT_ONCE):
                    some = min(FILL_AT_ONCE, count - start)
                    await filler.fill(connection, self.shop.tenant, some, now_us())
                    advance(some)
            await tidy(connection)
        finally:
            await connection.close()

    async def place_first(self) -> None:
        """The order that others are copied from."""
        plan = self._plan(creations(self.shop, SEED, order_keys(1, self.mark()), self.house.port), 1, 201, 10)
        plan = msgspec.structs.replace(plan, warm_up_s=0, keeps_answers=True)
        run = await drive(plan, 1, CpuMeter(self.stage, self.house))
        if len(run.answers) != 1:
            raise BenchFailed(f"The first order was refused: {run.examples}")
        self.template = _told(*run.answers[0])[1]

    async def wait(self, seconds: float) -> None:
        """Let what is under way arrive."""
        await asyncio.sleep(seconds)

    def _most(self) -> int:
        """More orders than any run can create."""
        return int(15_000 * (self.options.warm_up_s + self.options.seconds)) + 1_000

    def _plan(self, requests: Requests, connections: int, expect: int, seconds: float) -> Plan:
        return Plan(
            host=HOST,
            port=self.house.port,
            requests=requests,
            expect=expect,
            connections=connections,
            warm_up_s=self.options.warm_up_s,
            measure_s=seconds,
        )


@asynccontextmanager
async def open_bench(options: Options, screen: Screen, stage: Stage) -> AsyncIterator[Bench]:
    """A shop and its servers while the block runs, with as many orders as the options ask for."""
    shop = await open_shop(stage, skus=options.skus)
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(serving(stage, options.servers))
        bare = await stack.enter_async_context(serving(stage, options.servers, BARE))
        bench = Bench(options, screen, stage, shop, (house, bare))
        await bench.place_first()
        await bench.fill(options.orders)
        yield bench


def _told(key: bytes, body: bytes) -> tuple[str, OrderId]:
    """External id and order id of a 201; the answer must be about the order that was sent."""
    created = _created.decode(body)
    if created.external_id != key.decode():
        raise BenchFailed(f"WRONG DATA: {key.decode()} was answered with {created.external_id}.")
    return created.external_id, OrderId(created.id)
