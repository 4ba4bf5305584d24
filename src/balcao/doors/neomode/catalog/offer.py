"""Write prices and stocks over HTTP: batches, each row one product's price or one SKU's count."""

from collections.abc import Sequence

from litestar import Response, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.catalog.put_prices import PutPrices, put_prices
from balcao.catalog.rules.drafts import PriceDraft
from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.doors.batches import BATCH_RESPONSES, BYTES_MAX, BatchBody, Wait, answer_batch, whole
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog.asked import PriceAsked, StockAsked
from balcao.doors.neomode.catalog.matching import PRODUCTS_BY, SELLERS_BY, SKUS_BY
from balcao.doors.neomode.catalog.understand import count_of, price_of
from balcao.doors.wire import Rows
from balcao.sellers.rules.match import SellerMatch
from balcao.stock.count import CountStock, count_stock
from balcao.stock.rules.model import StockCount
from balcao.tenants.rules import Role

WRITERS = roles(Role.ERP, Role.ADMIN)
TAGS = ["catalogue"]


@put(
    "/management/catalog/prices",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putPrices",
    request_max_body_size=BYTES_MAX,
    dependencies={"sellers_by": SELLERS_BY, "products_by": PRODUCTS_BY},
    responses=BATCH_RESPONSES,
)
async def write_prices(
    door: Door,
    data: JSONBody[Rows[PriceAsked]],
    sellers_by: NamedDependency[SellerMatch],
    products_by: NamedDependency[ProductMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """Set prices, each of one product in one store or (without `SellerCode`) in every store.

    Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why. A credential bound to a store writes
    that store's prices only.
    """

    async def write(tx: Tx, rows: list[Sent[PriceDraft]]) -> BatchResult:
        caller = door.caller
        cmd = PutPrices(
            tenant=door.tenant,
            actor=caller.client_id,
            rows=rows,
            sellers_by=sellers_by,
            products_by=products_by,
            only_cnpj=caller.seller_cnpj,
        )
        return await put_prices(tx, cmd, door.now)

    return await answer_batch(door, data, whole(price_of), write, wait=wait)


@put(
    "/management/catalog/stocks",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putStocks",
    request_max_body_size=BYTES_MAX,
    dependencies={"sellers_by": SELLERS_BY, "skus_by": SKUS_BY},
    responses=BATCH_RESPONSES,
)
async def write_stocks(
    door: Door,
    data: JSONBody[Rows[StockAsked]],
    sellers_by: NamedDependency[SellerMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """Set how many units of SKUs lie in stores: whole counts. What open orders hold is untouched.

    Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why. A credential bound to a store writes
    that store's stock only.
    """
    return await _count(door, data, sellers_by, skus_by, wait=wait)


@put(
    "/management/catalog/skus/stocks/batch",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putSkusStocksBatch",
    request_max_body_size=BYTES_MAX,
    dependencies={"sellers_by": SELLERS_BY, "skus_by": SKUS_BY},
    responses=BATCH_RESPONSES,
)
async def write_stocks_batch(
    door: Door,
    data: JSONBody[Rows[StockAsked]],
    sellers_by: NamedDependency[SellerMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """The same as `PUT /stocks`, at the address that older clients use."""
    return await _count(door, data, sellers_by, skus_by, wait=wait)


async def _count(
    door: Door, data: Rows[StockAsked], sellers_by: SellerMatch, skus_by: SkuMatch, *, wait: bool
) -> Response[BatchBody]:
    async def write(tx: Tx, rows: list[Sent[StockCount]]) -> BatchResult:
        caller = door.caller
        cmd = CountStock(
            tenant=door.tenant,
            actor=caller.client_id,
            rows=rows,
            sellers_by=sellers_by,
            skus_by=skus_by,
            only_cnpj=caller.seller_cnpj,
        )
        return await count_stock(tx, cmd, door.now)

    return await answer_batch(door, data, whole(count_of), write, wait=wait)


routes: Sequence[HTTPRouteHandler] = (write_prices, write_stocks, write_stocks_batch)
