"""Handing an order over the counter: the friendly code, and the document of who collects it."""

import msgspec

from balcao.base.errors import Conflict
from balcao.base.values import strip_document
from balcao.orders.rules.change import Change, Decision, Note, Refusal, Situation, refuse
from balcao.orders.rules.moving import move
from balcao.orders.rules.status import Status


def hand_over(at: Situation, code: str, document: str) -> Decision:
    """Complete an order that is ready for pickup, for whoever knows its code and has a document that it names.

    A wrong code or document is refused and stands in the log: somebody may be trying.
    """
    order = at.order
    if order.is_delivery:
        return refuse(at, Status.FINALIZED, "the order is delivered")
    if order.status is Status.FINALIZED:
        return None
    if order.status is not Status.READY_FOR_PICKUP:
        return refuse(at, Status.FINALIZED, "the order is not ready for pickup")
    if code.strip().upper() != order.friendly_code:
        return _refused("The friendly code is not this order's.", "wrong_pickup_code")
    buyer = order.body.buyer
    known = {order.body.cpf_pickup, buyer.cpf, buyer.cnpj} - {None, ""}
    if strip_document(document) not in known:
        return _refused("The document is neither the buyer's nor that of who was named to collect.", "wrong_document")
    told = "handed over against the friendly code and a document"
    decision = move(at, Status.FINALIZED, message=told, seller_order_id=None)
    if not isinstance(decision, Change):
        return decision
    return msgspec.structs.replace(decision, facts=decision.facts | {"handedOver": True})


def _refused(detail: str, code: str) -> Refusal:
    return Refusal(Conflict(detail, code=code), Note("Refused", "Retirada recusada / Pickup refused", detail))
