"""Read what lies on the stores' shelves over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Invalid, NotFound
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import CategoryId, Tenant, iso
from balcao.catalog.get_category import get_category
from balcao.catalog.get_product import find_product, find_sku
from balcao.catalog.rules.tree import flatten
from balcao.catalog.search import SearchBy, search_products
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.body import StockShown
from balcao.doors.neomode.catalog.reading import FOUND, LISTED, READERS, TAGS, Seller, Text, read_seller
from balcao.doors.neomode.catalog.show import show_stock
from balcao.doors.paging import PAGING, Envelope, enveloped
from balcao.doors.wire import Instant, Wire, WireResponse
from balcao.offers.list_inventory import list_inventory
from balcao.offers.rules import INVENTORY_SORTS, InventoryFilter, InventoryLine, StockStatus
from balcao.stock.find import find_stock_of_skus


class InventoryShown(Wire, kw_only=True):
    """A SKU on a store's shelf. `available` of `quantity` may be sold: the rest is held by open orders, or the store's
    safety stock. `status`: `OutOfStock` when nothing is available, `LowOfStock` up to the SKU's `minStock`, else
    `Available`.
    """

    product_id: UUID
    product_code: str
    product_name: str
    sku_id: UUID
    sku_code: str
    sku_name: str
    barcode: str | None
    seller_id: UUID
    seller_code: str
    seller_name: str
    quantity: int
    reserved: int
    available: int
    min_stock: int
    status: str
    last_update: Instant


class InventoryPage(Envelope, kw_only=True):
    """One page of what lies on the shelves."""

    inventory: list[InventoryShown]


Status = Annotated[
    str | None, QueryParameter(name="status", description="`Available`, `LowOfStock` or `OutOfStock`, in any case.")
]
Category = Annotated[
    str | None, QueryParameter(name="categoryId", description="A category's id or code; those below it count too.")
]


@get(
    "/management/catalog/inventory",
    opt=READERS,
    tags=TAGS,
    operation_id="listInventory",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_inventory(
    door: Door,
    paging: NamedDependency[PageParameters],
    sought: Text = None,
    seller_id: Seller = None,
    status: Status = None,
    category_id: Category = None,
) -> WireResponse[InventoryPage]:
    """What lies on the stores' shelves: every SKU in every store that ever counted it."""
    seller, wanted_status = read_seller(seller_id), _read_status(status)
    ask = ask_page(paging, INVENTORY_SORTS, scope=("inventory", sought, seller, wanted_status, category_id))
    async with door.db.read() as tx:
        wanted = InventoryFilter(
            status=wanted_status,
            found=None if sought is None else await search_products(tx, door.tenant, SearchBy.TEXT, sought),
            category_ids=None if category_id is None else await _below(tx, door.tenant, category_id),
            seller_id=seller if isinstance(seller, UUID) else None,
            seller_cnpj=seller if isinstance(seller, str) else None,
        )
        page = await list_inventory(tx, door.tenant, wanted, ask)
    return WireResponse(InventoryPage(**enveloped(page), inventory=[_show(line) for line in page.rows]))


def _read_status(text: str | None) -> StockStatus | None:
    if text is None:
        return None
    found = next((status for status in StockStatus if status.lower() == text.strip().lower()), None)
    if found is None:
        raise Invalid(errors={"status": [f"must be one of {', '.join(StockStatus)}"]})
    return found


async def _below(tx: Tx, tenant: Tenant, category: str) -> list[CategoryId]:
    """The category and all below it; there is nothing in one that does not exist."""
    try:
        branch = await get_category(tx, tenant, category)
    except NotFound:
        return []
    return [each.category_id for each in flatten(branch)]


def _show(line: InventoryLine) -> InventoryShown:
    return InventoryShown(
        product_id=line.product_id,
        product_code=line.product_code,
        product_name=line.product_name,
        sku_id=line.sku_id,
        sku_code=line.sku_code,
        sku_name=line.sku_name,
        barcode=line.barcode,
        seller_id=line.seller_id,
        seller_code=line.seller_cnpj,
        seller_name=line.seller_name,
        quantity=line.level.on_hand,
        reserved=line.level.reserved,
        available=line.level.available,
        min_stock=line.min_stock,
        status=line.status,
        last_update=iso(line.last_update_us),
    )


@get(
    "/management/catalog/products/{id_or_code:str}/skus/{sku:str}/stocks",
    opt=READERS,
    tags=TAGS,
    operation_id="getSkuStocks",
    responses=FOUND,
)
async def read_sku_stocks(door: Door, id_or_code: FromPath[str], sku: FromPath[str]) -> WireResponse[list[StockShown]]:
    """A SKU's stock, one element a store; product and SKU each by id or code."""
    async with door.db.read() as tx:
        product = await find_product(tx, door.tenant, id_or_code)
        found = await find_sku(tx, door.tenant, sku, of=product.product_id)
        lines = await find_stock_of_skus(tx, door.tenant, [found.sku_id])
    return WireResponse([show_stock(line) for line in lines])


routes: Sequence[HTTPRouteHandler] = (read_inventory, read_sku_stocks)
