"""What a provisioning's fields become: discounts, freight, gifts, firms, countries, spellings, to the centavo."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.orders.rules.model import Order
from balcao.orders.rules.status import Status
from balcao.tenants.rules import DiscountBasis
from tests.verbs.chat_shop import ChatShop, asked, chat_shop


@pytest.fixture
async def chat(db: Database, tmp_path: Path) -> AsyncIterator[ChatShop]:
    async with chat_shop(db, tmp_path) as chat:
        yield chat


async def _order(chat: ChatShop, body: dict[str, Any]) -> Order:
    await chat.hook(body)
    await chat.settle()
    return await chat.find(body["objectId"])


def _cart(*lines: tuple[str, int, object], **over: Any) -> dict[str, Any]:
    """An order of these lines: SKU, quantity, price."""
    body = asked(**over)
    plain = {name: value for name, value in body["items"][0].items() if name != "productReference"}
    body["items"] = [
        plain | {"objectId": f"I{n}", "productReference": sku, "quantity": quantity, "price": price}
        for n, (sku, quantity, price) in enumerate(lines)
    ]
    return body


async def test_an_absolute_discount_is_spread_exactly(chat: ChatShop) -> None:
    body = _cart(("1", 3, 19.99), ("2", 1, 0.01), ("3", 2, 5), discount=10, freightCost=12.34)
    order = await _order(chat, body)
    assert [item.body.discount_amount for item in order.items] == [Decimal("8.58"), Decimal(0), Decimal("1.42")]
    assert [item.discount_price for item in order.items] == [Decimal("2.86"), Decimal(0), Decimal("0.71")]
    assert (order.sub_total_amount, order.discount_amount) == (Decimal("69.98"), Decimal(10))
    assert (order.freight_amount, order.total_amount) == (Decimal("12.34"), Decimal("72.32"))
    assert order.payments[0].amount == Decimal("72.32")


async def test_a_percentage_is_of_the_items_before_freight(chat: ChatShop) -> None:
    body = _cart(("1", 3, 11.11), ("2", 1, 3.35), discount=12.5, discountMode="PERCENTAGE", freightCost=20)
    order = await _order(chat, body)
    assert order.sub_total_amount == Decimal("36.68")
    assert order.discount_amount == Decimal("4.59")  # 4.585, rounded up
    assert [item.body.discount_amount for item in order.items] == [Decimal("4.18"), Decimal("0.41")]
    assert order.items[0].discount_price == Decimal("1.3933")
    assert order.total_amount == Decimal("52.09")


async def test_a_channel_with_discounts_by_line(chat: ChatShop) -> None:
    await chat.shop.channel(discount_basis=DiscountBasis.LINE)
    order = await _order(chat, _cart(("1", 3, 10), discount=10, freightCost=0))
    assert (order.items[0].discount_price, order.discount_amount, order.total_amount) == (
        Decimal(10),
        Decimal(10),
        Decimal(20),
    )


async def test_a_discount_of_everything(chat: ChatShop) -> None:
    order = await _order(chat, asked(discount=100, discountMode="percentage", freeShipping=True))
    assert (order.sub_total_amount, order.discount_amount, order.total_amount) == (Decimal(50), Decimal(50), Decimal(0))


async def test_free_shipping_costs_nothing(chat: ChatShop) -> None:
    order = await _order(chat, asked(freeShipping=True))
    assert (order.freight_amount, order.total_amount, order.body.freight.amount) == (
        Decimal(0),
        Decimal(40),
        Decimal(0),
    )


async def test_a_gift(chat: ChatShop) -> None:
    body = _cart(("1", 1, 10), ("2", 1, 0), discount=0)
    body["items"][0]["isGift"] = False
    order = await _order(chat, body)
    assert [item.is_gift for item in order.items] == [False, True]
    assert order.total_amount == 20


async def test_a_firm_buys(chat: ChatShop) -> None:
    body = asked(customer__businessAccount=True, customer__businessTaxId="12.abc.345/01de-35")
    buyer = (await _order(chat, body)).body.buyer
    assert (buyer.cnpj, buyer.cpf, buyer.document) == ("12ABC34501DE35", "00055544465", "12ABC34501DE35")
    assert (buyer.company_name, buyer.state_inscription) == ("MyBussines", "PASS")
    assert buyer.full_name == "João Medeiros"


@pytest.mark.parametrize(
    ("sent", "kept", "zip_code"),
    [
        ("BRA", "BR", "01001000"),
        ("BR", "BR", "01001000"),
        ("Brasil", "BR", "01001000"),
        ("", "BR", "01001000"),
        ("PRT", "PT", "01001-000"),
        ("pt", "PT", "01001-000"),
        ("USA", "US", "01001-000"),
        ("Narnia", "NARNIA", "01001-000"),
    ],
)
async def test_countries(chat: ChatShop, sent: str, kept: str, zip_code: str) -> None:
    address = (await _order(chat, asked(shippingAddress__country=sent))).body.delivery_address
    assert address is not None
    assert (address.country, address.cep) == (kept, zip_code)


async def test_without_a_team(chat: ChatShop) -> None:
    order = await _order(chat, asked(team=...))
    assert order.status is Status.PENDING
    assert "team" not in {datum.key for datum in order.body.custom_data}


@pytest.mark.parametrize("spelled", ["taxDocumentNumber", "TAXDOCUMENTNUMBER", "taxDocumentnumber"])
async def test_spellings_of_the_document(chat: ChatShop, spelled: str) -> None:
    body = asked(customer__taxDocumentnumber=...)
    body["customer"][spelled] = "000.555.444-65"
    assert (await _order(chat, body)).body.buyer.cpf == "00055544465"


async def test_spellings_of_the_rest(chat: ChatShop) -> None:
    body = asked(freightCost=..., shippingAddress__addressState=..., items__0__length=..., retailerOrderId=4711)
    body["shippingCost"] = "7.50"
    body["shippingAddress"]["state"] = "PR"
    body["items"][0] |= {"variantLength": 5, "price": "9.90", "quantity": "2"}
    body["customer"]["gender"] = "FEMALE"
    body["discount"] = None
    order = await _order(chat, body)
    assert (order.freight_amount, order.total_amount) == (Decimal("7.50"), Decimal("27.30"))
    assert order.body.delivery_address is not None
    assert (order.body.delivery_address.state, order.body.buyer.gender) == ("PR", "female")
    assert ("retailerOrderId", "4711") in {(datum.key, datum.value) for datum in order.body.custom_data}


@pytest.mark.parametrize("field", ["productReference", "variantId", "externalId"])
async def test_what_names_the_sku(chat: ChatShop, field: str) -> None:
    names = {"productReference": "nada", "variantId": "nada", "externalId": "nada"}
    for name in ("1", "654987321", str(chat.shop.skus["1"])):
        body = asked()
        body["items"][0] |= names | {field: name}
        assert (await _order(chat, body)).items[0].sku_code == "1"


async def test_the_code_comes_before_the_bar_code(chat: ChatShop) -> None:
    text = "UPDATE sku SET barcode = '2' WHERE tenant = $1 AND sku_id = $2"
    async with chat.db.transaction() as tx:
        await tx.execute(text, chat.tenant, chat.shop.skus["1"])
    assert (await _order(chat, asked(items__0__productReference="2"))).items[0].sku_code == "2"


async def test_delivery_as_it_was_sold(chat: ChatShop) -> None:
    freight = (await _order(chat, asked(deliveryTime="10 dias úteis", shippingMethod="sedex"))).body.freight
    assert (freight.reference, freight.description, freight.delivery_time) == ("SEDEX", "Sedex", 10)
    freight = (await _order(chat, asked(deliveryTime="", shippingMethod="Motoboy"))).body.freight
    assert (freight.reference, freight.description, freight.delivery_time) == ("Motoboy", "Motoboy", 3)
