"""When two requests are the same order."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from balcao.base.errors import Conflict
from balcao.base.values import OrderId, new_id
from balcao.orders.rules.model import CustomDatum, Freight, PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.receipt import OrderKey, Placed, Receipt, content_hash, replay_or_conflict
from balcao.orders.rules.status import Status
from tests.rules.order_samples import CNPJ, new_item, new_order

PAC = Freight(amount=Decimal("1.1"), delivery_time=1, reference="PAC", description="PAC")


@pytest.mark.parametrize(
    "again",
    [
        new_order(),
        new_order(items=(new_item(unit_price=Decimal("19.90")),)),
        new_order(payments=(NewPayment(type=PaymentType.PAYMENT_LINK, amount=Decimal("21.0000")),)),
        new_order(payments=(NewPayment(type=PaymentType.PAYMENT_LINK, amount=Decimal("2.1E1")),)),
        new_order(fee_amount=Decimal("0.00")),
        new_order(created_at=datetime(2026, 8, 9, 12, 0, tzinfo=UTC)),
    ],
)
def test_the_same_order(again: NewOrder) -> None:
    assert content_hash(again) == content_hash(new_order())


@pytest.mark.parametrize(
    "other",
    [
        new_order(items=(new_item(unit_price=Decimal("19.91")),)),
        new_order(items=(new_item(quantity=2),)),
        new_order(items=(new_item(), new_item())),
        new_order(items=(new_item(is_gift=True),)),
        new_order(freight=PAC),
        new_order(is_delivery=False),
        new_order(seller_cnpj=None, point_sale_id=CNPJ),
        new_order(order_note="frágil"),
        new_order(cpf_pickup="55570403906"),
        new_order(custom_data=(CustomDatum(key="a", value="1"),)),
        new_order(payments=(NewPayment(type=PaymentType.PIX, amount=Decimal(21)),)),
    ],
)
def test_another_order(other: NewOrder) -> None:
    assert content_hash(other) != content_hash(new_order())


def test_what_the_sender_gets_again() -> None:
    key = OrderKey("NEOMODE-1", "ecommerce", OrderId(new_id()), content_hash(new_order()))
    there = Placed(OrderId(new_id()), key.content_hash, "XARTQ97", Status.PENDING)
    assert replay_or_conflict(key, there) == Receipt(
        order_id=there.order_id,
        external_id="NEOMODE-1",
        friendly_code="XARTQ97",
        status=Status.PENDING,
        replayed=True,
    )


def test_what_another_content_gets() -> None:
    key = OrderKey("a/b #1", "ecommerce", OrderId(new_id()), content_hash(new_order()))
    there = Placed(OrderId(new_id()), content_hash(new_order(is_delivery=False)), "XARTQ97", Status.PENDING)
    refused = replay_or_conflict(key, there)
    assert isinstance(refused, Conflict)
    assert refused.code == "external_id_taken"
    assert refused.facts == {"id": str(there.order_id)}
    assert str(there.order_id) in refused.detail
    assert "'a/b #1'" in refused.detail
