"""The small shop with two accounts at OmniChat, one of each checkout, and a real receiver that plays its orders API."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from balcao.base.db import Database, Tx
from balcao.base.http import Http
from balcao.base.seal import Seal
from balcao.base.settings import read_settings
from balcao.base.values import OrderId, new_id
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.networks import Networks
from balcao.freight.rules.rates import widen
from balcao.freight.rules.versions import NewTable
from balcao.omnichat.add import NewIntegration, add_integration
from balcao.omnichat.hooks import AskHooks, list_hooks
from balcao.omnichat.receive import receive_hooks
from balcao.omnichat.rules.hooks import read_hook
from balcao.omnichat.rules.model import Checkout, HookKind, HookLine
from balcao.omnichat.settings import IntegrationSettings
from balcao.omnichat.work import Desk
from balcao.orders.rules.model import Order
from balcao.webhooks.send import SEALED_FOR
from tests.receiver import Receiver, receiving
from tests.verbs.freight_shop import rate
from tests.verbs.hooks import Hooks
from tests.verbs.shop import NOW, OTHER_STORE, STORE, Shop, open_shop

SEED = Path(__file__).with_name("omnichat_seed.json").read_text(encoding="utf-8")
"""The documented example, byte for byte: SKU 1 of the shop has its product reference as bar code."""
BARCODE = "654987321"
SERVED, UNSERVED = "01001-000", "99999-999"
CHECKOUT_URL = "https://loja.example.com/checkout/{orderId}"


class ChatShop(Hooks):
    """The shop, what was told to OmniChat, and short ways to its hooks."""

    def __init__(self, shop: Shop, http: Http, seal: Seal, receiver: Receiver) -> None:
        super().__init__(shop, http, seal)
        self.receiver = receiver
        self.networks = Networks(self.db)
        self.desk = Desk(self.db, self.networks, self.now)
        self.accounts: dict[Checkout, NewIntegration] = {}

    def account(self, checkout: Checkout = Checkout.OMNI) -> str:
        """An integration's id."""
        return self.accounts[checkout].integration.integration_id

    async def add(self, checkout: Checkout, **over: Any) -> NewIntegration:
        """Add an account at OmniChat, which calls the receiver."""
        given: dict[str, Any] = {
            "name": checkout.value,
            "channel": "ecommerce",
            "checkout": checkout,
            "api_secret": "their-secret",
            "base_url": f"{self.receiver.url}/v2",
            "checkout_url": CHECKOUT_URL,
            "allow_private": True,
            "actor": "test",
        }
        settings = IntegrationSettings(**(given | over))
        added = await self.db.run(lambda tx: add_integration(tx, self.tenant, settings, self.seal, self.now()))
        self.accounts[checkout] = added
        return added

    async def hook(self, body: str | dict[str, Any], kind: HookKind = HookKind.PROVISION, **of: Any) -> None:
        """A hook comes in."""
        text = body if isinstance(body, str) else json.dumps(body)
        hook = read_hook(kind, self.account(of.get("checkout", Checkout.OMNI)), text)
        await self.db.run(lambda tx: receive_hooks(tx, self.tenant, [hook], self.now()))

    async def status(self, object_id: str, status: str, at: str = "", responsible: str = "ana", **of: Any) -> None:
        """OmniChat tells that an order has another status."""
        change = {"status": status, "responsible": responsible, "message": "m", "updatedAt": at or None}
        await self.hook({"order": {"objectId": object_id}, "statusChange": change}, HookKind.STATUS, **of)

    async def settle(self) -> None:
        """The worker works off what came, and makes the calls that are due."""
        while await self.desk._turn(self.tenant):
            pass
        await self.deliver()

    def told(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What OmniChat was told, in the order in which it came: order, call, body."""
        calls = []
        for got in self.receiver.got:
            _, _, _, object_id, call = got.path.split("/")
            calls.append((object_id, call, json.loads(got.body)))
        return calls

    def statuses(self, object_id: str) -> list[str]:
        """The statuses that one order was told to have."""
        return [body["status"] for told, call, body in self.told() if told == object_id and call == "statusChange"]

    async def lines(self, checkout: Checkout = Checkout.OMNI) -> dict[str, list[HookLine]]:
        """The hooks of each order, oldest first."""
        async with self.db.read() as tx:
            found = await list_hooks(tx, self.tenant, AskHooks(integration_id=self.account(checkout), limit=200))
        lines: dict[str, list[HookLine]] = {}
        for line in reversed(found):
            lines.setdefault(line.object_id, []).append(line)
        return lines

    async def is_open(self) -> bool:
        """Whether the worker has something left to do."""
        text = """
            SELECT EXISTS (SELECT FROM omnichat_hook WHERE done_us IS NULL)
                OR EXISTS (SELECT FROM webhook_delivery WHERE died_us IS NULL)
                OR EXISTS (SELECT FROM omnichat_lane l JOIN tenant_clock c USING (tenant) WHERE l.seq < c.seq)
        """
        async with self.db.read() as tx:
            return bool(await tx.fetchval(text))

    async def outcome(self, object_id: str, checkout: Checkout = Checkout.OMNI) -> tuple[str | None, str | None]:
        """What became of the order's newest hook."""
        line = (await self.lines(checkout))[object_id][-1]
        return line.outcome, line.detail

    async def find(self, object_id: str) -> Order:
        """Our order of one of OmniChat's."""
        text = "SELECT order_id FROM omnichat_order WHERE tenant = $1 AND object_id = $2"
        async with self.db.read() as tx:
            order_id = await tx.fetchval(text, self.tenant, object_id)
        return await self.shop.order(OrderId(UUID(str(order_id))))

    async def orders(self) -> int:
        """How many orders there are."""
        async with self.db.read() as tx:
            return int(await tx.fetchval("SELECT count(*) FROM orders WHERE tenant = $1", self.tenant))


def asked(**over: Any) -> dict[str, Any]:
    """The documented example with an address that is served, some members replaced; `...` takes one out.

    `customer__name=…` reaches inside, `items__0__price=…` into the list.
    """
    body: dict[str, Any] = json.loads(SEED)
    body["objectId"] = f"order-{new_id()}"
    body["shippingAddress"] |= {"zip": SERVED, "country": "BRA", "addressState": "SP"}
    for name, value in over.items():
        *way, last = name.split("__")
        inner: Any = body
        for step in way:
            inner = inner[int(step) if step.isdigit() else step]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return body


@asynccontextmanager
async def chat_shop(db: Database, home: Path, **channel: Any) -> AsyncIterator[ChatShop]:
    """A shop with both accounts, whose stores send by SEDEX to the CEPs from 01000-000 to 39999-999."""
    settings = read_settings({"BALCAO_HOME": str(home), "BALCAO_SECRET_KEY": "k" * 43})
    async with receiving() as receiver, Http(allow_private=True) as http:
        shop = await open_shop(db, **channel)
        await db.run(partial(_furnish, shop=shop))
        chat = ChatShop(shop, http, Seal(settings, SEALED_FOR), receiver)
        for checkout in Checkout:
            await chat.add(checkout, teams={"loja-1": STORE, "loja-2": OTHER_STORE})
        try:
            yield chat
        finally:
            await chat.networks.close()


async def _furnish(tx: Tx, *, shop: Shop) -> None:
    sku = "UPDATE sku SET barcode = $3 WHERE tenant = $1 AND sku_id = $2"
    await tx.execute(sku, shop.tenant, shop.skus["1"], BARCODE)
    store = "UPDATE seller SET priority = $3 WHERE tenant = $1 AND cnpj <> $2"
    await tx.execute(store, shop.tenant, STORE, 5)
    table = NewTable(
        reference="SEDEX",
        description="Sedex",
        seller_cnpj=None,
        rows=widen([rate((1_000_000, 39_999_999), (0, 30_000), "12.50", 3)]),
    )
    await load_tables(tx, LoadTables(tenant=shop.tenant, tables=(table,), actor="erp"), NOW)
