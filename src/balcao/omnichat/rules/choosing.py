"""Which store fulfils an order, with which freight, or why none can (contract, section 2). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from balcao.base.values import SellerId, SkuId, strip_document
from balcao.freight.rules.model import Option, OptionType, Quote, Reason, Unavailable
from balcao.omnichat.rules.model import Integration
from balcao.omnichat.rules.provision import PICKUP, Asked, AskedLine
from balcao.orders.rules.model import Freight
from balcao.sellers.rules import Seller
from balcao.stock.rules.model import Level


class Chosen(NamedTuple):
    """The store, and the freight as the order keeps it."""

    seller: Seller
    freight: Freight


def named_store(
    teams: Iterable[str], lines: Iterable[AskedLine], integration: Integration, sellers: Sequence[Seller]
) -> Seller | None:
    """The active store that the order names: its team's, else the first that an item names, else the default one.

    A name that nobody knows names none.
    """
    by_id = {seller.seller_id: seller for seller in sellers}
    by_name: dict[str, Seller] = {}
    for seller in sellers:
        for name in (str(seller.seller_id), seller.cnpj, seller.point_sale_id):
            if name:
                by_name.setdefault(name, seller)
    of_teams = (by_id.get(integration.teams[team]) for team in teams if team in integration.teams)
    of_lines = (by_name.get(line.seller) or by_name.get(strip_document(line.seller)) for line in lines if line.seller)
    default = by_id.get(integration.seller_id) if integration.seller_id else None
    return next(filter(None, (*of_teams, *of_lines, default)), None)


def candidates(integration: Integration, named: Seller | None, sellers: Sequence[Seller]) -> list[Seller]:
    """The active stores that may fulfil: the named one, else the integration's, else all."""
    if named is not None:
        return [named]
    own = set(integration.store_ids)
    return [seller for seller in sellers if not own or seller.seller_id in own]


def choose_option(asked: Asked, quote: Quote) -> Chosen | str:
    """The best delivery, by the shipping method that was sold where the engine knows it; or why there is none."""
    deliveries = [
        option for package in quote.packages for option in package.options if option.type is OptionType.DELIVERY
    ]
    if not deliveries:
        return why_unavailable(quote.unavailables, asked.address.cep if asked.address else "")
    wanted = asked.shipping_method.casefold()
    fitting = [each for each in deliveries if wanted in (each.reference.casefold(), each.description.casefold())]
    option = (fitting or deliveries)[0]
    return Chosen(option.seller, _freight(asked, option if fitting or not asked.shipping_method else None, option))


def choose_shelf(
    asked: Asked, stores: Sequence[Seller], levels: Mapping[tuple[SellerId, SkuId], Level], needs: Mapping[SkuId, int]
) -> Chosen | str:
    """Where no CEP is asked for: the first store that has everything, else the first one: its stock says no later."""
    open_ones = [store for store in stores if asked.pickup is None or store.pickup_enabled]
    if not open_ones:
        return "nenhuma loja permite retirada" if stores else "nenhuma loja atende o pedido"
    store = next((each for each in open_ones if _holds(each, levels, needs)), open_ones[0])
    return Chosen(store, _freight(asked, None, None))


def why_unavailable(unavailables: Sequence[Unavailable], cep: str) -> str:
    """Why a cart cannot be delivered, in Portuguese."""
    told = [words for each in unavailables if (words := _why(each)) is not None]
    return "; ".join(dict.fromkeys(told)) or f"o CEP {cep} não é atendido para estes itens"


def _why(gone: Unavailable) -> str | None:
    match gone.reason:
        case Reason.OUT_OF_STOCK | Reason.NO_STORE:
            return f"sem estoque do item {gone.sku}: {gone.quantity} pedidos, {gone.available} disponíveis"
        case Reason.UNKNOWN_SKU | Reason.INACTIVE_SKU:
            return f"o item {gone.sku} não existe ou está inativo"
        case Reason.NO_COMMON_STORE:
            return f"nenhuma loja tem o item {gone.sku} junto com os outros"
        case _:
            return None


def _holds(store: Seller, levels: Mapping[tuple[SellerId, SkuId], Level], needs: Mapping[SkuId, int]) -> bool:
    nothing = Level(0, 0)
    return all(levels.get((store.seller_id, sku), nothing).available >= need for sku, need in needs.items())


def _freight(asked: Asked, sold: Option | None, best: Option | None) -> Freight:
    """As it was sold; sold: the option that this is; best: the one that says what was not said."""
    pickup = asked.pickup is not None
    method = sold.reference if sold else (PICKUP if pickup else asked.shipping_method)
    return Freight(
        amount=asked.freight_amount,
        delivery_time=asked.delivery_days or (best.delivery_time if best else 0),
        reference=method,
        description=sold.description if sold else asked.shipping_method,
    )
