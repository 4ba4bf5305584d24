"""The match codes of the query: how a batch's rows name stores, products and SKUs (contract, section 6).

Litestar tells parameters apart by their names in the functions: no two providers of a handler may share one.
"""

from typing import Annotated, Any

from litestar.di import Provide
from litestar.params import QueryParameter

from balcao.base.errors import Invalid
from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.sellers.rules.match import SellerMatch, read_match

_SELLERS = "What `SellerCode` is: `cnpj` (default), `pointSaleId` or `id`."
_PRODUCTS = "What `ProductCode` is: `code` (default), `auxCode`, `referenceCode` or `id`."
_PROCUCTS = "The documented misspelling of `ProductMatchCode`."
_SKUS = "What `SkuCode` is: `code` (default), `auxCode`, `barcode` or `id`."

Product = Annotated[str | None, QueryParameter(name="ProductMatchCode", description=_PRODUCTS)]
Procuct = Annotated[str | None, QueryParameter(name="ProcuctMatchCode", description=_PROCUCTS)]


def read_sellers_by(
    seller_match: Annotated[str | None, QueryParameter(name="SellerMatchCode", description=_SELLERS)] = None,
) -> SellerMatch:
    """What `SellerCode` is."""
    return read_match(SellerMatch, seller_match, "SellerMatchCode")


def read_products_by(product_match: Product = None, procuct_match: Procuct = None) -> ProductMatch:
    """What `ProductCode` is."""
    return read_match(ProductMatch, product_match or procuct_match, "ProductMatchCode")


def read_skus_by(
    sku_match: Annotated[str | None, QueryParameter(name="SkuMatchCode", description=_SKUS)] = None,
) -> SkuMatch:
    """What `SkuCode` is."""
    return read_match(SkuMatch, sku_match, "SkuMatchCode")


def refuse_other(match: ProductMatch | SkuMatch, parameter: str) -> None:
    """Raise Invalid for anything but the code: that is what records are found by when they are written whole."""
    if match not in (ProductMatch.CODE, SkuMatch.CODE):
        raise Invalid(errors={parameter: ["must be code: these records are written by their code"]})


SELLERS_BY: Any = Provide(read_sellers_by, sync_to_thread=False)
PRODUCTS_BY: Any = Provide(read_products_by, sync_to_thread=False)
SKUS_BY: Any = Provide(read_skus_by, sync_to_thread=False)
