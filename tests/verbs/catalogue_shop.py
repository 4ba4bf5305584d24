"""A shop for the catalogue's verbs: written through the verbs themselves, with short ways to send a batch."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Database, Tx
from balcao.base.values import Micros, Tenant
from balcao.catalog.put_categories import PutCategories, put_categories
from balcao.catalog.put_prices import PutPrices, put_prices
from balcao.catalog.put_products import PutProducts, put_products
from balcao.catalog.put_skus import PutSkus, put_skus
from balcao.catalog.rules.drafts import CategoryDraft, CategoryLink, PriceDraft, ProductDraft, SkuDraft
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.stock.count import CountStock, count_stock
from balcao.stock.rules.model import StockCount
from balcao.tenants.tenants import CreateTenant, create_tenant

T = TypeVar("T")

NOW = Micros(1_782_918_000_000_000)
"""2026-07-01T15:00:00Z."""
LOJA, OUTRA = Tenant("loja"), Tenant("outra")
CENTRO = "04109169000135"
NORTE = "11222333000181"
SUL = "33000167000101"


def sent(drafts: Sequence[T]) -> list[Sent[T]]:
    return [Sent(row, draft) for row, draft in enumerate(drafts, start=1)]


async def open_tenant(db: Database, name: Tenant = LOJA) -> None:
    async with db.transaction() as tx:
        await create_tenant(tx, CreateTenant(name=name, actor="test"), Micros(NOW - 1_000_000))


async def open_shop(db: Database) -> None:
    """Stores CENTRO (CX1) and NORTE (CX2); product SHIRT with SKUs SHIRT-P and SHIRT-M, product CUP with SKU CUP."""
    await open_tenant(db)
    await put(db, seller(CENTRO, point_sale_id="CX1"), seller(NORTE, point_sale_id="CX2", safety_stock=2))
    await put(db, product("SHIRT", skus=("SHIRT-P", "SHIRT-M")), product("CUP", skus=("CUP",)))


def seller(cnpj: str, **fields: Any) -> SellerDraft:
    return SellerDraft(cnpj=cnpj, **{"name": f"Loja {cnpj[:4]}", **fields})


def category(code: str, parent: str | None = None, **fields: Any) -> CategoryDraft:
    return CategoryDraft(code=code, parent_code=parent, **{"name": code.title(), **fields})


def product(
    code: str, *, skus: Sequence[str | SkuDraft] = (), categories: Sequence[str] = (), **fields: Any
) -> ProductDraft:
    return ProductDraft(
        code=code,
        skus=tuple(each if isinstance(each, SkuDraft) else SkuDraft(code=each) for each in skus),
        categories=tuple(CategoryLink(code=each, name=each.title()) for each in categories),
        **{"name": code.title(), **fields},
    )


def price(product_code: str, amount: str, *, old: str | None = None, seller: str | None = None) -> PriceDraft:
    return PriceDraft(
        product=product_code, price=Decimal(amount), old_price=Decimal(old) if old else None, seller=seller
    )


def count(seller_code: str, sku: str, quantity: int) -> StockCount:
    return StockCount(seller=seller_code, sku=sku, quantity=quantity)


_VERBS: dict[type, tuple[Any, Any]] = {
    SellerDraft: (PutSellers, put_sellers),
    CategoryDraft: (PutCategories, put_categories),
    ProductDraft: (PutProducts, put_products),
    SkuDraft: (PutSkus, put_skus),
    PriceDraft: (PutPrices, put_prices),
    StockCount: (CountStock, count_stock),
}


async def put(db: Database, *drafts: Any, tenant: Tenant = LOJA, **settings: Any) -> BatchResult:
    """Send the drafts as one batch in a transaction of its own."""
    command, verb = _VERBS[type(drafts[0])]
    cmd = command(tenant=tenant, actor="erp.1", rows=sent(drafts), **settings)

    async def work(tx: Tx) -> BatchResult:
        return await verb(tx, cmd, NOW)  # type: ignore[no-any-return]

    return await db.run(work)


def counted(result: BatchResult) -> tuple[int, int, int, int]:
    """Inserted, updated, unchanged, failed."""
    return result.inserted, result.updated, result.unchanged, result.failed


def said(result: BatchResult) -> list[tuple[int, str | None, str, str]]:
    return [(issue.row, issue.code, issue.field, issue.message) for issue in result.errors]


def warned(result: BatchResult) -> list[tuple[int, str | None, str, str]]:
    return [(issue.row, issue.code, issue.field, issue.message) for issue in result.warnings]


async def fetch(db: Database, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    async with db.read() as tx:
        return [tuple(row) for row in await tx.fetch(sql, *arguments)]


async def clock(db: Database, tenant: Tenant = LOJA) -> tuple[int, int]:
    """The tenant's sequence number and time."""
    return (await fetch(db, "SELECT seq, at_us FROM tenant_clock WHERE tenant = $1", tenant))[0]


async def last_event(db: Database, tenant: Tenant = LOJA) -> dict[str, Any]:
    async with db.read() as tx:
        row = await tx.fetchrow("SELECT * FROM event WHERE tenant = $1 ORDER BY seq DESC LIMIT 1", tenant)
    assert row is not None
    return dict(row)
