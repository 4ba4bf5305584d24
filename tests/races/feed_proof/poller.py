"""A poller as channels write them: over HTTP, seven rows a page, keeping only the newest `lastUpdate` it has seen."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

from balcao.base.db import Database
from balcao.base.values import iso
from tests.verbs.catalogue_shop import LOJA

PER_PAGE = 7
Row = dict[str, Any]
Copy = dict[Any, tuple[Any, ...]]


class Feed(NamedTuple):
    """Where it is asked, by which parameter, what a copy keeps of each row, and the same straight from the tables."""

    path: str
    since: str
    array: str
    key: Callable[[Row], Any]
    facts: tuple[str, ...]
    truth: str


CATALOG = "/cp/management/catalog"
FEEDS = {
    "updated": Feed(
        f"{CATALOG}/products/updated",
        "lastUpdate",
        "products",
        lambda row: row["code"],
        ("isDeleted", "lastUpdate"),
        "SELECT code, is_deleted, last_update_us FROM product WHERE tenant = $1",
    ),
    "products": Feed(
        f"{CATALOG}/products",
        "lastUpdate",
        "products",
        lambda row: row["code"],
        ("name", "isActive", "isDeleted", "hasPrice", "lastUpdate"),
        """
        SELECT code, name, is_active, is_deleted,
               EXISTS (SELECT FROM price r WHERE r.tenant = $1 AND r.product_id = p.product_id AND NOT r.is_deleted),
               last_update_us
          FROM product p WHERE tenant = $1
        """,
    ),
    "prices": Feed(
        f"{CATALOG}/prices",
        "lastUpdate",
        "prices",
        lambda row: (row["productCode"], row["sellerCode"]),
        ("price", "isDeleted", "lastUpdate"),
        """
        SELECT ARRAY[p.code, s.cnpj], r.price, r.is_deleted, r.last_update_us
          FROM price r JOIN product p USING (tenant, product_id) LEFT JOIN seller s USING (tenant, seller_id)
         WHERE r.tenant = $1
        """,
    ),
    "stocks": Feed(
        f"{CATALOG}/stocks",
        "lastUpdate",
        "items",
        lambda row: (row["skuCode"], row["sellerCode"]),
        ("quantity", "reserved", "lastUpdate"),
        """
        SELECT ARRAY[s.code, e.cnpj], k.on_hand, k.reserved, k.last_update_us
          FROM stock k JOIN sku s USING (tenant, sku_id) JOIN seller e USING (tenant, seller_id)
         WHERE k.tenant = $1
        """,
    ),
    "orders": Feed(
        "/cp/management/commerce/orders",
        "lastUpdateSince",
        "orders",
        lambda row: row["externalId"],
        ("status", "lastUpdate"),
        "SELECT external_id, status, last_update_us FROM orders WHERE tenant = $1",
    ),
}


class Poller:
    """One channel's copy of every feed."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers
        self.copies: dict[str, Copy] = {name: {} for name in FEEDS}
        self._newest = dict.fromkeys(FEEDS, "2000-01-01T00:00:00Z")
        self.pages = 0

    async def follow(self, done: asyncio.Event) -> None:
        """Ask for each feed in turn, until nothing is written any more and every feed has come to its end."""
        while True:
            was_done = done.is_set()
            came = [await self._poll(name) for name in FEEDS]
            if was_done and not any(came):
                return

    async def _poll(self, name: str) -> int:
        feed = FEEDS[name]
        asked = {feed.since: self._newest[name], "perPage": str(PER_PAGE)}
        answer = await self._client.get(feed.path, params=asked, headers=self._headers)
        assert answer.status_code == 200, answer.text
        rows: list[Row] = json.loads(answer.content, parse_float=Decimal)[feed.array]
        for row in rows:
            self.copies[name][feed.key(row)] = tuple(row[fact] for fact in feed.facts)
        self._newest[name] = max([self._newest[name], *(row["lastUpdate"] for row in rows)])
        self.pages += 1
        return len(rows)


async def read_truth(db: Database) -> dict[str, Copy]:
    """What every copy has to be."""
    truth: dict[str, Copy] = {}
    async with db.read() as tx:
        for name, feed in FEEDS.items():
            truth[name] = {
                tuple(key) if isinstance(key, list) else key: (*facts, iso(at_us))
                for key, *facts, at_us in await tx.fetch(feed.truth, LOJA)
            }
    return truth


def differing(copies: dict[str, Copy], truth: dict[str, Copy]) -> dict[str, int]:
    """How many rows of each feed are not as they are in the database, or not there at all."""
    wrong = {name: set(copies[name].items()) ^ set(truth[name].items()) for name in FEEDS}
    return {name: len({key for key, _ in rows}) for name, rows in wrong.items() if rows}
