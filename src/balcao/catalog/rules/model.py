"""What categories, products, SKUs and prices are."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from balcao.base.values import CategoryId, CollectionId, Micros, ProductId, SellerId, SkuId

EVERY_SELLER = SellerId(UUID(int=0))
"""The seller of a price that holds in every store without one of its own."""


class Attribute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What tells one SKU of a product from another; type: `Text`, `Color` or `Dropdown`."""

    type: str = "Text"
    title: str = ""
    value: str = ""
    label: str | None = None
    order: int = 0


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A picture by address, lowest order first."""

    order: int = 0
    image_url: str


class CategoryBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a category that no query asks for, kept as one JSON document."""

    description: str | None = None
    order: int = 0
    url: str | None = None
    icon_url: str | None = None
    image_url: str | None = None
    hex_color: str | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category, below its parent or at the top."""

    category_id: CategoryId
    code: str
    name: str
    parent_id: CategoryId | None = None
    is_active: bool = True
    is_deleted: bool = False
    body: CategoryBody = CategoryBody()
    created_us: Micros = Micros(0)
    last_update_us: Micros = Micros(0)


class CollectionBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a collection that no query asks for, kept as one JSON document."""

    description: str | None = None
    order: int = 0
    url: str | None = None
    image_url: str | None = None
    hex_color: str | None = None


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Products shown together, whatever their categories."""

    collection_id: CollectionId
    code: str
    name: str
    is_active: bool = True
    body: CollectionBody = CollectionBody()
    created_us: Micros = Micros(0)
    last_update_us: Micros = Micros(0)


class ProductBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a product that no query asks for, kept as one JSON document."""

    description: str | None = None
    additional_info: str | None = None
    complementary_name: str | None = None
    brand: str | None = None
    keywords: str | None = None
    release_date: datetime | None = None
    pickup_only: bool = False
    images: tuple[Image, ...] = ()
    url: str | None = None
    image_url: str | None = None
    hex_color: str | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product: what its SKUs have in common. Sizes and weight are of one packed unit.

    row_digest: only to be written.
    """

    product_id: ProductId
    code: str
    name: str
    aux_code: str | None = None
    reference_code: str | None = None
    is_active: bool = True
    is_deleted: bool = False
    height_cm: Decimal | None = None
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    weight_kg: Decimal | None = None
    body: ProductBody = ProductBody()
    row_digest: str | None = None
    created_us: Micros = Micros(0)
    last_update_us: Micros = Micros(0)


class SkuBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a SKU that no query asks for, kept as one JSON document."""

    images: tuple[Image, ...] = ()
    attributes: tuple[Attribute, ...] = ()


class Sku(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, reserved and sold: one size and colour of a product. min_stock: below it the stock is low."""

    sku_id: SkuId
    product_id: ProductId
    code: str
    name: str
    barcode: str | None = None
    aux_code: str | None = None
    is_active: bool = True
    is_deleted: bool = False
    min_stock: int = 0
    body: SkuBody = SkuBody()
    created_us: Micros = Micros(0)
    last_update_us: Micros = Micros(0)


class SkuFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU with what orders and quotes need of its product.

    Sizes are centimetres, the weight kilograms, of one packed unit; None where the catalogue does not say.
    `is_active` needs the product's too; `is_deleted` is either's.
    """

    sku_id: SkuId
    product_id: ProductId
    code: str
    name: str
    barcode: str | None
    aux_code: str | None
    is_active: bool
    is_deleted: bool
    product_code: str
    product_name: str
    product_description: str | None
    reference_code: str | None
    brand: str | None
    attributes: tuple[Attribute, ...]
    image_url: str | None
    height_cm: Decimal | None
    length_cm: Decimal | None
    width_cm: Decimal | None
    weight_kg: Decimal | None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs in a store, or (`seller_id` zero) in every store without a price of its own.

    A deleted one went with its product and holds nowhere.
    """

    product_id: ProductId
    seller_id: SellerId
    price: Decimal
    old_price: Decimal | None
    last_update_us: Micros
    is_deleted: bool = False
