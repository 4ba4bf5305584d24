"""The catalogue as it is answered."""

from decimal import Decimal
from uuid import UUID

from balcao.doors.paging import Envelope
from balcao.doors.wire import Instant, Wire


class CategoryShown(Wire, kw_only=True):
    """A category with those below it; `parentId` is null at the top. Deleted ones come only with changes."""

    id: UUID
    client_id: str
    code: str
    name: str
    description: str | None
    is_active: bool
    parent_id: UUID | None
    order: int
    url: str | None
    icon_url: str | None
    image_url: str | None
    hex_color: str | None
    is_deleted: bool
    create_date: Instant
    last_update: Instant
    children: list["CategoryShown"]


class CategoryPage(Envelope, kw_only=True):
    """One page of categories."""

    categories: list[CategoryShown]


class ImageShown(Wire, kw_only=True):
    """A picture, by its address."""

    order: int
    image_url: str


class AttributeShown(Wire, kw_only=True):
    """What tells a SKU from its product's others."""

    type: str
    title: str
    value: str
    label: str | None
    order: int


class StockShown(Wire, kw_only=True):
    """A store's level of a SKU: `quantity` as counted, of which open orders hold `reserved`.

    `available` is what may still be sold: the rest, less the store's safety stock.
    """

    quantity: int
    sku_id: UUID
    seller_id: UUID
    sku_code: str
    seller_code: str
    reserved: int
    available: int
    last_update: Instant


class StockPage(Envelope, kw_only=True):
    """One page of levels; keep `lastUpdate` and ask with it the next time."""

    last_update: Instant | None
    items: list[StockShown]


class PriceShown(Wire, kw_only=True):
    """A price; `sellerId` and `sellerCode` are null where it holds in every store without a price of its own.

    A deleted one went with its product and holds nowhere.
    """

    product_id: UUID
    product_code: str
    seller_id: UUID | None
    seller_code: str | None
    price: Decimal
    old_price: Decimal | None
    is_deleted: bool
    last_update: Instant


class PricePage(Envelope, kw_only=True):
    """One page of prices; keep `lastUpdate` and ask with it the next time."""

    last_update: Instant | None
    prices: list[PriceShown]


class SkuShown(Wire, kw_only=True):
    """A SKU with its stock in each store."""

    id: UUID
    product_id: UUID
    code: str
    name: str
    is_active: bool
    barcode: str | None
    aux_code: str | None
    min_stock: int
    images: list[ImageShown]
    attributes: list[AttributeShown]
    stocks: list[StockShown]
    create_date: Instant
    last_update: Instant


class ProductCategoryShown(Wire, kw_only=True):
    """A category that the product is in. All of them stand side by side: `children` is empty."""

    id: UUID
    code: str
    name: str
    is_active: bool
    parent_id: UUID | None
    children: list["ProductCategoryShown"]


class ProductCollectionShown(Wire, kw_only=True):
    """A collection that the product is in."""

    id: UUID
    code: str
    name: str
    is_active: bool


class ProductShown(Wire, kw_only=True):
    """A product in full. `lenght`, as documented, and `length` are the same; sizes in cm, weight in kg."""

    id: UUID
    client_id: str
    code: str
    name: str
    reference_code: str | None
    aux_code: str | None
    description: str | None
    additional_info: str | None
    complementary_name: str | None
    brand: str | None
    keywords: str | None
    release_date: Instant | None
    is_active: bool
    has_stock: bool
    has_price: bool
    is_available: bool
    pickup_only: bool
    height: Decimal | None
    lenght: Decimal | None
    length: Decimal | None
    width: Decimal | None
    weight: Decimal | None
    url: str | None
    image_url: str | None
    hex_color: str | None
    categories: list[ProductCategoryShown]
    collections: list[ProductCollectionShown]
    images: list[ImageShown]
    skus: list[SkuShown]
    prices: list[PriceShown]
    create_date: Instant
    last_update: Instant


class ProductLine(Wire, kw_only=True):
    """A product in a list. `isAvailable`: active, with a price, and with a unit to sell somewhere.

    Deleted ones come only with changes.
    """

    id: UUID
    name: str
    code: str
    has_stock: bool
    has_price: bool
    is_active: bool
    is_available: bool
    is_deleted: bool
    last_update: Instant


class ProductPage(Envelope, kw_only=True):
    """One page of products."""

    products: list[ProductLine]


class WholeProductPage(Envelope, kw_only=True):
    """One page of products in full."""

    products: list[ProductShown]


class ProductChangeShown(Wire, kw_only=True):
    """That a product changed, and when."""

    id: UUID
    code: str
    last_update: Instant
    is_deleted: bool


class ProductChangePage(Envelope, kw_only=True):
    """One page of changed products; keep `lastUpdate` and ask with it the next time."""

    last_update: Instant | None
    products: list[ProductChangeShown]
