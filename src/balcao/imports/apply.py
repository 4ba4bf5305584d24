"""Apply records of a batch through the verb that writes their kind."""

from collections.abc import Sequence
from typing import Any

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.catalog.put_categories import PutCategories, put_categories
from balcao.catalog.put_prices import PutPrices, put_prices
from balcao.catalog.put_products import PutProducts, put_products
from balcao.catalog.put_skus import PutSkus, put_skus
from balcao.imports.rules.model import Batch, Kind
from balcao.sellers.put import PutSellers
from balcao.stock.count import CountStock, count_stock
from balcao.stock.put_stores import put_stores


async def apply_rows(
    tx: Tx, tenant: Tenant, batch: Batch, rows: Sequence[Sent[Any]], now: Micros, *, changes_max: int | None = None
) -> BatchResult:
    """Write these records of the batch, in the caller's transaction.

    Raises TooManyChanges where more prices or counts than changes_max are not what they should be already.
    """
    how = batch.how
    common: dict[str, Any] = {"tenant": tenant, "actor": batch.actor, "rows": rows}
    bound: dict[str, Any] = {**common, "only_cnpj": batch.seller_cnpj}
    many: dict[str, Any] = {**bound, "sellers_by": how.sellers_by, "changes_max": changes_max}
    match batch.kind:
        case Kind.SELLERS:
            return await put_stores(tx, PutSellers(**bound), now)
        case Kind.CATEGORIES:
            return await put_categories(tx, PutCategories(**common), now)
        case Kind.PRODUCTS:
            return await put_products(tx, PutProducts(**common), now)
        case Kind.SKUS:
            return await put_skus(tx, PutSkus(**common, match=how.products_by), now)
        case Kind.PRICES:
            return await put_prices(tx, PutPrices(**many, products_by=how.products_by), now)
        case Kind.STOCKS:
            return await count_stock(tx, CountStock(**many, skus_by=how.skus_by, batch_id=batch.batch_id), now)
