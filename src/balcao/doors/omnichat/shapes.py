"""What OmniChat is answered (contract, section 2): names verbatim, lengths in centimetres, weights in grams."""

from decimal import Decimal

import msgspec

from balcao.catalog.rules.model import Image, Product, Sku
from balcao.doors.wire import Wire
from balcao.freight.rules.model import OptionType
from balcao.omnichat.rules.cart import Action, Advice, Way
from balcao.omnichat.search import FoundProduct, Shelf


class Variation(Wire, kw_only=True):
    """What tells a variant from the others."""

    key: str
    value: str


class Variant(Wire, kw_only=True):
    """A SKU as one store sells it; `erpId` is its bar code, `sellerId` the store's CNPJ, `salePrice` what is paid."""

    object_id: str
    external_id: str
    erp_id: str | None
    name: str
    external_image_url: str | None = msgspec.field(name="externalImageURL")
    visible: bool
    price: Decimal
    sale_price: Decimal
    quantity: int
    seller_id: str
    seller_name: str
    width: Decimal | None
    height: Decimal | None
    variant_length: Decimal | None
    weight: Decimal | None
    variations: list[Variation]


class ProductShown(Wire, kw_only=True):
    """A product; `mainVariant` is the first of its variants."""

    object_id: str
    external_id: str
    name: str
    product_description: str | None
    external_url: str | None
    external_product: bool
    blocked: bool
    main_variant: str | None
    variants: list[Variant]
    sell_out_of_stock: bool
    track_inventory: bool


class ShippingOption(Wire, kw_only=True):
    """A way to send the cart; `shippingEstimate` in business days: `3bd`."""

    id: str
    name: str
    price: Decimal
    list_price: Decimal
    tax: Decimal
    delivery_channel: str
    shipping_estimate: str
    product_locked_time: None


class Instruction(Wire, kw_only=True, omit_defaults=True):
    """What is said of an item of the cart: why it cannot be sold, or how it can be sent."""

    action: Action
    component: str
    component_id: str
    message: str
    shipping_method: str | None = None
    shipping_options: list[ShippingOption] | None = None


class Received(Wire, kw_only=True):
    """That a hook is kept."""

    result: str


def show_product(found: FoundProduct) -> ProductShown:
    """As it is answered."""
    product = found.offer.details.product
    variants = [_variant(product, sku, found.shelves[sku.sku_id]) for sku in found.skus]
    return ProductShown(
        object_id=str(product.product_id),
        external_id=product.code,
        name=product.name,
        product_description=product.body.description,
        external_url=product.body.url,
        external_product=True,
        blocked=False,
        main_variant=variants[0].object_id if variants else None,
        variants=variants,
        sell_out_of_stock=False,
        track_inventory=True,
    )


def show_advice(advice: Advice) -> Instruction:
    """As it is answered."""
    return Instruction(
        action=advice.action,
        component="ITEM",
        component_id=advice.item_id,
        message=advice.message,
        shipping_method=advice.method,
        shipping_options=[_option(way) for way in advice.ways] if advice.ways else None,
    )


def _variant(product: Product, sku: Sku, shelf: Shelf) -> Variant:
    price = shelf.price
    return Variant(
        object_id=str(sku.sku_id),
        external_id=sku.code,
        erp_id=sku.barcode,
        name=sku.name,
        external_image_url=_image(sku.body.images) or _image(product.body.images) or product.body.image_url,
        visible=True,
        price=price.price if price.old_price is None else price.old_price,
        sale_price=price.price,
        quantity=shelf.available,
        seller_id=shelf.seller.cnpj,
        seller_name=shelf.seller.name,
        width=product.width_cm,
        height=product.height_cm,
        variant_length=product.length_cm,
        weight=None if product.weight_kg is None else (product.weight_kg * 1000).normalize() + 0,
        variations=[Variation(key=each.title, value=each.value) for each in sku.body.attributes],
    )


def _image(images: tuple[Image, ...]) -> str | None:
    return min(images, key=lambda image: image.order).image_url if images else None


def _option(way: Way) -> ShippingOption:
    option = way.option
    is_pickup = option.type is OptionType.PICKUP
    return ShippingOption(
        id=way.id,
        name=f"{option.description}: {option.seller.name}" if is_pickup else option.description,
        price=option.amount,
        list_price=option.amount,
        tax=Decimal(0),
        delivery_channel="pickup-in-point" if is_pickup else "delivery",
        shipping_estimate=f"{option.delivery_time}bd",
        product_locked_time=None,
    )
