"""The shop that the proof changes: few records, so that each changes often, and all that may happen to them."""

import random
from decimal import Decimal
from typing import Any

from balcao.base.db import Database, Tx
from balcao.base.now import now_us
from balcao.base.values import OrderId, Tenant
from balcao.catalog.delete_products import DeleteProducts, DeleteSkus
from balcao.catalog.put_prices import PutPrices, put_prices
from balcao.catalog.put_products import PutProducts, put_products
from balcao.catalog.put_skus import PutSkus, put_skus
from balcao.catalog.rules.drafts import SkuDraft
from balcao.offers.delete import delete_offered_products, delete_offered_skus
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.place import PlaceOrder, place_orders
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.receipt import Receipt
from balcao.stock.count import CountStock, count_stock
from balcao.tenants.channels import set_channel
from balcao.tenants.rules import Channel, Role, StockPolicy
from tests.rules import order_samples as samples
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, count, open_tenant, price, product, put, seller, sent

PRODUCTS = [f"P{n}" for n in range(24)]
SKUS = [f"{code}-{n}" for code in PRODUCTS for n in (1, 2)]
STORES = (CENTRO, NORTE)


async def open_proof_shop(db: Database) -> Tenant:
    """Two stores, 24 products of two SKUs, prices and stock; a channel that takes every order."""
    await open_tenant(db)
    channel = Channel(name="ecommerce", stock_policy=StockPolicy.ACCEPT)
    await db.run(lambda tx: set_channel(tx, LOJA, channel, actor="test", now=now_us()))
    await put(db, *(seller(cnpj) for cnpj in STORES))
    await put(db, *(product(code, skus=[f"{code}-1", f"{code}-2"]) for code in PRODUCTS))
    await put(db, *(count(store, sku, 50) for store in STORES for sku in SKUS))
    await put(db, *(price(code, "10") for code in PRODUCTS))
    return LOJA


class Writer:
    """One who changes things, each time something else; `size`: records at a time."""

    def __init__(self, number: int, size: int) -> None:
        self.chance = random.Random(number)  # noqa: S311
        self.number, self.size = number, size
        self.orders: list[OrderId] = []
        self._placed = 0

    async def change(self, tx: Tx) -> None:
        """Change something, in the caller's transaction."""
        deed = self.chance.choice((self._products, self._skus, self._prices, self._count, self._place, self._settle))
        await deed(tx)

    async def delete(self, tx: Tx) -> None:
        """Delete a product or a SKU; others put it again."""
        if self.chance.random() < 0.5:
            text = "SELECT product_id FROM product WHERE tenant = $1 AND code = $2"
            ids = [await tx.fetchval(text, LOJA, self.chance.choice(PRODUCTS))]
            await delete_offered_products(tx, DeleteProducts(tenant=LOJA, actor="p", product_ids=ids), now_us())
        else:
            text = "SELECT sku_id FROM sku WHERE tenant = $1 AND code = $2"
            ids = [await tx.fetchval(text, LOJA, self.chance.choice(SKUS))]
            await delete_offered_skus(tx, DeleteSkus(tenant=LOJA, actor="p", sku_ids=ids), now_us())

    def some(self, of: list[str]) -> list[str]:
        """One or more of them, no more than the writer's size."""
        return self.chance.sample(of, self.chance.randint(1, self.size))

    async def _products(self, tx: Tx) -> None:
        drafts = [
            product(code, name=f"Name {self.chance.random()}", is_active=self.chance.random() < 0.8, skus=[f"{code}-1"])
            for code in self.some(PRODUCTS)
        ]
        await put_products(tx, PutProducts(tenant=LOJA, actor="p", rows=sent(drafts)), now_us())

    async def _skus(self, tx: Tx) -> None:
        drafts = [SkuDraft(code=code, min_stock=self.chance.randint(0, 99)) for code in self.some(SKUS)]
        await put_skus(tx, PutSkus(tenant=LOJA, actor="p", rows=sent(drafts)), now_us())

    async def _prices(self, tx: Tx) -> None:
        drafts = [
            price(code, str(self.chance.randint(1, 999)), seller=self.chance.choice((None, *STORES)))
            for code in self.some(PRODUCTS)
        ]
        await put_prices(tx, PutPrices(tenant=LOJA, actor="p", rows=sent(drafts)), now_us())

    async def _count(self, tx: Tx) -> None:
        counts = [count(self.chance.choice(STORES), code, self.chance.randint(0, 999)) for code in self.some(SKUS)]
        await count_stock(tx, CountStock(tenant=LOJA, actor="p", rows=sent(counts)), now_us())

    async def _place(self, tx: Tx) -> None:
        self._placed += 1
        items = tuple(
            samples.new_item(sku_code=code, product_code=code[:-2], unit_price=Decimal(10), discount_price=Decimal(0))
            for code in self.chance.sample(SKUS, 2)
        )
        new = samples.new_order(external_id=f"E-{self.number}-{self._placed}", items=items)
        caller = samples.caller(Role.CHANNEL, tenant=LOJA)
        [placed] = await place_orders(tx, LOJA, [PlaceOrder(caller=caller, new=new)], now_us())
        if isinstance(placed, Receipt):  # a deleted SKU cannot be ordered
            self.orders.append(placed.order_id)

    async def _settle(self, tx: Tx) -> None:
        if not self.orders:
            return
        order_id, caller = self.chance.choice(self.orders), samples.caller(Role.ADMIN, tenant=LOJA)
        if self.chance.random() < 0.5:
            pay = PayOrder(caller=caller, order_id=order_id, payments=(PaymentNews(amount=Decimal("21.1")),))
            await pay_orders(tx, LOJA, [pay], now_us())
        else:
            cancel = CancelOrder(caller=caller, order_id=order_id, by=CancelledBy.BUYER, reason="x")
            await cancel_orders(tx, LOJA, [cancel], now_us())

    def rows(self) -> tuple[str, list[dict[str, Any]]]:
        """A batch to send over HTTP: its path and its rows."""
        if self.chance.random() < 0.5:
            counts = [{"SkuCode": sku, "SellerCode": CENTRO, "Quantity": self.chance.randint(0, 999)} for sku in SKUS]
            return "stocks", counts
        return "prices", [{"ProductCode": code, "Price": self.chance.randint(1, 999)} for code in PRODUCTS]
