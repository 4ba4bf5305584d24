"""Read what changed of prices and stocks over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from balcao.base.errors import Invalid
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import cnpj_has_format, strip_document, to_micros
from balcao.catalog.lists import list_prices
from balcao.catalog.rules.reading import CHANGE_SORTS, PriceFilter
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog import body
from balcao.doors.neomode.catalog.show import show_price, show_stock
from balcao.doors.paging import PAGING, enveloped
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.sellers.rules.match import read_id
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter
from balcao.tenants.rules import Role

READERS = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)
TAGS = ["catalogue"]
REFUSALS = problem_responses(401, 403, 503)

Since = Annotated[
    datetime | None, QueryParameter(name="lastUpdate", description="Changed later than that (exclusive).")
]
Seller = Annotated[str | None, QueryParameter(name="sellerId", description="The store's id, or its CNPJ.")]


@get(
    "/management/catalog/stocks",
    opt=READERS,
    tags=TAGS,
    operation_id="listStocks",
    responses=REFUSALS,
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
    seller = _read_seller(seller_id)
    wanted = StockFilter(
        since=to_micros(last_update) if last_update else None,
        seller_id=seller if isinstance(seller, UUID) else None,
        seller_cnpj=seller if isinstance(seller, str) else None,
        point_sale_id=point_sale_id,
        sku_id=_read_id("skuId", sku_id),
        sku_code=sku_code,
    )
    scope = ("stocks", *(getattr(wanted, name) for name in wanted.__struct_fields__))
    ask = ask_page(paging, STOCK_SORTS, scope=scope)
    async with door.db.read() as tx:
        page = await list_stock(tx, door.tenant, wanted, ask)
    return WireResponse(body.StockPage(**enveloped(page), items=[show_stock(line) for line in page.rows]))


@get(
    "/management/catalog/prices",
    opt=READERS,
    tags=TAGS,
    operation_id="listPrices",
    responses=REFUSALS,
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
    seller = _read_seller(seller_id)
    wanted = PriceFilter(
        since=to_micros(last_update) if last_update else None,
        seller_id=seller if isinstance(seller, UUID) else None,
        seller_cnpj=seller if isinstance(seller, str) else None,
    )
    ask = ask_page(paging, CHANGE_SORTS, scope=("prices", wanted.since, seller))
    async with door.db.read() as tx:
        page = await list_prices(tx, door.tenant, wanted, ask)
    return WireResponse(body.PricePage(**enveloped(page), prices=[show_price(line) for line in page.rows]))


def _read_seller(text: str | None) -> UUID | str | None:
    """An id, or a CNPJ without punctuation. Raises Invalid for what is neither."""
    if text is None:
        return None
    id_, cnpj = read_id(text), strip_document(text)
    if id_ is None and not cnpj_has_format(cnpj):
        raise Invalid(errors={"sellerId": ["must be a store's id or its CNPJ"]})
    return id_ or cnpj


def _read_id(parameter: str, text: str | None) -> UUID | None:
    id_ = read_id(text) if text else None
    if text and id_ is None:
        raise Invalid(errors={parameter: ["must be a UUID"]})
    return id_


routes: Sequence[HTTPRouteHandler] = (read_stocks, read_prices)
