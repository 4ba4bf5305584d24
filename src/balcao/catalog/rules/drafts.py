"""What may be sent about categories, products, SKUs and prices, and what is wrong with it.

A draft replaces its whole record: what is left out is the default (contract, section 6). Messages name the fields in
their documented spelling.
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

import msgspec

from balcao.base.values import MONEY_MAX, QUANTITY_MAX, ProductId, SkuId, are_money, is_money
from balcao.catalog.rules.model import CategoryBody, CollectionBody, Image, Product, ProductBody, Sku, SkuBody

CODE_LENGTH_MAX = 255
"""The unique indexes hold codes of that length in any alphabet."""
NAME_LENGTH_MAX = 1_000
SIZE_MAX = Decimal(1_000_000)
"""Centimetres or kilograms: beyond any parcel."""
SKUS_MAX = 2_000
"""Of one product."""

Wrong = tuple[str, str]
"""Field and message."""


class CategoryDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A category as sent; its parent is named by id or by code."""

    code: str
    name: str
    is_active: bool = True
    parent_id: str | None = None
    parent_code: str | None = None
    body: CategoryBody = CategoryBody()


class CollectionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A collection as sent."""

    code: str
    name: str
    is_active: bool = True
    body: CollectionBody = CollectionBody()


class CategoryLink(msgspec.Struct, frozen=True, kw_only=True):
    """A category as a product names it; `parent_code` is that of the link around it."""

    code: str
    name: str | None = None
    is_active: bool = True
    parent_code: str | None = None


class SkuDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU as sent; `product_id` or `product` (a code) names its product, neither where it is inside or stays."""

    code: str
    name: str | None = None
    barcode: str | None = None
    aux_code: str | None = None
    is_active: bool = True
    min_stock: int = 0
    product_id: str | None = None
    product: str | None = None
    body: SkuBody = SkuBody()

    def as_sku(self, sku_id: SkuId, product_id: ProductId, product_name: str) -> Sku:
        """The SKU that it asks for, named as its product where it has no name of its own."""
        return Sku(
            sku_id=sku_id,
            product_id=product_id,
            code=self.code,
            name=self.name or product_name,
            barcode=self.barcode,
            aux_code=self.aux_code,
            is_active=self.is_active,
            min_stock=self.min_stock,
            body=self.body,
        )


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A product as sent, with its categories (every one, also those around others) and SKUs.

    row_digest: of the row of a batch that says all this, and nothing else of any other record.
    """

    code: str
    name: str
    aux_code: str | None = None
    reference_code: str | None = None
    is_active: bool = True
    height_cm: Decimal | None = None
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    weight_kg: Decimal | None = None
    body: ProductBody = ProductBody()
    row_digest: str | None = None
    categories: tuple[CategoryLink, ...] = ()
    skus: tuple[SkuDraft, ...] = ()

    def as_product(self, product_id: ProductId) -> Product:
        """The product that it asks for."""
        own = {name: getattr(self, name) for name in self.__struct_fields__ if name not in ("categories", "skus")}
        return Product(product_id=product_id, **own)


class PriceDraft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A price as sent; `seller` None means every store without a price of its own."""

    product: str
    price: Decimal
    old_price: Decimal | None = None
    seller: str | None = None


def check_category(draft: CategoryDraft | CollectionDraft) -> Iterator[Wrong]:
    """What is wrong with a category, or a collection, by itself."""
    yield from _check_code("code", draft.code)
    yield from _check_name("name", draft.name)


def check_product(draft: ProductDraft) -> Iterable[Wrong]:
    """What is wrong with a product, its SKUs and its categories by themselves."""
    return () if _is_right_product(draft) else _wrong_in_product(draft)


def _is_right_product(draft: ProductDraft) -> bool:
    """Whether `_wrong_in_product` has nothing to say, in a fifth of its time."""
    is_right = (
        1 <= len(draft.code) <= CODE_LENGTH_MAX
        and 1 <= len(draft.name) <= NAME_LENGTH_MAX
        and len(draft.aux_code or "") <= CODE_LENGTH_MAX
        and len(draft.reference_code or "") <= CODE_LENGTH_MAX
        and len(draft.skus) <= SKUS_MAX
    )
    if not is_right or any(not image.image_url for image in draft.body.images):
        return False
    for size in (draft.height_cm, draft.length_cm, draft.width_cm, draft.weight_kg):
        if size is not None and not 0 <= size <= SIZE_MAX:
            return False
    for link in draft.categories:
        if not 1 <= len(link.code) <= CODE_LENGTH_MAX or not len(link.name or "") <= NAME_LENGTH_MAX:
            return False
    return all(map(_is_right_sku, draft.skus))


