"""Lists of orders: the caller's own, filtered, a page at a time; and the ids that a point of sale polls for."""

import msgspec

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, OrderId
from balcao.orders.rules.listing import SELLER_POLL_MAX, OrderFilter, OrderLine
from balcao.orders.rules.seeing import CARRIER_SEES
from balcao.tenants.rules import Caller, Role

_COLUMNS = """o.order_id, o.channel, o.external_id, o.friendly_code, o.seller_order_id, o.status, o.is_delivery,
    o.is_short, o.create_us, o.last_update_us, o.sub_total_amount, o.discount_amount, o.freight_amount, o.fee_amount,
    o.bonus_amount, o.total_amount, o.freight_reference, o.freight_description, o.buyer_name, o.buyer_document,
    o.payment_types, o.invoice_key, o.tracking_code, s.cnpj AS seller_cnpj, s.name AS seller_name, s.point_sale_id"""
_SOURCE = "FROM orders o JOIN seller s ON s.tenant = o.tenant AND s.seller_id = o.seller_id WHERE o.tenant = $1"


async def list_lines(tx: Tx, caller: Caller, wanted: OrderFilter, ask: PageAsk) -> Page[OrderLine]:
    """One page of the orders that the caller may see, by orders_by_create or orders_by_last_update."""
    listing = Listing(caller.tenant, columns=_COLUMNS, source=_SOURCE, key="o.order_id")
    _only_own(listing, caller)
    _only_wanted(listing, wanted)
    page = await listing.fetch(tx, ask)
    return page.map(lambda row: msgspec.convert(dict(row), OrderLine))


async def poll_seller(tx: Tx, caller: Caller, seller_cnpj: str, wanted: OrderFilter) -> dict[OrderId, Micros]:
    """At most 200 of the store's orders, oldest change first, with its instant; by orders_by_seller."""
    listing = Listing(caller.tenant, columns="o.order_id", source=_SOURCE, key="o.order_id")
    _only_own(listing, caller)
    listing.where("s.cnpj = {}", seller_cnpj)
    _only_wanted(listing, wanted)
    rows = await listing.first(tx, "o.last_update_us", SELLER_POLL_MAX)
    return {OrderId(row["order_id"]): Micros(row["sort_value"]) for row in rows}


def _only_own(listing: Listing, caller: Caller) -> None:
    """`rules.seeing.may_see`, in SQL."""
    if caller.channel is not None:
        listing.where("o.channel = {}", caller.channel)
    if caller.seller_cnpj is not None:
        listing.where("s.cnpj = {}", caller.seller_cnpj)
    if caller.role is Role.CARRIER:
        listing.where("o.is_delivery AND o.freight_reference = {}", caller.carrier)
        listing.where("o.invoice_key IS NOT NULL AND o.status = ANY({}::smallint[])", sorted(CARRIER_SEES))


def _only_wanted(listing: Listing, wanted: OrderFilter) -> None:
    _between(listing, "o.create_us >= {}", wanted.since)
    _between(listing, "o.create_us <= {}", wanted.until)
    _between(listing, "o.last_update_us > {}", wanted.last_update_since)
    _between(listing, "o.last_update_us <= {}", wanted.last_update_until)
    if wanted.statuses is not None:
        listing.where("o.status = ANY({}::smallint[])", sorted(wanted.statuses))
    if wanted.channel is not None:
        listing.where("o.channel ILIKE {}", wanted.channel.replace("\\", "\\\\").replace("_", "\\_"))
    if wanted.payment_types is not None:
        listing.where("o.payment_types && {}::smallint[]", sorted(wanted.payment_types))
    if wanted.freight_reference is not None:
        listing.where("o.freight_reference = {}", wanted.freight_reference)
    if wanted.freight_description is not None:
        listing.where("o.freight_description = {}", wanted.freight_description)


def _between(listing: Listing, condition: str, bound: Micros | None) -> None:
    if bound is not None:
        listing.where(condition, bound)
