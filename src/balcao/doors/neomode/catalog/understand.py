"""From what the ERP sent to the drafts of the catalogue's verbs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from sys import intern
from typing import Any

from balcao.base.errors import Invalid
from balcao.base.values import Micros, to_micros
from balcao.catalog.rules.drafts import CategoryDraft, CategoryLink, ProductDraft, SkuDraft
from balcao.catalog.rules.model import Attribute, CategoryBody, Image, ProductBody, SkuBody
from balcao.doors.neomode.catalog import asked as wire
from balcao.doors.wire import Rows
from balcao.doors.wire.leaves import parse_instant


def categories_of(sent: wire.CategoryAsked) -> Iterator[tuple[str, CategoryDraft]]:
    """The category and all below it, each with its place in the row; children hang where they are written."""
    yield "", _category(sent, text(sent.parent_id), text(sent.parent_code))
    yield from _children(sent, "")


def _children(parent: wire.CategoryAsked, place: str) -> Iterator[tuple[str, CategoryDraft]]:
    for n, child in enumerate(parent.children or ()):
        inside = f"{place}children[{n}]."
        yield inside, _category(child, None, parent.code.strip())
        yield from _children(child, inside)


def _category(sent: wire.CategoryAsked, parent_id: str | None, parent_code: str | None) -> CategoryDraft:
    return CategoryDraft(
        code=sent.code.strip(),
        name=sent.name.strip(),
        is_active=sent.is_active,
        parent_id=parent_id,
        parent_code=parent_code,
        body=CategoryBody(
            description=text(sent.description),
            order=sent.order,
            url=text(sent.url),
            icon_url=text(sent.icon_url),
            image_url=text(sent.image_url),
            hex_color=text(sent.hex_color),
        ),
    )


def product_of(sent: wire.ProductAsked) -> ProductDraft:
    """The product that is asked for. Raises Invalid for a release date that is none."""
    return ProductDraft(
        code=sent.code.strip(),
        name=sent.name.strip(),
        aux_code=text(sent.aux_code),
        reference_code=text(sent.reference_code),
        is_active=sent.is_active,
        height_cm=sent.height,
        length_cm=sent.lenght,
        width_cm=sent.width,
        weight_kg=sent.weight,
        body=_product_body(sent),
        categories=tuple(_links(sent.categories or (), None)),
        skus=tuple(sku_of(sku) for sku in sent.skus or ()),
    )


def _product_body(sent: wire.ProductAsked) -> ProductBody:
    keywords = ", ".join(sent.keywords) if isinstance(sent.keywords, list) else sent.keywords
    return ProductBody(
        description=text(sent.description),
        additional_info=text(sent.additional_info),
        complementary_name=text(sent.complementary_name),
        brand=text(sent.brand),
        keywords=text(keywords),
        release_date=_release_date(text(sent.release_date)),
        pickup_only=sent.pickup_only,
        images=_images(sent.images),
        url=text(sent.url),
        image_url=text(sent.image_url),
        hex_color=text(sent.hex_color),
    )


def _release_date(sent: str | None) -> datetime | None:
    if sent is None or sent.startswith("0001-01-01"):  # how .NET writes a date that nobody set
        return None
    at = parse_instant(sent)
    if at is None:
        raise Invalid(errors={"releaseDate": ["must be an ISO 8601 instant, such as 2026-07-01T12:00:00Z"]})
    return at.astimezone(UTC)


def _links(sent: Sequence[wire.ProductCategoryAsked], parent_code: str | None) -> Iterator[CategoryLink]:
    for link in sent:
        code = link.code.strip()
        yield CategoryLink(code=code, name=text(link.name), is_active=link.is_active, parent_code=parent_code)
        yield from _links(link.children or (), code)


def sku_of(sent: wire.SkuAsked) -> SkuDraft:
    """The SKU that is asked for."""
    lone = sent if isinstance(sent, wire.LoneSkuAsked) else None
    # Interned, or a type that is sent is another object than the default, and is kept where one left out is not.
    attributes = (
        Attribute(type=intern(each.type), title=each.title, value=each.value, label=each.label, order=each.order)
        for each in sorted(sent.attributes or (), key=lambda each: each.order)
    )
    return SkuDraft(
        code=sent.code.strip(),
        name=text(sent.name),
        barcode=text(sent.barcode),
        aux_code=text(sent.aux_code),
        is_active=sent.is_active,
        min_stock=sent.min_stock,
        product=text(lone.product_code) if lone else None,
        product_id=text(lone.product_id) if lone else None,
        body=SkuBody(images=_images(sent.images), attributes=tuple(attributes)),
    )


def _images(sent: Sequence[wire.ImageAsked] | None) -> tuple[Image, ...]:
    ordered = sorted(sent or (), key=lambda image: image.order)
    return tuple(Image(order=image.order, image_url=image.image_url.strip()) for image in ordered)


def price_columns(sent: Rows[wire.PriceAsked]) -> Mapping[str, Sequence[Any]]:
    """The prices that are asked for, as the columns of `PriceDraft`."""
    return {
        "product": sent.column("product_code", str.strip),
        "price": sent.column("price"),
        "old_price": sent.column("old_price"),
        "seller": sent.column("seller_code", text),
    }


def count_columns(sent: Rows[wire.StockAsked], counted_us: Micros | None = None) -> Mapping[str, Sequence[Any]]:
    """The counts that were sent, as the columns of `StockCount`; counted_us: taken when, where a row does not say."""
    return {
        "seller": sent.column("seller_code", str.strip),
        "sku": sent.column("sku_code", str.strip),
        "quantity": [row.quantity for row in sent],
        "counted_us": _counted(sent.values, counted_us),
    }


def _counted(sent: Sequence[wire.StockAsked], counted_us: Micros | None) -> Sequence[Micros | None]:
    times = [row.timestamp for row in sent]
    if not any(times):
        return [counted_us] * len(times)
    return [counted_us if at is None else to_micros(at) for at in times]


def text(sent: str | None) -> str | None:
    """Without blanks around; blank is as good as nothing."""
    return (sent or "").strip() or None
