"""The order that a request makes, and what is promised of the stock."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from balcao.base.errors import Conflict, Invalid
from balcao.base.values import OrderId, ProductId, SellerId, SkuId
from balcao.catalog.rules import Attribute, SkuFacts
from balcao.orders.rules.change import Note
from balcao.orders.rules.checks import Found
from balcao.orders.rules.model import Item, ItemBody, PaymentStatus, PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.placing import Draft, draft_order, promise
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Channel, DiscountBasis, Policy, StockPolicy
from tests.rules.order_samples import CNPJ, NOW, TENANT, new_item, new_order

STORE = SellerId(UUID(int=1))
SKU = SkuId(UUID(int=2))
SHIRT = SkuFacts(
    sku_id=SKU,
    product_id=ProductId(UUID(int=3)),
    code="1",
    name="Camiseta azul M",
    barcode="7891234567895",
    aux_code="AUX",
    is_active=True,
    is_deleted=False,
    product_code="P1",
    product_name="Camiseta",
    product_description="Algodão",
    reference_code="REF",
    brand="Marca",
    attributes=(Attribute(type="Color", title="Cor", value="#00f", label="Azul"),),
    image_url="https://example.com/1.jpg",
    height_cm=None,
    length_cm=None,
    width_cm=None,
    weight_kg=None,
)
EXACT = NewPayment(type=PaymentType.PIX, amount=Decimal(11))
DAYS_3_US = 3 * 24 * 3600 * 1_000_000


def draft(new: NewOrder, **settings: Any) -> Draft | Invalid | Conflict:
    return draft_order(
        TENANT,
        new,
        Channel(**({"name": "ecommerce"} | settings)),
        Found(seller_id=STORE, seller_cnpj=CNPJ, skus={"1": SHIRT}),
        order_id=OrderId(UUID(int=9)),
        created_by="qaapp.channel",
        now=NOW,
    )


def drafted(new: NewOrder, **settings: Any) -> Draft:
    made = draft(new, **settings)
    assert isinstance(made, Draft), made
    return made


def test_the_documented_example_becomes_an_order_with_a_warning() -> None:
    made = drafted(new_order())
    order = made.order
    assert (order.status, order.expires_us) == (Status.PENDING, NOW + DAYS_3_US)
    assert (order.sub_total_amount, order.discount_amount, order.freight_amount, order.total_amount) == (
        Decimal("19.9"),
        Decimal(10),
        Decimal("1.1"),
        Decimal(11),
    )
    assert (order.seller_id, order.seller_cnpj, order.created_by) == (STORE, CNPJ, "qaapp.channel")
    assert made.steps == (Status.PENDING,)
    assert made.notes == (
        Note("Status", "Aguardando pagamento / Awaiting payment", "Pending (1)"),
        Note("Warning", "Atenção / Warning: PaymentList", "the payments come to 21.0, the order to 11.0"),
    )


def test_a_line_keeps_the_sku_as_it_was_sold() -> None:
    line = drafted(new_order(items=(new_item(quantity=3, product_code="as sent", is_gift=True),))).order.items[0]
    assert line == Item(
        line=1,
        sku_id=SKU,
        sku_code="1",
        product_code="P1",
        quantity=3,
        unit_price=Decimal("19.9"),
        discount_price=Decimal(10),
        is_gift=True,
        reserved=0,
        consumed=0,
        body=ItemBody(
            name="Camiseta azul M",
            product_name="Camiseta",
            discount_amount=Decimal(30),
            product_description="Algodão",
            barcode="7891234567895",
            aux_code="AUX",
            reference_code="REF",
            image_url="https://example.com/1.jpg",
            attributes=({"type": "Color", "title": "Cor", "value": "#00f", "label": "Azul"},),
        ),
    )


def test_the_discount_is_the_lines_where_the_channel_says_so() -> None:
    two = new_order(items=(new_item(quantity=2),))
    assert drafted(two).order.total_amount == Decimal("20.9")
    line = drafted(two, discount_basis=DiscountBasis.LINE).order
    assert (line.discount_amount, line.total_amount) == (Decimal(10), Decimal("30.9"))
    assert line.items[0].body.discount_amount == Decimal(10)


def test_payments_are_numbered_and_keep_what_was_sent() -> None:
    sent = NewPayment(type=PaymentType.CREDIT_CARD, amount=Decimal(11), brand="Visa", quantity_installments=3, nsu="1")
    first, second = drafted(new_order(payments=(EXACT, sent))).order.payments
    assert (first.line, first.type, first.status, first.amount) == (1, 6, PaymentStatus.PENDING, Decimal(11))
    assert (second.line, second.type) == (2, 1)
    assert (second.body.brand, second.body.quantity_installments, second.body.nsu) == ("Visa", 3, "1")
    assert first.body.payment_id != second.body.payment_id


def test_a_channel_that_is_paid_by_order_starts_paid_and_never_expires() -> None:
    made = drafted(new_order(), paid_on_create=True)
    assert (made.order.status, made.order.expires_us, made.steps) == (2, None, (Status.PENDING_CREATE,))


@pytest.mark.parametrize(("is_delivery", "expires"), [(False, None), (True, NOW + DAYS_3_US)])
def test_what_is_paid_on_pickup_does_not_expire(is_delivery: bool, expires: int | None) -> None:
    cash = new_order(
        is_delivery=is_delivery, payments=(NewPayment(type=PaymentType.CASH_ON_PICKUP, amount=Decimal(11)),)
    )
    assert drafted(cash).order.expires_us == expires


@pytest.mark.parametrize(
    ("status", "amount", "expires"),
    [
        (PaymentStatus.CAPTURED, "11", None),
        (PaymentStatus.AUTHORIZED, "11.00", None),
        (PaymentStatus.CAPTURED, "10.99", NOW + DAYS_3_US),
        (PaymentStatus.PENDING, "11", NOW + DAYS_3_US),
        (PaymentStatus.DENIED, "11", NOW + DAYS_3_US),
    ],
)
def test_what_comes_with_its_approved_payments_does_not_expire(
    status: PaymentStatus, amount: str, expires: int | None
) -> None:
    sent = NewPayment(type=PaymentType.PIX, amount=Decimal(amount), status=status)
    made = drafted(new_order(payments=(sent,))).order
    assert (made.status, made.expires_us) == (Status.PENDING, expires)


def test_the_channels_own_expiry_and_the_senders_own_time() -> None:
    made = drafted(new_order(created_at=datetime(2026, 8, 9, 12, 0, tzinfo=UTC)), payment_expiry_s=60)
    assert made.order.expires_us == NOW + 60_000_000
    assert made.order.create_us == 1_786_276_800_000_000


@pytest.mark.parametrize(
    ("settings", "errors"),
    [
        ({"amount_check": Policy.REJECT}, {"PaymentList": ["the payments come to 21.0, the order to 11.0"]}),
        (
            {"amount_check": Policy.REJECT, "document_check": Policy.REJECT},
            {
                "Buyer.Cpf": ["the check digits are wrong"],
                "PaymentList": ["the payments come to 21.0, the order to 11.0"],
            },
        ),
    ],
)
def test_what_a_channel_rejects(settings: dict[str, Policy], errors: dict[str, list[str]]) -> None:
    wrong = msgspec.structs.replace(new_order().buyer, cpf="12345678900")
    refused = draft(new_order(buyer=wrong), **settings)
    assert isinstance(refused, Invalid)
    assert refused.errors == errors


def test_an_order_cannot_come_to_less_than_nothing() -> None:
    refused = draft(new_order(bonus_amount=Decimal("11.01")))
    assert isinstance(refused, Invalid)
    assert refused.errors == {"Items": ["the discounts and the bonus exceed what the goods and the freight come to"]}
    assert drafted(new_order(bonus_amount=Decimal("11.00"))).order.total_amount == 0


def test_the_whole_quantity_is_promised() -> None:
    made = drafted(new_order(items=(new_item(quantity=2), new_item(quantity=3)), payments=(EXACT,)))
    promised = promise(made, StockPolicy.REJECT, {SKU: 5})
    assert isinstance(promised, Draft)
    assert [line.reserved for line in promised.order.items] == [2, 3]
    assert (promised.order.is_short, promised.notes) == (False, made.notes)


@pytest.mark.parametrize(("available", "left"), [({SKU: 4}, 4), ({SKU: 0}, 0), ({SKU: -7}, 0), ({}, 0)])
def test_two_lines_of_a_sku_are_asked_together(available: dict[SkuId, int], left: int) -> None:
    made = drafted(new_order(items=(new_item(quantity=2), new_item(quantity=3))))
    short = promise(made, StockPolicy.REJECT, available)
    assert isinstance(short, Conflict)
    assert short.code == "out_of_stock"
    assert short.facts == {"items": [{"skuCode": "1", "asked": 5, "available": left}]}
    assert short.detail == f"The store has not enough stock. 1: 5 asked, {left} available."


def test_a_channel_that_accepts_short_orders_reserves_and_flags_them() -> None:
    made = drafted(new_order(items=(new_item(quantity=2),)))
    taken = promise(made, StockPolicy.ACCEPT, {SKU: 1})
    assert isinstance(taken, Draft)
    assert (taken.order.is_short, taken.order.items[0].reserved) == (True, 2)
    assert taken.notes == (
        *made.notes,
        Note("OutOfStock", "Sem estoque / Out of stock", "The store has not enough stock. 1: 2 asked, 1 available."),
    )
    enough = promise(made, StockPolicy.ACCEPT, {SKU: 2})
    assert isinstance(enough, Draft)
    assert (enough.order.is_short, enough.notes) == (False, made.notes)


def test_a_channel_that_does_not_look_at_the_stock_reserves_nothing() -> None:
    made = drafted(new_order(items=(new_item(quantity=2),)))
    assert promise(made, StockPolicy.OFF, {}) == made
