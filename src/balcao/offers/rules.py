"""What may be asked of the offers, and what they answer. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from balcao.base.paging import Sort
from balcao.base.values import CategoryId, Micros, ProductId, SellerId, SkuId
from balcao.catalog.rules.model import Price, Product
from balcao.catalog.rules.reading import PRODUCT_SORTS, ProductDetails
from balcao.stock.rules.model import Level

FOUND_SORTS = (Sort("relevance", "array_position($2::uuid[], p.product_id)"), *PRODUCT_SORTS)
"""Of products that a search found: `$2` holds them, the best first."""
INVENTORY_SORTS = (Sort("lastUpdate", "k.last_update_us"), Sort("skuCode", "s.code", str))
"""Within a value by the store's id, so that each is a walk along an index."""


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """since: changed later than that, deleted ones too; found: only these; None asks for nothing in particular."""

    since: Micros | None = None
    found: Sequence[ProductId] | None = None
    is_active: bool | None = None
    has_stock: bool | None = None
    has_price: bool | None = None
    is_available: bool | None = None
    has_images: bool | None = None


class ProductLine(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a list. has_stock: a unit of an active SKU may be sold in an active store; has_price: anywhere."""

    product: Product
    has_stock: bool
    has_price: bool

    @property
    def is_available(self) -> bool:
        """Whether somebody could buy it somewhere."""
        return self.product.is_active and not self.product.is_deleted and self.has_stock and self.has_price


class StockStatus(StrEnum):
    """How a store stands with a SKU (contract, section 2.3), by what may be sold there."""

    AVAILABLE = "Available"
    LOW = "LowOfStock"
    OUT = "OutOfStock"


def status_of(level: Level, min_stock: int) -> StockStatus:
    """Nothing to sell is out of stock, up to the SKU's `minStock` is low."""
    if level.available <= 0:
        return StockStatus.OUT
    return StockStatus.LOW if level.available <= min_stock else StockStatus.AVAILABLE


class InventoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """found: SKUs of these products only; category_ids: of products in any of these."""

    status: StockStatus | None = None
    found: Sequence[ProductId] | None = None
    category_ids: Sequence[CategoryId] | None = None
    seller_id: UUID | None = None
    seller_cnpj: str | None = None


class InventoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU on a store's shelf."""

    product_id: ProductId
    product_code: str
    product_name: str
    sku_id: SkuId
    sku_code: str
    sku_name: str
    barcode: str | None
    min_stock: int
    seller_id: SellerId
    seller_cnpj: str
    seller_name: str
    level: Level
    last_update_us: Micros

    @property
    def status(self) -> StockStatus:
        """How the store stands with it."""
        return status_of(self.level, self.min_stock)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A product as some stores offer it: what it costs and what there is, by store; absent where there is neither."""

    details: ProductDetails
    prices: Mapping[SellerId, Price]
    levels: Mapping[tuple[SellerId, SkuId], Level]
