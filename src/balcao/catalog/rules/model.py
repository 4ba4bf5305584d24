"""What products, SKUs and prices are. Pure."""

from decimal import Decimal
from uuid import UUID

import msgspec

from balcao.base.values import Micros, ProductId, SellerId, SkuId

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
    """What a product costs in a store, or (`seller_id` zero) in every store without a price of its own."""

    product_id: ProductId
    seller_id: SellerId
    price: Decimal
    old_price: Decimal | None
    last_update_us: Micros
