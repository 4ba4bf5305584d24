"""What is wrong with products as they are sent: a quick look and the slow one, which names it, agree."""

from decimal import Decimal

import msgspec
import pytest

from balcao.catalog.rules.drafts import SKUS_MAX, CategoryLink, ProductDraft, SkuDraft, check_product
from balcao.catalog.rules.model import Image, ProductBody, SkuBody

LONG, LONGER = "x" * 256, "x" * 1_001
NO_IMAGE = (Image(order=1, image_url="https://images.example/1.jpg"), Image(order=2, image_url=""))
SKU = SkuDraft(code="P", name="x" * 1_000, barcode="x" * 255, aux_code="x" * 255)
GOOD = ProductDraft(
    code="x" * 255,
    name="x" * 1_000,
    height_cm=Decimal(1_000_000),
    weight_kg=Decimal(0),
    categories=(CategoryLink(code="x" * 255, name=None), CategoryLink(code="C", name="x" * 1_000)),
    skus=(SKU,) * SKUS_MAX,
    body=ProductBody(images=NO_IMAGE[:1]),
)


def test_a_good_product() -> None:
    assert list(check_product(GOOD)) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": LONG}, "code"),
        ({"name": ""}, "name"),
        ({"name": LONGER}, "name"),
        ({"aux_code": LONG}, "auxCode"),
        ({"reference_code": LONG}, "referenceCode"),
        ({"length_cm": Decimal("1000000.1")}, "lenght"),
        ({"width_cm": Decimal("-0.1")}, "width"),
        ({"body": ProductBody(images=NO_IMAGE)}, "images[1].imageUrl"),
        ({"categories": (CategoryLink(code=""),)}, "categories[0].code"),
        ({"categories": (CategoryLink(code=LONG),)}, "categories[0].code"),
        ({"categories": (CategoryLink(code="C", name=LONGER),)}, "categories[0].name"),
        ({"skus": (SKU,) * (SKUS_MAX + 1)}, "skus"),
    ],
)
def test_a_product_with_one_thing_wrong(wrong: dict[str, object], field: str) -> None:
    assert next(iter(check_product(msgspec.structs.replace(GOOD, **wrong))))[0] == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": LONG}, "code"),
        ({"name": LONGER}, "name"),
        ({"barcode": LONG}, "barcode"),
        ({"aux_code": LONG}, "auxCode"),
        ({"min_stock": -1}, "minStock"),
        ({"min_stock": 2_000_000_000_000}, "minStock"),
        ({"body": SkuBody(images=NO_IMAGE)}, "images[1].imageUrl"),
    ],
)
def test_a_product_with_one_thing_wrong_in_a_sku(wrong: dict[str, object], field: str) -> None:
    bad = msgspec.structs.replace(GOOD, skus=(SKU, msgspec.structs.replace(SKU, **wrong)))
    assert [name for name, _ in check_product(bad)] == [f"skus[1].{field}"]
