"""Quote a cart: what can be sent from where, for how much, until when. Nothing is ordered and nothing reserved."""

import asyncio
import secrets
from collections.abc import Generator, Sequence
from typing import NamedTuple

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.freight.networks import Networks
from balcao.freight.rules.cart import Stockroom, check_items, choose_places, needs_of, read_cart
from balcao.freight.rules.desk import Desk
from balcao.freight.rules.draw import draw_quote, key_options
from balcao.freight.rules.explain import Explanation, explain
from balcao.freight.rules.model import KEEP_US, AskFacts, Facts, Quote, QuoteFreight, to_e4
from balcao.freight.rules.network import Network
from balcao.freight.store.offers import NewOffer, insert_offers
from balcao.tenants.rules import StockPolicy


class Quoted(NamedTuple):
    """A quote, the network that it is wholly from, and why it is so, where that was asked for."""

    quote: Quote
    network: Network
    explanation: Explanation | None = None


async def quote_freight(networks: Networks, ask: QuoteFreight) -> Quoted:
    """The ways to get the cart to the buyer (contract, section 4): one query for SKUs and stock, the rest from memory.

    Carts that are asked for while such a query is under way share the next one.

    A channel whose `stock_policy` is `off` is quoted without a look at the stock. Raises Invalid for bad items and
    for a forced origin that is none of the active stores, Unavailable while the database is away.
    """
    check_items(ask)
    skus = frozenset(item.sku for item in ask.items)
    facts = await networks.facts.ask(ask.tenant, AskFacts(ask.platform, skus, ask.check_stock))
    network = await networks.at(ask.tenant, facts.version, facts.sellers_us)
    drawing = draw(network, ask, facts)
    while True:
        try:
            next(drawing)
        except StopIteration as drawn:
            quoted: Quoted = drawn.value
            return quoted
        await asyncio.sleep(0)


def draw(network: Network, ask: QuoteFreight, facts: Facts) -> Generator[None, None, Quoted]:
    """The quote, without any further look at the database. Stops now and then, to let others work."""
    places = choose_places(network, ask)
    lines, unknown = read_cart(ask, facts.skus)
    is_checked = ask.check_stock and facts.stock_policy != StockPolicy.OFF
    room = Stockroom(places, needs_of(lines), facts.skus if is_checked else None)
    cart_e4 = sum(to_e4(line.price) * line.quantity for line in lines)
    desk = Desk(network, ask.terms, cep=int(ask.cep), channel=ask.platform, cart_e4=cart_e4)
    quote = yield from draw_quote(desk, lines, unknown, room)
    return Quoted(quote, network, explain(desk, ask, lines, room, quote) if ask.explain else None)


class KeepQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A quote to keep, as drawn; and what it answers."""

    ask: QuoteFreight
    quote: Quote


async def keep_quotes(tx: Tx, tenant: Tenant, cmds: Sequence[KeepQuote], now: Micros) -> list[Quote]:
    """Each quote with a calculation key on every option, all kept for 15 days, so that orders may name them.

    Keys are 192 random bits: nobody guesses another's offer.
    """
    kept, offers = [], []
    for cmd in cmds:
        keyed, options = key_options(cmd.quote, lambda: secrets.token_urlsafe(24))
        kept.append(keyed)
        offers += [NewOffer(cmd.ask.quote_id, cmd.ask.platform, option) for option in options]
    if offers:
        await insert_offers(tx, tenant, offers, expires_us=Micros(now + KEEP_US))
    return kept
