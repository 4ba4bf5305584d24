"""Read what changed of prices and stocks over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from balcao.base.paging import PageParameters, ask_page
from balcao.catalog.lists import list_prices
from balcao.catalog.rules.reading import CHANGE_SORTS, PriceFilter
from balcao.doors.door import Door
from balcao.doors.neomode.catalog import body
from balcao.doors.neomode.catalog.reading import LISTED, READERS, TAGS, Seller, Since, micros, read_seller, read_uuid
from balcao.doors.neomode.catalog.show import newest, show_price, show_stock
from balcao.doors.paging import PAGING, enveloped
from balcao.doors.wire import WireResponse
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter


@get(
    "/management/catalog/stocks",
    opt=READERS,
    tags=TAGS,
    operation_id="listStocks",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_stocks(
    door: Door,
    paging: NamedDependency[PageParameters],
    last_update: Since = None,
    seller_id: Seller = None,
    point_sale_id: Annotated[str | None, QueryParameter(name="pointSaleId")] = None,
    sku_id: Annotated[str | None, QueryParameter(name="skuId")] = None,
    sku_code: Annotated[str | None, QueryParameter(name="skuCode")] = None,
) -> WireResponse[body.StockPage]:
    """Stock by store and SKU, oldest change first: poll with the newest `lastUpdate` you have seen."""
    seller = read_seller(seller_id)
    wanted = StockFilter(
        since=micros(last_update),
        seller_id=seller if isinstance(seller, UUID) else None,
        seller_cnpj=seller if isinstance(seller, str) else None,
        point_sale_id=point_sale_id,
        sku_id=read_uuid("skuId", sku_id),
        sku_code=sku_code,
    )
    scope = ("stocks", *(getattr(wanted, name) for name in wanted.__struct_fields__))
    ask = ask_page(paging, STOCK_SORTS, scope=scope)
    async with door.db.read() as tx:
        page = await list_stock(tx, door.tenant, wanted, ask)
    last = newest((line.last_update_us for line in page.rows), wanted.since)
    items = [show_stock(line) for line in page.rows]
    return WireResponse(body.StockPage(**enveloped(page), last_update=last, items=items))


@get(
    "/management/catalog/prices",
    opt=READERS,
    tags=TAGS,
    operation_id="listPrices",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_prices(
    door: Door,
    paging: NamedDependency[PageParameters],
    last_update: Since = None,
    seller_id: Seller = None,
) -> WireResponse[body.PricePage]:
    """Prices by product and store, oldest change first: poll with the newest `lastUpdate` you have seen.

    With `sellerId` only that store's own prices; a product without one costs there what it costs in every store.
    """
    seller = read_seller(seller_id)
    wanted = PriceFilter(
        since=micros(last_update),
        seller_id=seller if isinstance(seller, UUID) else None,
        seller_cnpj=seller if isinstance(seller, str) else None,
    )
    ask = ask_page(paging, CHANGE_SORTS, scope=("prices", wanted.since, seller))
    async with door.db.read() as tx:
        page = await list_prices(tx, door.tenant, wanted, ask)
    last = newest((line.price.last_update_us for line in page.rows), wanted.since)
    prices = [show_price(line) for line in page.rows]
    return WireResponse(body.PricePage(**enveloped(page), last_update=last, prices=prices))


routes: Sequence[HTTPRouteHandler] = (read_stocks, read_prices)
