"""What a status of theirs means here, and one of ours there (contract, section 4). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from balcao.base.values import Micros
from balcao.events.rules import LoggedEvent
from balcao.omnichat.rules.model import Checkout, Integration, checkout_address
from balcao.orders.rules.model import Tracking
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.status import CANCELLED, Status, parse_status
from balcao.partners.omnichat import Call

CANCEL: Final = "CANCELLED"
PROVISIONED: Final = "ORDER_GATEWAY_PROVISIONED"
PAID_LATE: Final = "omnichat.paid_late"
"""The event of a payment at OmniChat for an order that is cancelled here: it is told of the cancellation again."""
MESSAGE_MAX: Final = 1_000


class Meaning(StrEnum):
    """What a notification asks of our order."""

    PAY = "pay"
    CANCEL = "cancel"
    LOG = "log"


HEARD: Final[Mapping[str, Meaning]] = {
    "PAID": Meaning.PAY,
    "OVER_PAID": Meaning.PAY,
    "NOT_PAID": Meaning.CANCEL,
    "ERROR": Meaning.CANCEL,
    "REVERTED": Meaning.CANCEL,
    CANCEL: Meaning.CANCEL,
}
"""Every other status, PARTIAL_PAID and unknown ones among them, is only logged."""

TOLD: Final[Mapping[Status, str]] = {
    Status.SEPARATE: "PACKAGED",
    Status.IN_DELIVERY: "SHIPPED",
    Status.READY_FOR_PICKUP: "SHIPPED",
    Status.FINALIZED: "DELIVERED",
    **dict.fromkeys(CANCELLED, CANCEL),
}
"""Of our statuses those that OmniChat is told."""
PART: Final = "PARTIALLY_SHIPPED"
_RESUMED: Final = frozenset({Status.PENDING_CANCEL, Status.PENDING_UPDATE})
"""An order that returns from here is where it was: OmniChat was told already."""
_SAYS: Final[Mapping[str, str]] = {
    "PACKAGED": "Pedido separado / Order packed",
    "SHIPPED": "Pedido enviado / Order shipped",
    PART: "Pedido enviado em parte / Order partly shipped",
    "DELIVERED": "Pedido entregue / Order delivered",
    CANCEL: "Pedido cancelado / Order cancelled",
}


def meaning_of(status: str, said_us: Micros, heard_us: Micros) -> Meaning:
    """What a notification means; heard_us: OmniChat's own time of the newest payment that was taken over.

    What is older than that payment is overtaken, but for the order's cancellation: nothing overtakes that.
    """
    meaning = HEARD.get(status, Meaning.LOG)
    if meaning is Meaning.CANCEL and status != CANCEL and said_us and said_us < heard_us:
        return Meaning.LOG
    return meaning


def cancelled_by(status: str) -> CancelledBy:
    """In whose name a notification cancels: the shopper's, or the process's."""
    return CancelledBy.BUYER if status == CANCEL else CancelledBy.PROCESSOR


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told of one event."""

    call: Call
    body: dict[str, Any]


def news_of(event: LoggedEvent, integration: Integration, tracking: Tracking | None = None) -> News | None:
    """What OmniChat is told of an order's event, or None: by the status that the order has after it."""
    facts = msgspec.json.decode(event.data)
    if event.type == "order.placed":
        return _provisioned(facts, integration)
    told = CANCEL if event.type == PAID_LATE else told_status(facts)
    if told is None:
        return None
    words = [_SAYS[told]]
    if told in {"SHIPPED", PART} and tracking is not None:
        words += filter(None, (tracking.carrier_name, tracking.code, tracking.link))
    if told == CANCEL and facts.get("reason"):
        words.append(str(facts["reason"]))
    return _status(integration, told, ", ".join(words))


def told_status(facts: Mapping[str, Any]) -> str | None:
    """The status that an event's facts come to at OmniChat, None where it is told nothing."""
    before, after = parse_status(str(facts.get("statusBefore"))), parse_status(str(facts.get("status")))
    if facts.get("isPartial") is False:  # the last of several invoices: the rest goes too
        return "SHIPPED"
    if after is None or after is before or (before in _RESUMED and after not in CANCELLED):
        return None
    if after is Status.IN_DELIVERY and facts.get("isPartial"):
        return PART
    return TOLD.get(after)


def refusal_of(event: LoggedEvent, integration: Integration) -> News:
    """What OmniChat is told where nothing could be provisioned."""
    reason = str(msgspec.json.decode(event.data).get("reason", ""))
    if integration.checkout is Checkout.OMNI:
        return _status(integration, CANCEL, reason)
    body = {"responsible": integration.responsible, "code": 400, "message": reason[:MESSAGE_MAX]}
    return News(call=Call.PROVISIONS, body=body)


def _provisioned(facts: Mapping[str, Any], integration: Integration) -> News:
    code = str(facts["friendlyCode"])
    message = f"Pedido {code} criado / Order {code} created"
    if integration.checkout is Checkout.OMNI:
        news = _status(integration, PROVISIONED, message)
        return News(call=news.call, body=news.body | {"orderGwId": facts["orderId"]})
    address = checkout_address(
        integration.checkout_url,
        order_id=facts["orderId"],
        external_id=facts["externalId"],
        friendly_code=code,
    )
    body = {"responsible": integration.responsible, "code": 200, "message": message, "checkoutUrl": address}
    return News(call=Call.PROVISIONS, body=body)


def _status(integration: Integration, status: str, message: str) -> News:
    body = {"responsible": integration.responsible, "status": status, "message": message[:MESSAGE_MAX]}
    return News(call=Call.STATUS_CHANGE, body=body)
