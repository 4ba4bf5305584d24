"""Picking: which orders are picked, what a scan means, and what it means that an item cannot be had."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from balcao.base.errors import BalcaoError, Conflict
from balcao.base.values import SellerId
from balcao.orders.rules.change import Change, Note, Shift, Situation
from balcao.orders.rules.model import Item, Order
from balcao.orders.rules.status import Status
from balcao.stock.rules.ledger import Cause
from balcao.stock.rules.model import Level

PICKED_IN: Final = frozenset(
    {
        Status.PENDING_CREATE,
        Status.PENDING_APPROVAL,
        Status.APPROVED_EXTERNAL,
        Status.PROCESSING,
        Status.INVOICE_CREATED,
    }
)
"""From paid on until separated."""
REJECTED: Final = "ItemRejected"
REROUTED: Final = "Rerouted"


class RejectReason(StrEnum):
    """Why an item cannot be picked."""

    NOT_FOUND = "not_found"
    """Nothing is on the shelf: the store's count becomes zero."""
    DAMAGED = "damaged"
    """The unit cannot be sold: the count is one less."""
    ON_DISPLAY = "on_display"
    """The unit is there and stays there: it is held, so that nobody is promised it, whatever is counted later."""


WORDS: Final[Mapping[RejectReason, str]] = {
    RejectReason.NOT_FOUND: "não encontrado / not found",
    RejectReason.DAMAGED: "avariado / damaged",
    RejectReason.ON_DISPLAY: "em exposição / on display",
}


class Pick(NamedTuple):
    """What has become of a line so far."""

    line: int
    picked: int
    rejected: int
    reason: RejectReason | None = None


class PickLine(msgspec.Struct, frozen=True):
    """A line of an order with what has become of it."""

    item: Item
    picked: int
    rejected: int
    reason: RejectReason | None

    @property
    def left(self) -> int:
        """Units still to be picked."""
        return self.item.quantity - self.picked - self.rejected


def lines_of(order: Order, picks: Iterable[Pick]) -> list[PickLine]:
    """The order's lines in their order."""
    known = {pick.line: pick for pick in picks}
    nothing = Pick(0, 0, 0)
    return [
        PickLine(item, pick.picked, pick.rejected, pick.reason)
        for item in order.items
        for pick in (known.get(item.line, nothing),)
    ]


def may_pick(order: Order) -> bool:
    """Whether the order is to be picked now: paid, not yet separated, not on its way."""
    return order.status in PICKED_IN and Status.SEPARATE not in order.passed


def is_picked(lines: Sequence[PickLine]) -> bool:
    """Whether everything lies in the box."""
    return all(line.picked == line.item.quantity for line in lines)


def pick(lines: Sequence[PickLine], code: str, quantity: int) -> Pick | BalcaoError:
    """What a scan of this code makes of its line. The wrong thing, and more than is wanted, are refused."""
    named = [line for line in lines if code.strip().casefold() in codes_of(line.item)]
    if not named:
        return Conflict("This item is not in the order.", code="wrong_item", scanned=code.strip()[:100])
    line = next((line for line in named if line.left >= quantity), None)
    if line is None or quantity < 1:
        most = sum(max(line.left, 0) for line in named)
        return Conflict(f"{most} of this item are left to pick.", code="picked_enough", left=most)
    return Pick(line.item.line, line.picked + quantity, line.rejected, line.reason)


def codes_of(item: Item) -> set[str]:
    """By which codes an item is known when it is scanned: bar code, SKU code, the ERP's own."""
    return {code.casefold() for code in (item.body.barcode, item.sku_code, item.body.aux_code) if code}


class Rejection(NamedTuple):
    """A rejection decided: the line after it, the change of the order's store, units to hold."""

    pick: Pick
    change: Change
    held: int


def reject(
    order: Order, line: PickLine, reason: RejectReason, quantity: int, level: Level | None
) -> Rejection | BalcaoError:
    """Reject so many units of a line, and do the right thing to the store's stock."""
    if not 1 <= quantity <= line.left:
        return Conflict(f"{line.left} of this item are left to pick.", code="picked_enough", left=line.left)
    on_hand = level.on_hand if level is not None else 0
    lost = {
        RejectReason.NOT_FOUND: max(on_hand - line.picked, 0),
        RejectReason.DAMAGED: min(quantity, on_hand),
        RejectReason.ON_DISPLAY: 0,
    }[reason]
    held = quantity if reason is RejectReason.ON_DISPLAY else 0
    item = line.item
    shift = Shift(item.sku_id, -lost, held)
    told = f"{quantity} × {item.sku_code}: {reason.value}, on hand -{lost}, held +{held}"
    note = Note(REJECTED, f"Item recusado / Item rejected: {item.body.name}, {WORDS[reason]}", told)
    change = Change(
        order=order,
        event="order.item_rejected",
        notes=(note,),
        shifts=(shift,) if lost or held else (),
        cause=Cause.HELD if held else Cause.CORRECTED,
        facts={
            "orderId": str(order.order_id),
            "externalId": order.external_id,
            "skuCode": item.sku_code,
            "quantity": quantity,
            "reason": reason.value,
        },
    )
    return Rejection(Pick(item.line, line.picked, line.rejected + quantity, reason), change, held)


class Target(NamedTuple):
    """The store that an order goes to instead, and what it has of it."""

    seller_id: SellerId
    cnpj: str
    name: str


def why_not_reroute(order: Order) -> str | None:
    """Why another store cannot take the order over, or None."""
    if not order.is_delivery:
        return "the shopper collects it in this store"
    if order.invoices or any(item.consumed for item in order.items):
        return "the order is invoiced by this store"
    if order.status not in PICKED_IN:
        return "the order is not being picked"
    return None


def reroute(at: Situation, to: Target, left: Mapping[object, int]) -> Change | BalcaoError:
    """Move the order with its reservations to another store; `left`: what that store can promise, by SKU."""
    order = at.order
    why = why_not_reroute(order) or ("it is there already" if to.seller_id == order.seller_id else None)
    wanted: dict[object, int] = {}
    for item in order.items:
        wanted[item.sku_id] = wanted.get(item.sku_id, 0) + item.quantity
    if why is None and any(left.get(sku, 0) < units for sku, units in wanted.items()):
        why = "the other store has not enough of it"
    if why is not None:
        return Conflict(f"The order cannot go to another store: {why}.", code="not_rerouted", reason=why)
    back = tuple(Shift(item.sku_id, 0, -item.reserved, order.seller_id) for item in order.items if item.reserved)
    new = tuple(Shift(item.sku_id, 0, item.quantity, to.seller_id) for item in order.items)
    items = tuple(msgspec.structs.replace(item, reserved=item.quantity) for item in order.items)
    after = msgspec.structs.replace(
        order, seller_id=to.seller_id, seller_cnpj=to.cnpj, items=items, seller_order_id=None
    )
    note = Note(
        REROUTED,
        f"Encaminhado a outra loja / Sent to another store: {to.name}",
        f"from {order.seller_cnpj} to {to.cnpj}",
    )
    facts = {
        "orderId": str(order.order_id),
        "externalId": order.external_id,
        "sellerCnpjBefore": order.seller_cnpj,
        "sellerCnpj": to.cnpj,
    }
    return Change(order=after, event="order.rerouted", notes=(note,), shifts=back + new, facts=facts)
