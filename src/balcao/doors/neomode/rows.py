"""Read the rows of a kept batch: from what the ERP sent to the drafts of the verbs. The worker's eyes."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from balcao.catalog.rules.drafts import PriceDraft
from balcao.doors.batches import Convert, InColumns, Parts, convert_rows
from balcao.doors.neomode.catalog import asked
from balcao.doors.neomode.catalog.understand import categories_of, count_columns, price_columns, product_of, sku_of
from balcao.doors.neomode.sellers.asked import SellerAsked, draft_of
from balcao.doors.neomode.skim import SkimmedProducts, skim_products
from balcao.doors.wire import RowsReader
from balcao.imports.rules.model import Batch, Kind, ReadRows, RowsRead, Skimmed
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
    Kind.PRICES: _Form(
        RowsReader(asked.PriceAsked, shared=("price", "old_price")), InColumns(PriceDraft, price_columns)
    ),
    Kind.STOCKS: _Form(RowsReader(asked.StockAsked), InColumns(StockCount, count_columns)),
}


class _RowsRead:
    def skim(self, batch: Batch, body: bytes) -> Skimmed | None:
        """What products the rows are, where they are of some; None where that is not known without reading them."""
        return skim_products(body) if batch.kind is Kind.PRODUCTS else None

    def __call__(
        self, batch: Batch, body: bytes, skimmed: Skimmed | None = None, standing: Collection[int] = ()
    ) -> RowsRead:
        """The records of a batch. Raises Invalid for a body that is no array, which none is that was taken in."""
        form = _FORMS[batch.kind]
        if isinstance(skimmed, SkimmedProducts) and (read := skimmed.read(form.reader, standing)) is not None:
            return read
        rows = form.reader.read(body)
        if batch.kind is Kind.STOCKS and batch.how.counted_us is not None:
            return convert_rows(rows, InColumns(StockCount, partial(count_columns, counted_us=batch.how.counted_us)))
        return convert_rows(rows, form.convert)


read_rows: Final[ReadRows] = _RowsRead()