def _is_right_sku(draft: SkuDraft) -> bool:
    return (
        1 <= len(draft.code) <= CODE_LENGTH_MAX
        and len(draft.name or "") <= NAME_LENGTH_MAX
        and len(draft.aux_code or "") <= CODE_LENGTH_MAX
        and len(draft.barcode or "") <= CODE_LENGTH_MAX
        and 0 <= draft.min_stock <= QUANTITY_MAX
        and (not draft.body.images or all(image.image_url for image in draft.body.images))
    )


def _wrong_in_product(draft: ProductDraft) -> Iterator[Wrong]:
    yield from _check_code("code", draft.code)
    yield from _check_name("name", draft.name)
    yield from _check_codes("", {"auxCode": draft.aux_code, "referenceCode": draft.reference_code})
    for field, size in _sizes(draft).items():
        if size is not None and not 0 <= size <= SIZE_MAX:
            yield field, f"must be from 0 to {SIZE_MAX}"
    yield from _check_images("", draft.body.images)
    for n, link in enumerate(draft.categories):
        yield from _check_code(f"categories[{n}].code", link.code)
        yield from _check_name(f"categories[{n}].name", link.name or link.code)
    if len(draft.skus) > SKUS_MAX:
        yield "skus", f"must have at most {SKUS_MAX} items"
    for n, sku in enumerate(draft.skus):
        yield from _check_sku(f"skus[{n}].", sku)


def _sizes(draft: ProductDraft) -> dict[str, Decimal | None]:
    return {
        "height": draft.height_cm,
        "lenght": draft.length_cm,  # as documented
        "width": draft.width_cm,
        "weight": draft.weight_kg,
    }


def check_sku(draft: SkuDraft) -> Iterator[Wrong]:
    """What is wrong with a SKU by itself."""
    yield from _check_sku("", draft)


def _check_sku(prefix: str, draft: SkuDraft) -> Iterator[Wrong]:
    yield from _check_code(f"{prefix}code", draft.code)
    if len(draft.name or "") > NAME_LENGTH_MAX:
        yield f"{prefix}name", f"must have at most {NAME_LENGTH_MAX} characters"
    yield from _check_codes(prefix, {"auxCode": draft.aux_code, "barcode": draft.barcode})
    if not 0 <= draft.min_stock <= QUANTITY_MAX:
        yield f"{prefix}minStock", f"must be from 0 to {QUANTITY_MAX}"
    yield from _check_images(prefix, draft.body.images)


def check_price(draft: PriceDraft) -> Iterable[Wrong]:
    """What is wrong with a price by itself; `OldPrice` may not be below `Price` (contract, section 6)."""
    price, old = draft.price, draft.old_price
    is_right = draft.product and is_money(price) and (old is None or (is_money(old) and old >= price))
    return () if is_right else _wrong_in_price(draft)


def are_prices_right(
    products: Collection[str], prices: Collection[Decimal], old_prices: Collection[Decimal | None]
) -> bool:
    """Whether `check_price` has nothing to say about any of these, looked at by columns."""
    before = [(old, price) for old, price in zip(old_prices, prices, strict=True) if old is not None]
    are_amounts = are_money(prices) and are_money(old for old, _ in before)
    return are_amounts and all(products) and all(old >= price for old, price in before)


def _wrong_in_price(draft: PriceDraft) -> Iterator[Wrong]:
    if not draft.product:
        yield "ProductCode", "is required"
    if not is_money(draft.price):
        yield "Price", f"must be from 0 to {MONEY_MAX}, with at most 4 decimals"
    elif draft.old_price is not None and not is_money(draft.old_price):
        yield "OldPrice", f"must be from 0 to {MONEY_MAX}, with at most 4 decimals"
    elif draft.old_price is not None and draft.old_price < draft.price:
        yield "OldPrice", "must not be below Price"


def _check_code(field: str, code: str) -> Iterator[Wrong]:
    if not 1 <= len(code) <= CODE_LENGTH_MAX:
        yield field, f"must have 1 to {CODE_LENGTH_MAX} characters"


def _check_codes(prefix: str, codes: dict[str, str | None]) -> Iterator[Wrong]:
    for field, code in codes.items():
        if len(code or "") > CODE_LENGTH_MAX:
            yield prefix + field, f"must have at most {CODE_LENGTH_MAX} characters"


def _check_name(field: str, name: str) -> Iterator[Wrong]:
    if not 1 <= len(name) <= NAME_LENGTH_MAX:
        yield field, f"must have 1 to {NAME_LENGTH_MAX} characters"


def _check_images(prefix: str, images: tuple[Image, ...]) -> Iterator[Wrong]:
    for n, image in enumerate(images):
        if not image.image_url:
            yield f"{prefix}images[{n}].imageUrl", "is required"
