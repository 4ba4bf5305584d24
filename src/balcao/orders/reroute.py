"""Send an order that its store cannot fulfil to another one that can, as the freight engine says."""

from typing import NamedTuple

import msgspec

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError, Conflict
from balcao.base.values import Micros, OrderId, Tenant, new_id
from balcao.freight.networks import Networks
from balcao.freight.quote import quote_freight
from balcao.freight.rules.model import AskedItem, Option, OptionType, QuoteFreight, Terms
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.model import Order
from balcao.orders.rules.picking import Target, reroute, why_not_reroute
from balcao.orders.store import load
from balcao.orders.store import picks as store
from balcao.stock.reserve import lock_levels
from balcao.tenants.rules import Caller


class Rerouting(NamedTuple):
    """Where the order went, or why it stayed."""

    to: Target | None
    why_not: str


class RerouteOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Send this order to that store."""

    caller: Caller
    order_id: OrderId
    to: Target


async def find_way(db: Database, networks: Networks, caller: Caller, order_id: OrderId, now: Micros) -> Rerouting:
    """The store that the freight engine would send the order from instead, with all of its items and by a carrier.

    Best the service that was sold, from wherever it costs least; else the cheapest one.
    """
    async with db.read() as tx:
        order = (await load.load_orders(tx, caller.tenant, [order_id])).get(order_id)
    why = why_not_reroute(order) if order is not None else "there is no such order"
    if order is None or why is not None or order.body.delivery_address is None:
        return Rerouting(None, why or "the order has no delivery address")
    ask = QuoteFreight(
        tenant=caller.tenant,
        quote_id=new_id(),
        platform=order.channel,
        cep=order.body.delivery_address.cep,
        items=tuple(_asked(order)),
        terms=Terms(now=now),
        ignored_cnpjs=frozenset({order.seller_cnpj}),
    )
    try:
        quote = (await quote_freight(networks, ask)).quote
    except BalcaoError as error:
        return Rerouting(None, error.detail)
    options = [option for package in quote.packages for option in package.options]
    if quote.unavailables or len(quote.packages) != 1:
        return Rerouting(None, "no other store has everything")
    best = _best(order, options)
    if best is None:
        return Rerouting(None, "no other store delivers there")
    return Rerouting(Target(best.seller.seller_id, best.seller.cnpj, best.seller.name), "")


async def reroute_order(tx: Tx, tenant: Tenant, cmd: RerouteOrder, now: Micros) -> Outcome:
    """The order in its new store, with its stock reserved there; Conflict when that has not enough any more.

    Picking begins anew. Appends `order.rerouted`.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id])
    order = changes.order(cmd.order_id)
    left: dict[object, int] = {}
    if order is not None:
        stores, skus = (order.seller_id, cmd.to.seller_id), {item.sku_id for item in order.items}
        levels = await lock_levels(tx, tenant, [(seller, sku) for seller in stores for sku in skus])
        left = {sku: level.available for (seller, sku), level in levels.items() if seller == cmd.to.seller_id}

    def rule(at: Situation) -> Decision | BalcaoError:
        return reroute(at, cmd.to, left)

    outcome = changes.decide(cmd.caller, cmd.order_id, rule)
    await changes.save(tx, now)
    if not isinstance(outcome, BalcaoError):
        await store.delete_picks(tx, tenant, [cmd.order_id])
    return outcome


async def try_reroute(db: Database, networks: Networks, caller: Caller, order_id: OrderId, now: Micros) -> Rerouting:
    """Send the order to the store that the freight engine finds; where there is none it stays, and says why."""
    found = await find_way(db, networks, caller, order_id, now)
    if found.to is None:
        return found
    cmd = RerouteOrder(caller=caller, order_id=order_id, to=found.to)
    outcome = await db.run(lambda tx: reroute_order(tx, caller.tenant, cmd, now))
    if isinstance(outcome, Conflict):
        return Rerouting(None, str(outcome.facts.get("reason", outcome.detail)))
    if isinstance(outcome, BalcaoError):
        raise outcome
    return found


def _asked(order: Order) -> list[AskedItem]:
    return [AskedItem(sku=item.sku_code, quantity=item.quantity, price=item.unit_price) for item in order.items]


def _best(order: Order, options: list[Option]) -> Option | None:
    """Options come best first."""
    delivered = [option for option in options if option.type is OptionType.DELIVERY]
    same = [option for option in delivered if option.reference == order.body.freight.reference]
    return next(iter(same or delivered), None)
