"""Products as lines of a spreadsheet, one a SKU: what `balcao import products` reads again as it was."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from balcao.base.values import iso
from balcao.catalog.rules.model import Attribute, Image, Product, Sku
from balcao.catalog.rules.reading import ProductDetails

Cells = dict[str, Any]


def lines_of(details: ProductDetails) -> list[Cells]:
    """The product's lines: one for each SKU, one where it has none."""
    common = _product(details.product) | {
        "categories": _list([category.code for category in details.categories]),
        "images": _images(details.product.body.images),
    }
    return [common | _sku(sku) for sku in details.skus or (None,)]


def _product(product: Product) -> Cells:
    body = product.body
    return {
        "code": product.code,
        "name": product.name,
        "referenceCode": product.reference_code,
        "auxCode": product.aux_code,
        "description": body.description,
        "additionalInfo": body.additional_info,
        "complementaryName": body.complementary_name,
        "brand": body.brand,
        "keywords": body.keywords,
        "releaseDate": iso(body.release_date) if body.release_date else None,
        "isActive": product.is_active,
        "pickupOnly": body.pickup_only,
        "height": product.height_cm,
        "length": product.length_cm,
        "width": product.width_cm,
        "weight": product.weight_kg,
        "url": body.url,
        "imageUrl": body.image_url,
        "hexColor": body.hex_color,
    }


def _sku(sku: Sku | None) -> Cells:
    return {
        "skuCode": sku and sku.code,
        "skuName": sku and sku.name,
        "barcode": sku and sku.barcode,
        "skuAuxCode": sku and sku.aux_code,
        "minStock": sku and sku.min_stock,
        "skuIsActive": sku and sku.is_active,
        "skuImages": sku and _images(sku.body.images),
        "skuAttributes": sku and _attributes(sku.body.attributes),
    }


def _list(parts: Sequence[str]) -> str:
    return "|".join(parts) if _are_plain(parts) else _json(parts)


def _are_plain(parts: Sequence[str]) -> bool:
    """Whether they are the same again once they were joined and parted."""
    joined = "|".join(parts)
    return not joined.startswith("[") and [part.strip() for part in joined.split("|") if part.strip()] == list(parts)


def _images(images: Sequence[Image]) -> str:
    """Addresses alone where they are in the order 1, 2, 3."""
    if [image.order for image in images] == list(range(1, len(images) + 1)):
        return _list([image.image_url for image in images])
    return _json([{"order": image.order, "imageUrl": image.image_url} for image in images])


def _attributes(attributes: Sequence[Attribute]) -> str:
    """`title=value` where there is no more to each."""
    short = [f"{each.title}={each.value}" for each in attributes]
    plain = [
        Attribute(title=title.strip(), value=value.strip()) for title, _, value in (s.partition("=") for s in short)
    ]
    if plain == list(attributes) and _are_plain(short):
        return "|".join(short)
    fields: list[Mapping[str, Any]] = [
        {"type": each.type, "title": each.title, "value": each.value, "label": each.label, "order": each.order}
        for each in attributes
    ]
    return _json(fields)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
