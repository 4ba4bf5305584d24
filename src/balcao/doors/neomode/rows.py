"""Read the rows of a kept batch: from what the ERP sent to the drafts of the verbs. The worker's eyes."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from balcao.catalog.rules.drafts import PriceDraft
from balcao.doors.batches import Convert, InColumns, Parts, convert_rows
from balcao.doors.neomode.catalog import asked
from balcao.doors.neomode.catalog.understand import categories_of, count_columns, price_columns, product_of, sku_of
from balcao.doors.neomode.sellers.asked import SellerAsked, draft_of
from balcao.doors.wire import RowsReader
from balcao.imports.rules.model import Batch, Kind, RowsRead
from balcao.stock.rules.model import StockCount


class _Form(NamedTuple):
    """How rows of a kind are read, and what records they are."""

    reader: RowsReader[Any]
    convert: Convert


_FORMS: Final[Mapping[Kind, _Form]] = {
    Kind.SELLERS: _Form(RowsReader(SellerAsked), draft_of),
    Kind.CATEGORIES: _Form(RowsReader(asked.CategoryAsked), Parts(categories_of)),
    Kind.PRODUCTS: _Form(RowsReader(asked.ProductAsked), product_of),
    Kind.SKUS: _Form(RowsReader(asked.LoneSkuAsked), sku_of),
    Kind.PRICES: _Form(RowsReader(asked.PriceAsked), InColumns(PriceDraft, price_columns)),
    Kind.STOCKS: _Form(RowsReader(asked.StockAsked), InColumns(StockCount, count_columns)),
}


def read_rows(batch: Batch, body: bytes) -> RowsRead:
    """The records of a batch. Raises Invalid for a body that is no array, which none is that was taken in."""
    form = _FORMS[batch.kind]
    rows = form.reader.read(body)
    if batch.kind is Kind.STOCKS and batch.how.counted_us is not None:
        return convert_rows(rows, InColumns(StockCount, partial(count_columns, counted_us=batch.how.counted_us)))
    return convert_rows(rows, form.convert)
