"""Find orders: by any of their numbers, in lists, and as a point of sale polls for them."""

import re
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict, NotFound
from balcao.base.paging import Page, PageAsk
from balcao.base.values import OrderId, Tenant
from balcao.orders.rules.listing import OrderFilter, OrderLine
from balcao.orders.rules.model import Order
from balcao.orders.rules.searching import understand
from balcao.orders.rules.seeing import may_see
from balcao.orders.rules.whole import Whole
from balcao.orders.store import keys, lists, load
from balcao.tenants.rules import Caller

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class By(StrEnum):
    """By which of its numbers an order is asked for."""

    ID = "id"
    """Its GUID, or the channel's external id when it is no GUID."""
    EXTERNAL_ID = "externalId"
    NUMBER = "orderNumber"
    """The channel's external id or the friendly code."""
    SELLER_ORDER_ID = "sellerOrderId"


class OrderRef(msgspec.Struct, frozen=True, kw_only=True):
    """How a request names an order; channel settles which one where an external id stands in several channels."""

    by: By
    value: str
    channel: str | None = None


class AskOrder(msgspec.Struct, frozen=True):
    """One order by its GUID (`guid_of` the reference), for one caller."""

    caller: Caller
    ref: OrderRef


async def resolve_order(tx: Tx, caller: Caller, ref: OrderRef) -> OrderId:
    """The id of the one order that the caller means; nothing is locked, and a GUID is taken as it is: the verbs look.

    Raises NotFound when there is none that it may see, Conflict when there are several.
    """
    own = guid_of(ref)
    return own if own is not None else await see_order(tx, caller, ref)


async def see_order(tx: Tx, caller: Caller, ref: OrderRef) -> OrderId:
    """The id of the one order that the caller means and may see. Raises as `resolve_order` does."""
    own = guid_of(ref)
    candidates = [own] if own is not None else await _candidates(tx, caller, ref)
    orders = await load.load_orders(tx, caller.tenant, candidates) if candidates else {}
    return _only_one(caller, ref, list(orders.values())).order_id


async def get_order(tx: Tx, caller: Caller, ref: OrderRef) -> Whole:
    """The one order that the caller means, with its history. Raises as `resolve_order` does."""
    own = guid_of(ref)
    candidates = [own] if own is not None else await _candidates(tx, caller, ref)
    found = await load.load_whole(tx, caller.tenant, candidates) if candidates else {}
    return found[_only_one(caller, ref, [whole.order for whole in found.values()]).order_id]


async def get_orders(tx: Tx, tenant: Tenant, asked: Sequence[AskOrder]) -> list[Whole | NotFound]:
    """Each order by its GUID, in one statement for all of them; NotFound where its asker may not see it."""
    found = await load.load_whole(tx, tenant, list({OrderId(UUID(each.ref.value)) for each in asked}))
    return [_answer(each, found.get(OrderId(UUID(each.ref.value)))) for each in asked]


async def get_whole_orders(tx: Tx, caller: Caller, ids: Sequence[OrderId]) -> list[Whole]:
    """Those of the orders that the caller may see, in the order of the ids, in one statement."""
    found = await load.load_whole(tx, caller.tenant, ids) if ids else {}
    return [found[key] for key in ids if key in found and may_see(caller, found[key].order)]


async def find_file(tx: Tx, tenant: Tenant, order_id: OrderId, name: str) -> str:
    """Where an order's file is stored: `xml_{key}.xml`, `file_{key}.pdf`, `label_{n}`. Raises NotFound."""
    order = (await load.load_orders(tx, tenant, [order_id])).get(order_id)
    paths = {} if order is None else _file_paths(order)
    if name not in paths:
        raise NotFound("There is no such file.", code="file_not_found")
    return paths[name]


async def list_orders(tx: Tx, caller: Caller, wanted: OrderFilter, ask: PageAsk) -> Page[OrderLine]:
    """One page of the orders that the caller may see (contract, section 3.3). Raises Invalid for too long a query."""
    sought = None if wanted.query is None else understand(wanted.query)
    return await lists.list_lines(tx, caller, wanted, ask, sought)


def is_settled(caller: Caller, wanted: OrderFilter, ask: PageAsk) -> bool:
    """Whether `list_orders` goes the same way whatever the values are, so that `base.db.LISTED` suits it."""
    return lists.is_settled(caller, wanted, ask)


async def list_ends(tx: Tx, caller: Caller, wanted: OrderFilter, *, oldest: int, newest: int) -> list[OrderLine]:
    """Of each status the oldest and the newest so many of the orders that the caller may see, oldest first."""
    return await lists.list_ends(tx, caller, wanted, oldest, newest)


async def poll_seller_orders(tx: Tx, caller: Caller, seller_cnpj: str, wanted: OrderFilter) -> list[Whole]:
    """At most 200 of a store's orders, oldest change first: who keeps the newest `lastUpdate` loses nothing.

    `base.db.LISTED` suits it.
    """
    return await lists.poll_seller(tx, caller, seller_cnpj, wanted)


def _file_paths(order: Order) -> dict[str, str]:
    bodies = {invoice.access_key: invoice.body for invoice in order.invoices}
    xml = {f"xml_{key}.xml": body.xml_path for key, body in bodies.items() if body.xml_path}
    danfe = {f"file_{key}.pdf": body.danfe_path for key, body in bodies.items() if body.danfe_path}
    return xml | danfe | {f"label_{label.number}": label.path for label in order.labels}


def guid_of(ref: OrderRef) -> OrderId | None:
    """The GUID that the reference is, if it is one: 32 digits without hyphens are somebody's external id."""
    if ref.by is By.ID and _GUID.fullmatch(ref.value):
        return OrderId(UUID(ref.value))
    return None


async def _candidates(tx: Tx, caller: Caller, ref: OrderRef) -> list[OrderId]:
    if ref.by is By.SELLER_ORDER_ID:
        return await keys.find_by_seller_order_id(tx, caller.tenant, ref.value)
    found = await keys.find_by_external_id(tx, caller.tenant, ref.value, ref.channel or caller.channel)
    if not found and ref.by is By.NUMBER:
        return await keys.find_by_friendly_code(tx, caller.tenant, ref.value.strip().upper())
    return found


def _answer(asked: AskOrder, found: Whole | None) -> Whole | NotFound:
    return found if found and _is_meant(asked.caller, asked.ref, found.order) else _unknown(asked.ref)


def _only_one(caller: Caller, ref: OrderRef, orders: Sequence[Order]) -> Order:
    seen = [order for order in orders if _is_meant(caller, ref, order)]
    if not seen:
        raise _unknown(ref)
    if len(seen) > 1:
        channels = sorted({order.channel for order in seen})
        raise Conflict(
            f"Several orders have {ref.by.value} {ref.value!r}; say which by `?channel=` ({', '.join(channels)}).",
            code="ambiguous_order",
            channels=channels,
        )
    return seen[0]


def _is_meant(caller: Caller, ref: OrderRef, order: Order) -> bool:
    return may_see(caller, order) and ref.channel in {None, order.channel}


def _unknown(ref: OrderRef) -> NotFound:
    return NotFound(f"There is no order with {ref.by.value} {ref.value!r}.", code="order_not_found")
