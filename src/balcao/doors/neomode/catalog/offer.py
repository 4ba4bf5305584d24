"""Write prices and stocks over HTTP: batches, each row one product's price or one SKU's count."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Response, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, JSONBody

from balcao.base.values import to_micros
from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.doors.batches import BatchBody, RawRows, Wait, take_batch
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.asked import PriceAsked, StockAsked
from balcao.doors.neomode.catalog.matching import PRODUCTS_BY, SELLERS_BY, SKUS_BY
from balcao.doors.neomode.catalog.write import BATCH
from balcao.imports.rules.model import How, Kind
from balcao.sellers.rules.match import SellerMatch

Taken = Annotated[
    datetime | None,
    HeaderParameter(name="Timestamp", description="When the counts were taken, for rows that do not say so."),
]


@put(
    "/management/catalog/prices",
    operation_id="putPrices",
    dependencies={"sellers_by": SELLERS_BY, "products_by": PRODUCTS_BY},
    **BATCH,
)
async def write_prices(
    door: Door,
    data: JSONBody[RawRows[PriceAsked]],
    sellers_by: NamedDependency[SellerMatch],
    products_by: NamedDependency[ProductMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """Set prices, each of one product in one store or (without `SellerCode`) in every store.

    Kept at once and applied after the stores, products and prices that were sent before; bad rows fail alone. A
    credential bound to a store writes that store's prices only.
    """
    return await take_batch(door, data, Kind.PRICES, how=How(sellers_by=sellers_by, products_by=products_by), wait=wait)


@put(
    "/management/catalog/stocks",
    operation_id="putStocks",
    dependencies={"sellers_by": SELLERS_BY, "skus_by": SKUS_BY},
    **BATCH,
)
async def write_stocks(
    door: Door,
    data: JSONBody[RawRows[StockAsked]],
    sellers_by: NamedDependency[SellerMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
    taken: Taken = None,
) -> Response[BatchBody]:
    """Set how many units of SKUs lie in stores: whole counts. What open orders hold is untouched.

    Kept at once and applied after the stores, products and counts that were sent before; bad rows fail alone. A count
    that says when it was taken, in the row or for all of them in the header `Timestamp`, is passed over where a later
    one is there already. A credential bound to a store writes that store's stock only.
    """
    how = How(sellers_by=sellers_by, skus_by=skus_by, counted_us=None if taken is None else to_micros(taken))
    return await take_batch(door, data, Kind.STOCKS, how=how, wait=wait)


@put(
    "/management/catalog/skus/stocks/batch",
    operation_id="putSkusStocksBatch",
    dependencies={"sellers_by": SELLERS_BY, "skus_by": SKUS_BY},
    **BATCH,
)
async def write_stocks_batch(
    door: Door,
    data: JSONBody[RawRows[StockAsked]],
    sellers_by: NamedDependency[SellerMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
    taken: Taken = None,
) -> Response[BatchBody]:
    """The same as `PUT /stocks`, at the address that older clients use."""
    how = How(sellers_by=sellers_by, skus_by=skus_by, counted_us=None if taken is None else to_micros(taken))
    return await take_batch(door, data, Kind.STOCKS, how=how, wait=wait)


routes: Sequence[HTTPRouteHandler] = (write_prices, write_stocks, write_stocks_batch)
