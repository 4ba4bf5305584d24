"""From the catalogue's records to their bodies."""

from collections.abc import Iterable, Mapping, Sequence

from balcao.base.values import Micros, SkuId, iso
from balcao.catalog.rules.model import EVERY_SELLER, Category, Image, Sku
from balcao.catalog.rules.reading import PriceLine, ProductDetails
from balcao.catalog.rules.tree import Branch
from balcao.doors.neomode.catalog import body as wire
from balcao.offers.rules import ProductLine
from balcao.stock.rules.model import StockLine


def show_branch(branch: Branch, tenant: str) -> wire.CategoryShown:
    """A category with those below it."""
    category, extra = branch.category, branch.category.body
    return wire.CategoryShown(
        id=category.category_id,
        client_id=tenant,
        code=category.code,
        name=category.name,
        description=extra.description,
        is_active=category.is_active,
        parent_id=category.parent_id,
        order=extra.order,
        url=extra.url,
        icon_url=extra.icon_url,
        image_url=extra.image_url,
        hex_color=extra.hex_color,
        is_deleted=category.is_deleted,
        create_date=iso(category.created_us),
        last_update=iso(category.last_update_us),
        children=[show_branch(child, tenant) for child in branch.children],
    )


def show_line(line: ProductLine) -> wire.ProductLine:
    """A product in a list."""
    product = line.product
    return wire.ProductLine(
        id=product.product_id,
        name=product.name,
        code=product.code,
        has_stock=line.has_stock,
        has_price=line.has_price,
        is_active=product.is_active,
        is_available=line.is_available,
        is_deleted=product.is_deleted,
        last_update=iso(product.last_update_us),
    )


def show_product(
    details: ProductDetails, stock: Mapping[SkuId, Sequence[StockLine]], *, tenant: str, has_stock: bool
) -> wire.ProductShown:
    """A product in full; `stock`: every store's level of each SKU."""
    product, extra = details.product, details.product.body
    images = _images(extra.images)
    return wire.ProductShown(
        id=product.product_id,
        client_id=tenant,
        code=product.code,
        name=product.name,
        reference_code=product.reference_code,
        aux_code=product.aux_code,
        description=extra.description,
        additional_info=extra.additional_info,
        complementary_name=extra.complementary_name,
        brand=extra.brand,
        keywords=extra.keywords,
        release_date=iso(extra.release_date) if extra.release_date else None,
        is_active=product.is_active,
        has_stock=has_stock,
        has_price=bool(details.prices),
        is_available=product.is_active and has_stock and bool(details.prices),
        pickup_only=extra.pickup_only,
        height=product.height_cm,
        lenght=product.length_cm,
        length=product.length_cm,
        width=product.width_cm,
        weight=product.weight_kg,
        url=extra.url,
        image_url=extra.image_url or (images[0].image_url if images else None),
        hex_color=extra.hex_color,
        categories=[_category(category) for category in details.categories],
        collections=[
            wire.ProductCollectionShown(id=each.collection_id, code=each.code, name=each.name, is_active=each.is_active)
            for each in details.collections
        ],
        images=images,
        skus=[show_sku(sku, stock.get(sku.sku_id, ())) for sku in details.skus],
        prices=[show_price(line) for line in details.prices],
        create_date=iso(product.created_us),
        last_update=iso(product.last_update_us),
    )


def _category(category: Category) -> wire.ProductCategoryShown:
    return wire.ProductCategoryShown(
        id=category.category_id,
        code=category.code,
        name=category.name,
        is_active=category.is_active,
        parent_id=category.parent_id,
        children=[],
    )


def _images(images: Sequence[Image]) -> list[wire.ImageShown]:
    return [wire.ImageShown(order=image.order, image_url=image.image_url) for image in images]


def show_sku(sku: Sku, stock: Sequence[StockLine]) -> wire.SkuShown:
    """A SKU; `stock`: every store's level of it."""
    return wire.SkuShown(
        id=sku.sku_id,
        product_id=sku.product_id,
        code=sku.code,
        name=sku.name,
        is_active=sku.is_active,
        barcode=sku.barcode,
        aux_code=sku.aux_code,
        min_stock=sku.min_stock,
        images=_images(sku.body.images),
        attributes=[
            wire.AttributeShown(type=each.type, title=each.title, value=each.value, label=each.label, order=each.order)
            for each in sku.body.attributes
        ],
        stocks=[show_stock(line) for line in stock],
        create_date=iso(sku.created_us),
        last_update=iso(sku.last_update_us),
    )


def show_stock(line: StockLine) -> wire.StockShown:
    """A store's level of a SKU."""
    return wire.StockShown(
        quantity=line.level.on_hand,
        sku_id=line.sku_id,
        seller_id=line.seller_id,
        sku_code=line.sku_code,
        seller_code=line.seller_cnpj,
        reserved=line.level.reserved,
        available=line.level.available,
        last_update=iso(line.last_update_us),
    )


def show_price(line: PriceLine) -> wire.PriceShown:
    """A price."""
    price = line.price
    return wire.PriceShown(
        product_id=price.product_id,
        product_code=line.product_code,
        seller_id=None if price.seller_id == EVERY_SELLER else price.seller_id,
        seller_code=line.seller_cnpj,
        price=price.price,
        old_price=price.old_price,
        is_deleted=price.is_deleted,
        last_update=iso(price.last_update_us),
    )


def newest(instants: Iterable[Micros], since: Micros | None) -> str | None:
    """The `lastUpdate` to keep: the newest on the page, or on an empty one that which was asked with."""
    last = max(instants, default=since)
    return None if last is None else iso(last)
