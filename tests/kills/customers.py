"""Customers who order, pay and cancel, and a store that invoices and ships: they insist, and remember the answers."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aiohttp

from balcao.base.values import new_id
from tests.doors.shop import EXTERNAL, lines, path_of, sent
from tests.kills.house import House

CUSTOMERS = 10
PAUSE_MAX_S = 0.08
ANSWER_MAX_S = 20
GIVES_UP = 0.2
"""How many of those whose connection broke never ask again: what they wanted may be there or not, but whole."""


class Customers:
    """orders: the ids that were answered, by external id, each in the order in which they came; done: the changes of an
    order that were answered; answers: how often each status came.
    """

    def __init__(self, house: House, headers: Mapping[str, str], tenant: str) -> None:
        self._house, self._headers, self._tenant = house, headers, tenant
        self._chance = random.Random()  # noqa: S311 - no secret
        self._stopped = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.orders: dict[str, list[str]] = {}
        self.done: dict[str, list[str]] = {}
        self.answers: Counter[int] = Counter()
        self.broken = 0
        self.surprises: list[str] = []

    async def __aenter__(self) -> "Customers":
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=aiohttp.ClientTimeout(ANSWER_MAX_S), connector=aiohttp.TCPConnector(limit=0)
        )
        self._tasks = [asyncio.create_task(self._live()) for _ in range(CUSTOMERS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped.set()
        await asyncio.gather(*self._tasks)
        await self._session.close()

    async def until_more(self, orders: int, timeout_s: float = 30) -> None:
        """Until so many more orders were answered."""
        wanted = len(self.orders) + orders
        async with asyncio.timeout(timeout_s):
            while len(self.orders) < wanted:  # noqa: ASYNC110 - a busy machine; nothing is timed by it
                await asyncio.sleep(0.005)

    async def _live(self) -> None:
        while not self._stopped.is_set():
            await self._order(f"KILL-{new_id()}")

    async def _order(self, external_id: str) -> None:
        body = sent(
            ExternalId=external_id, ClientId=self._tenant, Items=lines(s1=self._chance.randint(1, 3), s2=1, s3=2)
        )
        created = await self._insist("POST", EXTERNAL, body, 201)
        if created is None:
            return
        self.orders.setdefault(external_id, []).append(created["id"])
        order_id = created["id"]
        key = f"{new_id().int % 10**44:044d}"
        steps: list[tuple[str, str, str, dict[str, Any]]] = [
            ("paid", "PUT", "payment", {"nsu": "1", "amount": 1_000}),
            ("moved", "PUT", "status", {"status": 4}),
            ("invoiced", "PUT", "invoicedetails", {"key": key, "number": 1, "serieNumber": 1, "totalAmount": 10}),
            ("tracked", "PUT", "trackingdetails", {"trackingCode": "BR1"}),
        ]
        for kind, method, action, told in steps[: self._chance.randint(0, len(steps))]:
            if await self._insist(method, path_of(order_id, action), told, 204) is None:
                return
            self.done.setdefault(order_id, []).append(f"order.{kind}")
        if self._chance.random() < 0.3 and "order.tracked" not in self.done.get(order_id, ()):
            told = {"reason": "x", "by": "buyer"}
            if await self._insist("POST", path_of(order_id, "cancel"), told, 204) is not None:
                self.done.setdefault(order_id, []).append("order.cancelled")

    async def _insist(self, method: str, path: str, body: Any, expected: int) -> Any:
        """The answer; None when the customer gave up, or was surprised."""
        while True:
            await asyncio.sleep(self._chance.random() * PAUSE_MAX_S)
            server = self._chance.choice(self._house.servers)
            try:
                async with self._session.request(method, f"{server.url}{path}", json=body) as answer:
                    told = await answer.read()
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.broken += 1
                if self._chance.random() < GIVES_UP:
                    return None
                continue
            self.answers[answer.status] += 1
            if answer.status == expected:
                return await answer.json() if told else {}
            if answer.status != 503:
                self.surprises.append(f"{method} {path} was answered {answer.status}: {told.decode()}")
                return None
