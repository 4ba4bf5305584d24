"""Who may see an order. The same rule stands in SQL in the lists' queries."""

from balcao.orders.rules.model import Order
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Role

CARRIER_SEES = frozenset(
    {Status.INVOICE_CREATED, Status.SEPARATE, Status.IN_DELIVERY, Status.READY_FOR_PICKUP, Status.FINALIZED}
)


def may_see(caller: Caller, order: Order) -> bool:
    """Whether the credential's bindings include this order.

    A binding to a channel or a store shows only its orders; a carrier sees the invoiced ones of its freight reference.
    """
    if caller.tenant != order.tenant:
        return False
    if caller.channel is not None and caller.channel != order.channel:
        return False
    if caller.seller_cnpj is not None and caller.seller_cnpj != order.seller_cnpj:
        return False
    if caller.role is not Role.CARRIER:
        return True
    return (
        order.is_delivery
        and order.body.freight.reference == caller.carrier
        and bool(order.invoices)
        and order.status in CARRIER_SEES
    )
