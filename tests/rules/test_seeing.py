"""Who may see which order."""

import pytest

from balcao.orders.rules.model import Order
from balcao.orders.rules.seeing import may_see
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Role
from tests.rules.order_samples import CNPJ, caller, invoice, order

EVERYBODY = [Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN]
CARRIER = caller(Role.CARRIER, carrier="SEDEX")
INVOICED = order(Status.INVOICE_CREATED, invoices=(invoice(),))


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize(
    ("bound", "sees"),
    [
        ({}, True),
        ({"channel": "ecommerce"}, True),
        ({"channel": "marketplace"}, False),
        ({"channel": "Ecommerce"}, False),
        ({"seller_cnpj": CNPJ}, True),
        ({"seller_cnpj": "11222333000181"}, False),
        ({"channel": "ecommerce", "seller_cnpj": CNPJ}, True),
        ({"channel": "marketplace", "seller_cnpj": CNPJ}, False),
        ({"tenant": "another"}, False),
    ],
)
def test_bindings_narrow_every_role(role: Role, bound: dict[str, str], sees: bool) -> None:
    assert may_see(caller(role, **bound), order()) is sees


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.name)
def test_a_carrier_sees_invoiced_orders_until_the_end(status: Status) -> None:
    invoiced = order(status, invoices=(invoice(),))
    assert may_see(CARRIER, invoiced) is (status in {20, 6, 7, 8, 9})
    assert not may_see(CARRIER, order(status))


@pytest.mark.parametrize(
    ("who", "what"),
    [
        (caller(Role.CARRIER, carrier="PAC"), INVOICED),
        (caller(Role.CARRIER, carrier="SEDEX", seller_cnpj="11222333000181"), INVOICED),
        (caller(Role.CARRIER, carrier="SEDEX", tenant="another"), INVOICED),
        (CARRIER, order(Status.INVOICE_CREATED, invoices=(invoice(),), is_delivery=False)),
    ],
)
def test_a_carrier_sees_nothing_that_it_does_not_carry(who: Caller, what: Order) -> None:
    assert may_see(CARRIER, INVOICED)
    assert not may_see(who, what)
