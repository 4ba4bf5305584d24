"""Quote a cart: what can be sent from where, for how much, until when. Nothing is ordered and nothing reserved."""

import secrets
from collections.abc import Mapping, Sequence

from balcao.base.db import Tx
from balcao.base.values import Micros, SkuId, Tenant
from balcao.catalog.find import find_skus
from balcao.catalog.rules import SkuFacts
from balcao.freight.rules.cart import check_items, choose_sellers, shelves_to_price, weigh_items, weight_window
from balcao.freight.rules.draw import draw_quote, key_options
from balcao.freight.rules.model import KEEP_US, Line, Quote, QuoteFreight, Shelf
from balcao.freight.rules.options import Means, Tariffs
from balcao.freight.store.offers import insert_offers
from balcao.freight.store.tariffs import find_tariffs
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller
from balcao.stock.find import find_levels
from balcao.tenants.channels import get_channels
from balcao.tenants.rules import StockPolicy


async def quote_freight(tx: Tx, ask: QuoteFreight, now: Micros) -> Quote:
    """The ways to get the cart to the buyer (contract, section 4), by a fixed number of queries.

    With `persist` every option is kept for 15 days under a calculation key that orders may name. A channel whose
    `stock_policy` is `off` is quoted without a look at the stock.
    Raises Invalid for bad items and for a forced origin that is none of the active stores.
    """
    check_items(ask)
    channel = (await get_channels(tx, ask.tenant, [ask.platform])).get(ask.platform)
    sellers = choose_sellers(await list_active_sellers(tx, ask.tenant), ask)
    skus = await find_skus(tx, ask.tenant, sorted({item.sku for item in ask.items}))
    lines, unknown = weigh_items(ask.items, skus, use_catalog_measure=ask.use_catalog_measure)
    is_checked = ask.check_stock and (channel is None or channel.stock_policy is not StockPolicy.OFF)
    shelves = (
        await _look_at_shelves(tx, ask.tenant, sellers, skus) if is_checked else [Shelf(one, None) for one in sellers]
    )
    tariffs = await _read_tariffs(tx, ask, lines, shelves)
    quote = draw_quote(lines, unknown, Means(shelves, tariffs, ask.terms))
    return await _keep(tx, ask, quote, now) if ask.persist else quote


async def _look_at_shelves(
    tx: Tx, tenant: Tenant, sellers: Sequence[Seller], skus: Mapping[str, SkuFacts]
) -> list[Shelf]:
    levels = await find_levels(
        tx, tenant, [seller.seller_id for seller in sellers], [sku.sku_id for sku in skus.values()]
    )
    codes: dict[SkuId, str] = {sku.sku_id: code for code, sku in skus.items()}
    held: dict[object, dict[str, int]] = {seller.seller_id: {} for seller in sellers}
    for (seller_id, sku_id), level in levels.items():
        held[seller_id][codes[sku_id]] = level.available
    return [Shelf(seller, held[seller.seller_id]) for seller in sellers]


async def _read_tariffs(tx: Tx, ask: QuoteFreight, lines: Sequence[Line], shelves: Sequence[Shelf]) -> Tariffs:
    asked = shelves_to_price(shelves, lines, ask.terms) if lines else []
    senders = [shelf.seller.seller_id for shelf in asked if shelf.seller.delivery_enabled]
    if not senders:
        return Tariffs(())
    window = weight_window(lines, ask.terms)
    return Tariffs(await find_tariffs(tx, ask.tenant, senders, cep=int(ask.cep), weights_g=window))


async def _keep(tx: Tx, ask: QuoteFreight, quote: Quote, now: Micros) -> Quote:
    """Keys are 192 random bits: nobody guesses another's offer."""
    keyed, options = key_options(quote, lambda: secrets.token_urlsafe(24))
    if options:
        await insert_offers(
            tx, ask.tenant, options, quote_id=ask.quote_id, platform=ask.platform, expires_us=Micros(now + KEEP_US)
        )
    return keyed
