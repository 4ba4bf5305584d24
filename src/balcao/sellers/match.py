"""Find the stores that a batch's rows name."""

from collections.abc import Iterable
from typing import Any

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.sellers.find import find_sellers
from balcao.sellers.rules.match import SellerMatch, read_seller_codes
from balcao.sellers.rules.model import Seller


async def match_sellers(tx: Tx, tenant: Tenant, match: SellerMatch, codes: Iterable[str]) -> dict[str, Seller]:
    """The stores by the codes as sent; a code that names none is absent."""
    kept = read_seller_codes(match, codes)
    if not kept:
        return {}
    arguments: dict[str, Any] = {_ARGUMENT[match]: list(set(kept.values()))}
    sellers = await find_sellers(tx, tenant, **arguments)
    by_code: dict[Any, Seller] = {getattr(seller, _FIELD[match]): seller for seller in sellers}
    return {code: by_code[key] for code, key in kept.items() if key in by_code}


_ARGUMENT = {SellerMatch.CNPJ: "cnpjs", SellerMatch.POINT_SALE_ID: "point_sale_ids", SellerMatch.ID: "ids"}
_FIELD = {SellerMatch.CNPJ: "cnpj", SellerMatch.POINT_SALE_ID: "point_sale_id", SellerMatch.ID: "seller_id"}
