"""What is wrong with an order to create."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from balcao.base.values import Micros, ProductId, SellerId, new_id
from balcao.catalog.rules import SkuFacts
from balcao.freight.rules.model import Offer
from balcao.orders.rules.checks import Found, check_found, check_new_order, doubts_about
from balcao.orders.rules.model import Buyer, Freight, PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.totals import totals_of
from balcao.tenants.rules import Channel, DiscountBasis, Policy
from tests.rules.order_samples import ADDRESS, NOW, SKU_A, new_item, new_order

STORE = SellerId(UUID(int=1))
NOBODY = Buyer(full_name="Ana", email="ana@example.com", phone_number="11999999999", address=ADDRESS)
QUOTED = Freight(amount=Decimal("1.1"), delivery_time=1, reference="SEDEX", description="SEDEX", calculation_key="Q-1")
OFFER = Offer(seller_id=STORE, reference="SEDEX", amount=Decimal("1.10"), expires_us=Micros(NOW + 1), delivery_time=1)


def sku(**over: Any) -> SkuFacts:
    plain = SkuFacts(
        sku_id=SKU_A,
        product_id=ProductId(new_id()),
        code="1",
        name="Camiseta",
        barcode=None,
        aux_code=None,
        is_active=True,
        is_deleted=False,
        product_code="1",
        product_name="Camiseta básica",
        product_description=None,
        reference_code=None,
        brand=None,
        attributes=(),
        image_url=None,
        height_cm=None,
        length_cm=None,
        width_cm=None,
        weight_kg=None,
    )
    return msgspec.structs.replace(plain, **over)


def found(**over: Any) -> Found:
    plain = Found(seller_id=STORE, seller_cnpj="04109169000135", skus={"1": sku()})
    return msgspec.structs.replace(plain, **over)


def pay(kind: PaymentType, **said: Any) -> NewOrder:
    return new_order(payments=(NewPayment(type=kind, amount=Decimal(11), **said),))


CARD = {
    "brand": "Visa",
    "acquirer_message": "ok",
    "acquirer_approval_code": "0",
    "quantity_installments": 1,
}
PIX = {"acquirer_message": "ok", "acquirer_approval_code": "0"}


@pytest.mark.parametrize(
    "good",
    [
        new_order(),
        new_order(is_delivery=False, delivery_address=None),
        new_order(seller_cnpj=None, point_sale_id="12"),
        new_order(buyer=msgspec.structs.replace(NOBODY, cnpj="12ABC34501DE35")),
        pay(PaymentType.CREDIT_CARD, **CARD),
        pay(PaymentType.PIX, **PIX),
        pay(PaymentType.CASH_ON_PICKUP),
        pay(PaymentType.VOUCHER),
    ],
)
def test_nothing_is_wrong(good: NewOrder) -> None:
    assert check_new_order(good) == {}


@pytest.mark.parametrize(
    ("bad", "errors"),
    [
        (new_order(delivery_address=None), {"DeliveryAddress": ["is required when IsDelivery is true"]}),
        (new_order(seller_cnpj=None), {"Seller": ["needs Cnpj or PointSaleId"]}),
        (new_order(items=()), {"Items": ["needs at least one item"]}),
        (new_order(payments=()), {"PaymentList": ["needs at least one payment"]}),
        (new_order(buyer=NOBODY), {"Buyer.Cpf": ["a Cpf or a Cnpj is required"]}),
        (
            pay(PaymentType.CREDIT_CARD),
            {
                "PaymentList[0].PaymentMethod.Brand": ["is required for Credit Card"],
                "PaymentList[0].AcquirerMessage": ["is required for Credit Card"],
                "PaymentList[0].AcquirerApprovalCode": ["is required for Credit Card"],
                "PaymentList[0].QuantityInstallments": ["is required for Credit Card"],
            },
        ),
        (
            pay(PaymentType.PIX, acquirer_message="ok"),
            {"PaymentList[0].AcquirerApprovalCode": ["is required for Pix"]},
        ),
        (
            new_order(
                payments=(
                    NewPayment(type=PaymentType.PAYMENT_LINK, amount=Decimal(1)),
                    NewPayment(type=PaymentType.PIX, amount=Decimal(1), acquirer_approval_code="0"),
                ),
                items=(),
            ),
            {
                "Items": ["needs at least one item"],
                "PaymentList[1].AcquirerMessage": ["is required for Pix"],
            },
        ),
    ],
)
def test_what_the_request_lacks(bad: NewOrder, errors: dict[str, list[str]]) -> None:
    assert check_new_order(bad) == errors


@pytest.mark.parametrize(
    ("new", "channel", "there", "errors"),
    [
        (new_order(), Channel(name="ecommerce"), found(), {}),
        (new_order(), None, found(), {"Channel": ["the channel 'ecommerce' does not exist"]}),
        (
            new_order(),
            Channel(name="ecommerce"),
            found(seller_id=None),
            {"Seller": ["the store '04109169000135' does not exist or is not active"]},
        ),
        (
            new_order(seller_cnpj=None, point_sale_id="12"),
            Channel(name="ecommerce"),
            found(seller_id=None),
            {"Seller": ["the store '12' does not exist or is not active"]},
        ),
        (
            new_order(items=(new_item(), new_item(sku_code="2"), new_item(sku_code="3"), new_item(sku_code="4"))),
            Channel(name="ecommerce"),
            found(skus={"1": sku(), "2": sku(is_active=False), "3": sku(is_deleted=True)}),
            {
                "Items[1].SkuCode": ["the SKU '2' does not exist or is not active"],
                "Items[2].SkuCode": ["the SKU '3' does not exist or is not active"],
                "Items[3].SkuCode": ["the SKU '4' does not exist or is not active"],
            },
        ),
    ],
)
def test_what_the_request_names_and_the_tenant_has_not(
    new: NewOrder, channel: Channel | None, there: Found, errors: dict[str, list[str]]
) -> None:
    assert check_found(new, channel, there) == errors


def doubts(new: NewOrder, channel: Channel, there: Found) -> list[tuple[str, Policy, str]]:
    total = totals_of(new, channel.discount_basis).total_amount
    return doubts_about(new, channel, there, total, NOW)


@pytest.mark.parametrize(
    ("new", "there", "texts"),
    [
        (
            new_order(),
            found(),
            {"PaymentList": "the payments come to 21.0, the order to 11.0"},
        ),
        (
            new_order(
                buyer=msgspec.structs.replace(NOBODY, cpf="52998224725", cnpj="11222333000182"),
                cpf_pickup="52998224724",
                cpf_invoice="11222333000181",
                payments=(NewPayment(type=PaymentType.PIX, amount=Decimal("11.00")),),
            ),
            found(),
            {"Buyer.Cnpj": "the check digits are wrong", "CpfPickUp": "the check digits are wrong"},
        ),
        (
            new_order(buyer=msgspec.structs.replace(NOBODY, cpf="12345678900")),
            found(),
            {
                "Buyer.Cpf": "the check digits are wrong",
                "PaymentList": "the payments come to 21.0, the order to 11.0",
            },
        ),
    ],
)
def test_what_is_doubtful(new: NewOrder, there: Found, texts: dict[str, str]) -> None:
    for policy in (Policy.WARN, Policy.REJECT):
        channel = Channel(name="ecommerce", document_check=policy, amount_check=policy, quote_policy=policy)
        assert doubts(new, channel, there) == [(field, policy, text) for field, text in texts.items()]
    off = Channel(name="ecommerce", document_check=Policy.OFF, amount_check=Policy.OFF, quote_policy=Policy.OFF)
    assert doubts(new, off, there) == []


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (OFFER, None),
        (None, "no such quote was kept"),
        (msgspec.structs.replace(OFFER, expires_us=NOW), "the quote has expired"),
        (msgspec.structs.replace(OFFER, seller_id=SellerId(UUID(int=2))), "the quote was for another store"),
        (msgspec.structs.replace(OFFER, reference="PAC"), "the quote was for 'PAC'"),
        (msgspec.structs.replace(OFFER, amount=Decimal("1.2")), "the quote was 1.2"),
    ],
)
def test_a_calculation_key_must_be_that_of_the_quote(offer: Offer | None, reason: str | None) -> None:
    channel = Channel(name="ecommerce", document_check=Policy.OFF, amount_check=Policy.OFF, quote_policy=Policy.REJECT)
    found_doubts = doubts(new_order(freight=QUOTED), channel, found(offer=offer))
    assert found_doubts == ([] if reason is None else [("Freight.CalculationKey", Policy.REJECT, reason)])


def test_an_order_without_calculation_key_has_no_quote_to_keep_to() -> None:
    channel = Channel(name="ecommerce", document_check=Policy.OFF, amount_check=Policy.OFF, quote_policy=Policy.REJECT)
    assert doubts(new_order(), channel, found()) == []


def test_the_payments_are_compared_with_the_discount_as_the_channel_means_it() -> None:
    """Two at 19.9 with a discount of 10: 20.9 where it is per unit, 30.9 where it is the line's."""
    two = new_order(items=(new_item(quantity=2),), payments=(NewPayment(type=PaymentType.PIX, amount=Decimal("30.9")),))
    settings: dict[str, Any] = {"name": "ecommerce", "document_check": Policy.OFF}
    line = Channel(**settings, discount_basis=DiscountBasis.LINE)
    unit = Channel(**settings, discount_basis=DiscountBasis.UNIT)
    assert doubts(two, line, found()) == []
    assert doubts(two, unit, found()) == [("PaymentList", Policy.WARN, "the payments come to 30.9, the order to 20.9")]
