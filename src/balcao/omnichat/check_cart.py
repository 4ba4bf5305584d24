"""Check a cart as it changes: what cannot be sold, and how the rest can be sent (contract, section 2)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid
from balcao.base.values import Micros, ProductId, SellerId, SkuId, Tenant, new_id
from balcao.catalog.find import find_prices
from balcao.catalog.rules.model import Price, SkuFacts
from balcao.freight.networks import Networks
from balcao.freight.rules.model import Option, QuoteFreight, Terms
from balcao.omnichat.prepare import asked_item, name_skus, quote_or_refusal
from balcao.omnichat.rules.cart import Advice, Cart, read_cart
from balcao.omnichat.rules.choosing import candidates, named_store, why_unavailable
from balcao.omnichat.rules.model import Integration
from balcao.omnichat.rules.order import find_sku
from balcao.omnichat.rules.provision import AskedLine
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller
from balcao.stock.find import find_levels
from balcao.stock.rules.model import Level


class CheckCart(msgspec.Struct, frozen=True, kw_only=True):
    """The cart as OmniChat sent it."""

    tenant: Tenant
    integration: Integration
    body: str


class _Facts(NamedTuple):
    """What the house knows of a cart."""

    named: Mapping[str, SkuFacts]
    stores: Sequence[Seller]
    prices: Mapping[tuple[ProductId, SellerId], Price]
    levels: Mapping[tuple[SellerId, SkuId], Level]


class _Good(NamedTuple):
    """A line that can be sold."""

    line: AskedLine
    sku: SkuFacts


async def check_cart(db: Database, networks: Networks, cmd: CheckCart, now: Micros) -> list[Advice]:
    """What the salesperson is told: an error for each item that cannot be sold, and where there is an address the ways
    to send each of the others. A valid cart without address is nothing to talk about. Reserves nothing.
    """
    cart = read_cart(cmd.body)
    if not cart.lines:
        return []
    async with db.read() as tx:
        facts = await _look_up(tx, cmd, cart)
    advices, good = _judge(cart, facts)
    if not good or cart.cep is None:
        return advices
    if not cart.cep:
        return advices + [Advice.error(each.line, "O CEP do endereço é inválido.") for each in good]
    ask = _question(cmd, cart.cep, [_priced(each, facts) for each in good], facts, now)
    options = await _quote(networks, ask)
    if isinstance(options, str):
        return advices + [Advice.error(each.line, _sentence(options)) for each in good]
    return advices + [Advice.info(each.line, options, cart.shipping_method) for each in good]


async def _look_up(tx: Tx, cmd: CheckCart, cart: Cart) -> _Facts:
    named = await name_skus(tx, cmd.tenant, cart.lines)
    sellers = await list_active_sellers(tx, cmd.tenant)
    named_one = named_store(cart.teams, cart.lines, cmd.integration, sellers)
    stores = candidates(cmd.integration, named_one, sellers)
    ids = [store.seller_id for store in stores]
    products = list({sku.product_id for sku in named.values()})
    return _Facts(
        named=named,
        stores=stores,
        prices=await find_prices(tx, cmd.tenant, ids, products),
        levels=await find_levels(tx, cmd.tenant, ids, list({sku.sku_id for sku in named.values()})),
    )


def _judge(cart: Cart, facts: _Facts) -> tuple[list[Advice], list[_Good]]:
    """The errors, and the lines that have none."""
    found = [(line, find_sku(line, facts.named)) for line in cart.lines]
    needs = Counter[SkuId]()
    for line, sku in found:
        if isinstance(sku, SkuFacts):
            needs[sku.sku_id] += line.quantity
    advices, good = [], []
    for line, sku in found:
        wrong = cart.wrong.get(line.object_id) or _why_not(line, sku, needs, facts)
        if wrong is not None:
            advices.append(Advice.error(line, _sentence(wrong)))
        elif isinstance(sku, SkuFacts):
            good.append(_Good(line, sku))
    return advices, good


def _why_not(line: AskedLine, sku: SkuFacts | str, needs: Mapping[SkuId, int], facts: _Facts) -> str | None:
    if isinstance(sku, str):
        return sku
    if _price(sku, facts) is None:
        return f"o item {line.shown} não tem preço"
    nothing = Level(0, 0)
    best = max((facts.levels.get((s.seller_id, sku.sku_id), nothing).available for s in facts.stores), default=0)
    if needs[sku.sku_id] > best:
        return f"sem estoque do item {line.shown}: {needs[sku.sku_id]} pedidos, {max(best, 0)} disponíveis"
    return None


def _price(sku: SkuFacts, facts: _Facts) -> Price | None:
    prices = (facts.prices.get((sku.product_id, store.seller_id)) for store in facts.stores)
    return next((price for price in prices if price is not None), None)


def _priced(each: _Good, facts: _Facts) -> _Good:
    """With the catalogue's price where the cart has none: freight may depend on what the goods are worth."""
    price = _price(each.sku, facts)
    if each.line.price or price is None:
        return each
    return _Good(msgspec.structs.replace(each.line, price=price.price), each.sku)


def _question(cmd: CheckCart, cep: str, good: Sequence[_Good], facts: _Facts, now: Micros) -> QuoteFreight:
    return QuoteFreight(
        tenant=cmd.tenant,
        quote_id=new_id(),
        platform=cmd.integration.channel,
        cep=cep,
        items=tuple(asked_item(each.line, each.sku) for each in good),
        terms=Terms(now=now),
        seller_cnpjs=frozenset(store.cnpj for store in facts.stores),
    )


async def _quote(networks: Networks, ask: QuoteFreight) -> Sequence[Option] | str:
    quoted = await quote_or_refusal(networks, ask)
    if isinstance(quoted, Invalid):
        return quoted.detail
    options = [option for package in quoted.quote.packages for option in package.options]
    return options or why_unavailable(quoted.quote.unavailables, ask.cep)


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."
