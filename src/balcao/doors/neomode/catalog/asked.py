"""Categories, products, SKUs, prices and stocks as the ERP sends them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from balcao.doors.wire import Bounds, Count, Money, Wire

Code = Annotated[str, msgspec.Meta(max_length=255)]
Short = Annotated[str, msgspec.Meta(max_length=1000)]
Long = Annotated[str, msgspec.Meta(max_length=100_000)]
Size = Annotated[
    Decimal,
    msgspec.Meta(
        extra={"bounds": Bounds(digits=7, places=6, minimum=Decimal(0))}, extra_json_schema={"extra": {"minimum": 0}}
    ),
]
"""Centimetres or kilograms."""


class CategoryAsked(Wire, kw_only=True):
    """A category; only `code` and `name` are needed. `parentId` or `parentCode` names the one above it.

    `children` are written as well, below it; what is left out goes back to its default.
    """

    __example__: ClassVar[Any] = {
        "code": "FEM",
        "name": "Moda feminina",
        "children": [{"code": "FEM-VESTIDOS", "name": "Vestidos"}],
    }

    code: Code
    name: Short
    description: Long | None = None
    is_active: bool = True
    parent_id: Code | None = None
    parent_code: Code | None = None
    order: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    url: Short | None = None
    icon_url: Short | None = None
    image_url: Short | None = None
    hex_color: Short | None = None
    children: list["CategoryAsked"] | None = None


class ImageAsked(Wire, kw_only=True):
    """A picture, by its address."""

    image_url: Annotated[str, msgspec.Meta(max_length=2000)]
    order: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0


class AttributeAsked(Wire, kw_only=True):
    """What tells a SKU from its product's others; type: `Text`, `Color` or `Dropdown`."""

    title: Short
    value: Short
    type: Short = "Text"
    label: Short | None = None
    order: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0


class SkuAsked(Wire, kw_only=True):
    """A SKU within its product; without a name it is called as that."""

    code: Code
    name: Short | None = None
    is_active: bool = True
    barcode: Code | None = None
    aux_code: Code | None = None
    min_stock: Count = 0
    images: Annotated[list[ImageAsked], msgspec.Meta(max_length=500)] | None = None
    attributes: Annotated[list[AttributeAsked], msgspec.Meta(max_length=500)] | None = msgspec.field(
        default=None, name="Attributes"
    )


class LoneSkuAsked(SkuAsked, kw_only=True):
    """A SKU by itself: `productCode` (read as `ProductMatchCode` says) or `productId` names its product.

    A known SKU that names none stays where it is.
    """

    __example__: ClassVar[Any] = {
        "code": "21010-01",
        "name": "Vestido Areia P",
        "barcode": "2000210100017",
        "productCode": "21010",
        "Attributes": [{"type": "Dropdown", "title": "Tamanho", "value": "P", "label": "P", "order": 1}],
    }

    product_code: Code | None = None
    product_id: Code | None = None


class ProductCategoryAsked(Wire, kw_only=True):
    """A category that the product is in; an unknown one is made, a known one is left as it is."""

    code: Code
    name: Short | None = None
    is_active: bool = True
    children: list["ProductCategoryAsked"] | None = None


class ProductAsked(Wire, kw_only=True):
    """A whole product; only `code` and `name` are needed, and what is left out goes back to its default.

    `height`, `lenght` (or `length`) and `width` are centimetres, `weight` kilograms, of one packed unit. SKUs that it
    has and that are not named stay as they are.
    """

    __aliases__: ClassVar[Mapping[str, str]] = {"length": "lenght"}
    __example__: ClassVar[Any] = {
        "code": "21010",
        "name": "Vestido Midi Linho",
        "referenceCode": "VES-001",
        "description": "Modelagem soltinha.",
        "brand": "Marazeda",
        "height": 3,
        "lenght": 32,
        "width": 26,
        "weight": 0.32,
        "categories": [{"code": "FEM-VESTIDOS", "name": "Vestidos"}],
        "images": [{"order": 1, "imageUrl": "https://images.example/21010.jpg"}],
        "skus": [{"code": "21010-01", "name": "Vestido Areia P", "barcode": "2000210100017", "minStock": 2}],
    }

    code: Code
    name: Short
    reference_code: Code | None = None
    aux_code: Code | None = None
    description: Long | None = None
    additional_info: Long | None = None
    complementary_name: Short | None = None
    brand: Short | None = None
    keywords: Long | list[str] | None = None
    release_date: Short | None = None
    is_active: bool = True
    pickup_only: bool = False
    height: Size | None = None
    lenght: Size | None = None
    width: Size | None = None
    weight: Size | None = None
    url: Short | None = None
    image_url: Short | None = None
    hex_color: Short | None = None
    categories: Annotated[list[ProductCategoryAsked], msgspec.Meta(max_length=500)] | None = None
    images: Annotated[list[ImageAsked], msgspec.Meta(max_length=500)] | None = None
    skus: list[SkuAsked] | None = None


class PriceAsked(Wire, kw_only=True, rename="pascal", gc=False):
    """What a product costs in a store, or without `SellerCode` in every store that has no price of its own."""

    __example__: ClassVar[Any] = {
        "Price": 189.90,
        "OldPrice": 219.90,
        "SellerCode": "04109169000135",
        "ProductCode": "21010",
    }

    price: Money
    old_price: Money | None = None
    seller_code: Code | None = None
    product_code: Code


class StockAsked(Wire, kw_only=True, rename="pascal", gc=False):
    """How many units of a SKU a store has: the whole count, not a difference.

    `Timestamp` says when the count was taken: one that is older than the count that is there is passed over.
    """

    __example__: ClassVar[Any] = {"Quantity": 21, "SellerCode": "04109169000135", "SkuCode": "21010-01"}

    quantity: Count
    seller_code: Code
    sku_code: Code
    timestamp: datetime | None = None
