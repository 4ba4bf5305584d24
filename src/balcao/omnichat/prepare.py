"""Prepare provisionings: read what they ask for, find SKUs and stores, quote. Nothing is written and nothing held."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid
from balcao.base.values import Micros, SellerId, SkuId, Tenant, new_id
from balcao.catalog.find import find_skus
from balcao.catalog.match import match_skus
from balcao.catalog.rules.match import SkuMatch
from balcao.catalog.rules.model import SkuFacts
from balcao.freight.networks import Networks
from balcao.freight.quote import Quoted, quote_freight
from balcao.freight.rules.model import AskedItem, QuoteFreight, Terms
from balcao.omnichat.rules.choosing import Chosen, candidates, choose_option, choose_shelf, named_store
from balcao.omnichat.rules.model import Hook, Integration
from balcao.omnichat.rules.order import find_sku, new_order
from balcao.omnichat.rules.provision import Asked, AskedLine, read_provision
from balcao.omnichat.store.integrations import list_integrations
from balcao.orders.rules.new_order import NewOrder
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller
from balcao.stock.find import find_levels
from balcao.stock.rules.model import Level
from balcao.tenants.channels import get_channels
from balcao.tenants.rules import StockPolicy


class Prepared(NamedTuple):
    """A provisioning with the order to place, or the reasons why there is none."""

    hook: Hook
    integration: Integration | None
    order: NewOrder | None
    reasons: tuple[str, ...] = ()


class _Open(NamedTuple):
    """One that may still come to an order: what it asks for, its SKUs, and the stores that may fulfil it."""

    hook: Hook
    integration: Integration
    asked: Asked
    skus: list[SkuFacts]
    stores: list[Seller]
    looks_at_stock: bool

    @property
    def is_quoted(self) -> bool:
        """Whether carriers are asked: for a delivery in the country."""
        return bool(self.stores) and self.asked.pickup is None and not self.asked.is_abroad

    @property
    def needs(self) -> dict[SkuId, int]:
        """Units by SKU."""
        needs = Counter[SkuId]()
        for line, sku in zip(self.asked.lines, self.skus, strict=True):
            needs[sku.sku_id] += line.quantity
        return dict(needs)


async def prepare_provisions(
    db: Database, networks: Networks, tenant: Tenant, hooks: Sequence[Hook], now: Micros
) -> list[Prepared]:
    """Each hook's order to place, or the reasons that refuse it; in the order of the hooks."""
    read = {hook.hook_id: read_provision(hook.body) for hook in hooks}
    lines = [line for asked in read.values() if isinstance(asked, Asked) for line in asked.lines]
    async with db.read() as tx:
        integrations = {each.integration_id: each for each in await list_integrations(tx, tenant)}
        channels = await get_channels(tx, tenant, sorted({each.channel for each in integrations.values()}))
        named = await name_skus(tx, tenant, lines)
        sellers = await list_active_sellers(tx, tenant)
    refused: dict[object, Prepared] = {}
    open_: list[_Open] = []
    for hook in hooks:
        integration, asked = integrations.get(hook.integration_id), read[hook.hook_id]
        if integration is None or not isinstance(asked, Asked):
            reasons = asked if isinstance(asked, list) else ["a integração não existe mais"]
            refused[hook.hook_id] = Prepared(hook, integration, None, tuple(reasons))
            continue
        found = [find_sku(line, named) for line in asked.lines]
        wrong = [each for each in found if isinstance(each, str)]
        if wrong:
            refused[hook.hook_id] = Prepared(hook, integration, None, tuple(wrong))
            continue
        stores = _stores(asked, integration, sellers)
        channel = channels.get(integration.channel)
        looks = channel is None or channel.stock_policy is StockPolicy.REJECT
        open_.append(_Open(hook, integration, asked, [s for s in found if not isinstance(s, str)], stores, looks))
    chosen = await _choose(db, networks, tenant, open_, now)
    ready = {each.hook.hook_id: _ready(each, chosen[each.hook.hook_id]) for each in open_}
    return [refused.get(hook.hook_id) or ready[hook.hook_id] for hook in hooks]


