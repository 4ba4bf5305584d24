"""What may be asked of the catalogue's lists, and what they answer."""

from decimal import Decimal
from uuid import UUID

import msgspec

from balcao.base.paging import Sort
from balcao.base.values import CategoryId, Micros, ProductId
from balcao.catalog.rules.model import Category, Collection, Price, Product, Sku

PRODUCT_SORTS = (
    Sort("lastUpdate", "p.last_update_us"),
    Sort("createDate", "p.created_us"),
    Sort("code", "p.code", str),
    Sort("name", "left(p.name, 200)", str),
)
"""Each by an index of its own."""
CATEGORY_SORTS = (
    Sort("lastUpdate", "c.last_update_us"),
    Sort("createDate", "c.created_us"),
    Sort("code", "c.code", str),
    Sort("name", "c.name", str),
)
"""Of categories and of collections."""
CHANGE_SORTS = (Sort("lastUpdate", "p.last_update_us"),)
"""Of the change feeds: only by the instants that they are polled by."""


class CategoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """since: changed later than that, deleted ones too."""

    since: Micros | None = None
    is_active: bool | None = None


class LinkFilter(msgspec.Struct, frozen=True, kw_only=True):
    """since: of products that changed later than that."""

    since: Micros | None = None
    category_id: UUID | None = None
    product_id: UUID | None = None


class PriceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """since: changed later than that; seller_id or seller_cnpj: that store's own prices."""

    since: Micros | None = None
    seller_id: UUID | None = None
    seller_cnpj: str | None = None


class ProductChange(msgspec.Struct, frozen=True, kw_only=True):
    """That a product changed, and when; deleted ones too."""

    product_id: ProductId
    code: str
    is_deleted: bool
    last_update_us: Micros


class CategoryLinkLine(msgspec.Struct, frozen=True, kw_only=True):
    """That a product is in a category; last_update_us: when the product last changed, its categories included."""

    category_id: CategoryId
    category_code: str
    category_name: str
    product_id: ProductId
    product_code: str
    product_name: str
    last_update_us: Micros


class PriceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A price with the codes of its product and its store; `seller_cnpj` None means every store."""

    price: Price
    product_code: str
    seller_cnpj: str | None


class PriceChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a price became; `price` None: it went with its product; `seller_cnpj` None means every store."""

    at_us: Micros
    price: Decimal | None
    old_price: Decimal | None
    actor: str
    seller_cnpj: str | None


class ProductDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A product with everything of its own."""

    product: Product
    skus: tuple[Sku, ...]
    categories: tuple[Category, ...]
    collections: tuple[Collection, ...]
    prices: tuple[PriceLine, ...]
