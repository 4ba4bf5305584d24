"""Tables swapped while two server processes quote: every answer is wholly from one version, and none fails."""

import asyncio
from typing import Any

import numpy as np
import pytest

from balcao.base.now import now_us
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.networks import AT_ONCE_ROWS
from balcao.freight.rules.rates import NAMES, NO_CUT_OFF, Wide
from balcao.freight.rules.versions import NewTable
from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.races.crowd import Crowd

BUYERS, SWAPS = 8, 3
CARRIERS = ("A", "B", "C")
CART = {"postalCode": "01001-000", "items": [{"sku": "1", "quantity": 1, "price": 10}]}


def rows_of(count: int, price: int) -> Wide:
    """One bracket over all CEPs, in so many ranges."""
    rows = np.zeros((count, len(NAMES)), dtype=np.int64)
    ends = np.linspace(0, 100_000_000, count + 1).astype(np.int64)
    rows[:, 0], rows[:, 1], rows[:, 3] = ends[:-1], ends[1:] - 1, 50_000
    rows[:, 4], rows[:, 9], rows[:, 10] = price * 10_000, 2, NO_CUT_OFF
    return rows


async def swap(crowd: Crowd, rows: int, price: int) -> None:
    """Every carrier asks that price from the commit on."""
    tables = tuple(NewTable(reference=name, rows=rows_of(rows, price)) for name in CARRIERS)
    cmd = LoadTables(tenant=crowd.shop.tenant, tables=tables, actor="test")
    await crowd.shop.db.run(lambda tx: load_tables(tx, cmd, now_us()))


async def ask(api: Api) -> list[Any]:
    """The carriers' freights of the cart."""
    path = f"/cp/management/commerce/freight/simulation/ecommerce/{api.shop.tenant}"
    answer = await api.send("POST", path, CART, role=Role.CHANNEL)
    assert answer.status_code == 200, answer.text
    [package] = answer.json()["packages"]
    return [one for one in package["freights"] if one["carrier"]]


class Buyer:
    """Asks one process again and again; `seen` are the prices in the order in which they came."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.seen: list[int] = []

    async def until(self, price: int) -> None:
        """Every carrier asks that price, and in each answer before all of them the same other one."""
        while not self.seen or self.seen[-1] != price:
            freights = await ask(self._api)
            assert {one["carrier"] for one in freights} == set(CARRIERS)
            [seen] = {one["amount"] for one in freights}
            self.seen.append(seen)


@pytest.mark.parametrize("rows", [2, AT_ONCE_ROWS])
async def test_tables_swapped_under_load(crowd: Crowd, rows: int) -> None:
    await swap(crowd, rows, 1)
    async with asyncio.timeout(60):
        for api in crowd.apis:
            while not await ask(api):
                pass  # a large table's first second
        buyers = [Buyer(crowd.apis[n % 2]) for n in range(BUYERS)]
        await asyncio.gather(*(buyer.until(1) for buyer in buyers))
        for price in range(2, SWAPS + 2):
            await asyncio.gather(swap(crowd, rows, price), *(buyer.until(price) for buyer in buyers))
    # Nobody is sent back to a former version, and everybody saw each.
    for buyer in buyers:
        assert buyer.seen == sorted(buyer.seen)
        assert set(buyer.seen) == set(range(1, SWAPS + 2))
