"""What a caller may see and asks for, as wishes: conditions on orders."""

from typing import Final

from balcao.orders.rules.listing import OrderFilter
from balcao.orders.rules.seeing import CARRIER_SEES
from balcao.orders.store.lanes import Wishes
from balcao.tenants.rules import Caller, Role

_SELLER: Final = "o.seller_id = (SELECT b.seller_id FROM seller b WHERE b.tenant = $1 AND b.cnpj = {})"


def wishes_of(caller: Caller, wanted: OrderFilter, seller_cnpj: str | None = None) -> Wishes:
    """The orders that the caller may see, of those the wanted ones; of one store only where it is named."""
    wishes = Wishes(caller.tenant)
    if seller_cnpj is not None:
        wishes.add("seller", _SELLER, seller_cnpj)
    _only_own(wishes, caller)
    _only_wanted(wishes, wanted)
    return wishes


def _only_own(wishes: Wishes, caller: Caller) -> None:
    """`rules.seeing.may_see`, in SQL."""
    if caller.channel is not None:
        wishes.add("channel", "o.channel = {}", caller.channel)
    if caller.seller_cnpj is not None:
        wishes.add("seller", _SELLER, caller.seller_cnpj)
    if caller.role is Role.CARRIER:
        wishes.add("freight", "o.freight_reference = {}", caller.carrier)
        wishes.add("carried", "o.is_delivery = {} AND o.invoice_key IS NOT NULL", True)
        wishes.only(CARRIER_SEES)


def _only_wanted(wishes: Wishes, wanted: OrderFilter) -> None:
    if wanted.statuses is not None:
        wishes.only(wanted.statuses)
    if wanted.channel is not None and set(wanted.channel) != {"%"}:
        wishes.add("channel", "o.channel ILIKE {}", wanted.channel.replace("\\", "\\\\").replace("_", "\\_"))
    if wanted.payment_types is not None:
        wishes.add("payment", "o.payment_types && {}::smallint[]", sorted(wanted.payment_types))
    if wanted.freight_reference is not None:
        wishes.add("freight", "o.freight_reference = {}", wanted.freight_reference)
    if wanted.freight_description is not None:
        wishes.add("description", "o.freight_description = {}", wanted.freight_description)
    for about, condition, bound in (
        ("created", "o.create_us >= {}", wanted.since),
        ("created", "o.create_us <= {}", wanted.until),
        ("updated", "o.last_update_us > {}", wanted.last_update_since),
        ("updated", "o.last_update_us <= {}", wanted.last_update_until),
    ):
        if bound is not None:
            wishes.add(about, condition, bound)
