"""What may be asked of the catalogue's lists, and what they answer."""

from uuid import UUID

import msgspec

from balcao.base.paging import Sort
from balcao.base.values import Micros, ProductId
from balcao.catalog.rules.model import Category, Price, Product, Sku

PRODUCT_SORTS = (
    Sort("lastUpdate", "p.last_update_us"),
    Sort("createDate", "p.created_us"),
    Sort("code", "p.code", str),
    Sort("name", "p.name", str),
)
CHANGE_SORTS = (Sort("lastUpdate", "p.last_update_us"),)
"""Of the change feeds: only by the instants that they are polled by."""


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """since: changed later than that; start: how the code, one of the other codes or the name begins, in any case."""

    since: Micros | None = None
    is_active: bool | None = None
    start: str | None = None


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


class PriceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A price with the codes of its product and its store; `seller_cnpj` None means every store."""

    price: Price
    product_code: str
    seller_cnpj: str | None


class ProductDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A product with everything of its own."""

    product: Product
    skus: tuple[Sku, ...]
    categories: tuple[Category, ...]
    prices: tuple[PriceLine, ...]