async def name_skus(tx: Tx, tenant: Tenant, lines: Sequence[AskedLine]) -> dict[str, SkuFacts]:
    """The SKUs by what items call them: code before bar code before id."""
    names = sorted({name for line in lines for name in line.names})
    if not names:
        return {}
    codes = {name: name for name in names}
    by_id = await match_skus(tx, tenant, SkuMatch.ID, names)
    by_barcode = await match_skus(tx, tenant, SkuMatch.BARCODE, names)
    by_code = await match_skus(tx, tenant, SkuMatch.CODE, names)
    for matches in (by_id, by_barcode, by_code):
        codes |= {name: ref.code for name, ref in matches.found.items()}
    facts = await find_skus(tx, tenant, sorted(set(codes.values())))
    return {name: facts[code] for name, code in codes.items() if code in facts}


def _stores(asked: Asked, integration: Integration, sellers: Sequence[Seller]) -> list[Seller]:
    if asked.pickup:
        return [seller for seller in sellers if seller.cnpj == asked.pickup]
    return candidates(integration, named_store(asked.teams, asked.lines, integration, sellers), sellers)


async def _choose(
    db: Database, networks: Networks, tenant: Tenant, open_: Sequence[_Open], now: Micros
) -> Mapping[object, Chosen | str]:
    delivered = [each for each in open_ if each.is_quoted]
    others = [each for each in open_ if not each.is_quoted]
    questions = [_question(tenant, each, now) for each in delivered]
    quotes = await asyncio.gather(*(quote_or_refusal(networks, ask) for ask in questions))
    async with db.read() as tx:
        levels = await _levels(tx, tenant, others)
    chosen: dict[object, Chosen | str] = {
        each.hook.hook_id: choose_shelf(each.asked, each.stores, levels, each.needs) for each in others
    }
    for each, quoted in zip(delivered, quotes, strict=True):
        chosen[each.hook.hook_id] = _chosen(each.asked, quoted)
    return chosen


async def _levels(tx: Tx, tenant: Tenant, asked: Sequence[_Open]) -> dict[tuple[SellerId, SkuId], Level]:
    stores = {store.seller_id for each in asked for store in each.stores}
    return await find_levels(tx, tenant, sorted(stores), sorted({sku for each in asked for sku in each.needs}))


async def quote_or_refusal(networks: Networks, ask: QuoteFreight) -> Quoted | Invalid:
    """The quote, or why the cart is none; those asked for at once share their look at the stock."""
    try:
        return await quote_freight(networks, ask)
    except Invalid as error:
        return error


def _question(tenant: Tenant, each: _Open, now: Micros) -> QuoteFreight:
    return QuoteFreight(
        tenant=tenant,
        quote_id=new_id(),
        platform=each.integration.channel,
        cep=each.asked.address.cep if each.asked.address else "",
        items=tuple(asked_item(line, sku) for line, sku in zip(each.asked.lines, each.skus, strict=True)),
        terms=Terms(now=now),
        seller_cnpjs=frozenset(store.cnpj for store in each.stores),
        check_stock=each.looks_at_stock,
    )


def asked_item(line: AskedLine, sku: SkuFacts) -> AskedItem:
    """An item as the freight engine asks for it: grams and centimetres as sent, where the catalogue is silent."""
    sides = line.sides_cm
    return AskedItem(
        sku=sku.code,
        quantity=line.quantity,
        price=line.price,
        weight_mg=None if line.weight_g is None else int(line.weight_g * 1000),
        sides_um=None if sides is None else (int(sides[0] * 10_000), int(sides[1] * 10_000), int(sides[2] * 10_000)),
    )


def _chosen(asked: Asked, quoted: Quoted | Invalid) -> Chosen | str:
    return quoted.detail if isinstance(quoted, Invalid) else choose_option(asked, quoted.quote)


def _ready(each: _Open, chosen: Chosen | str) -> Prepared:
    if isinstance(chosen, str):
        return Prepared(each.hook, each.integration, None, (chosen,))
    return Prepared(each.hook, each.integration, new_order(each.asked, each.integration, chosen, each.skus))
