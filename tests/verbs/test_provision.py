"""Provisioning: from OmniChat's hook to an order of ours, and what OmniChat is told."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from balcao.base.db import Database
from balcao.omnichat.rules.model import Checkout
from balcao.orders.rules.model import CustomDatum, PaymentStatus, PaymentType
from balcao.orders.rules.status import Status
from tests.verbs.chat_shop import SEED, ChatShop, asked, chat_shop
from tests.verbs.invariants import check
from tests.verbs.shop import OTHER_STORE, STORE


@pytest.fixture
async def chat(db: Database, tmp_path: Path) -> AsyncIterator[ChatShop]:
    async with chat_shop(db, tmp_path) as chat:
        yield chat


async def test_the_documented_example_is_provisioned(chat: ChatShop) -> None:
    await chat.hook(SEED)
    await chat.settle()
    order = await chat.find("ORDER_ID")
    assert (order.external_id, order.channel, order.status) == ("ORDER_ID", "ecommerce", Status.PENDING)
    buyer, body = order.body.buyer, order.body
    assert (buyer.full_name, buyer.cpf, buyer.cnpj) == ("João Medeiros", "00055544465", None)
    assert (buyer.email, buyer.phone_number, buyer.gender) == ("[email protected]", "5541999999999", "male")
    assert (buyer.date_of_birth, buyer.company_name, buyer.state_inscription) == ("2023-10-09", None, None)
    address = body.delivery_address
    assert address is not None
    assert (address.street, address.complement, address.number) == ("STREET", "COMPLEMENT", "213")
    assert (address.neighborhood, address.cep, address.recipient) == ("SUBURB", "CEP", "RECIPIENT_NAME")
    assert (address.state, address.city, address.country) == ("STATE", "CITY", "COUNTRY")
    [item] = order.items
    assert (item.sku_code, item.quantity, item.unit_price, item.is_gift) == ("1", 5, Decimal(10), True)
    assert (item.discount_price, item.body.discount_amount) == (Decimal(2), Decimal(10))
    assert (order.sub_total_amount, order.discount_amount, order.freight_amount) == (
        Decimal(50),
        Decimal(10),
        Decimal(10),
    )
    assert order.total_amount == 50
    assert (body.freight.reference, body.freight.description, body.freight.delivery_time) == ("SEDEX", "SEDEX", 1)
    assert (body.dealer_code, body.voucher_code) == ("YOUR_ID", "CUPOM")
    assert set(body.custom_data) == {
        CustomDatum(key="retailerOrderId", value="SEQUENCE_ORDER_ID"),
        CustomDatum(key="salesChannel", value="Instagram"),
        CustomDatum(key="campaign", value="Campaign"),
        CustomDatum(key="coupon", value="CUPOM"),
        CustomDatum(key="giftCard", value="GiftGift"),
        CustomDatum(key="team", value="Team"),
        CustomDatum(key="salesPerson", value="John Doe"),
        CustomDatum(key="salesPersonId", value="OMNICHAT_SALESPERSON_ID"),
    }


async def test_the_documented_example_is_reserved_and_told(chat: ChatShop) -> None:
    await chat.hook(SEED)
    await chat.settle()
    order = await chat.find("ORDER_ID")
    [payment] = order.payments
    assert (payment.type, payment.status, payment.amount) == (
        PaymentType.PAYMENT_LINK,
        PaymentStatus.PENDING,
        Decimal(50),
    )
    assert await chat.shop.level("1") == (100, 5)
    [(object_id, call, told)] = chat.told()
    assert (object_id, call) == ("ORDER_ID", "statusChange")
    message = f"Pedido {order.friendly_code} criado / Order {order.friendly_code} created"
    assert told == {
        "responsible": "balcao",
        "status": "ORDER_GATEWAY_PROVISIONED",
        "message": message,
        "orderGwId": str(order.order_id),
    }
    assert chat.receiver.got[0].headers["authorization"] == "Bearer their-secret"
    assert await chat.outcome("ORDER_ID") == ("provisioned", str(order.order_id))


async def test_our_own_checkout_is_named(chat: ChatShop) -> None:
    body = asked()
    await chat.hook(body, checkout=Checkout.OWN)
    await chat.settle()
    order = await chat.find(body["objectId"])
    assert chat.told() == [
        (
            body["objectId"],
            "provisions",
            {
                "responsible": "balcao",
                "code": 200,
                "message": f"Pedido {order.friendly_code} criado / Order {order.friendly_code} created",
                "checkoutUrl": f"https://loja.example.com/checkout/{order.order_id}",
            },
        )
    ]


async def test_sent_again_it_is_one_order_told_once(chat: ChatShop) -> None:
    body = asked()
    for _ in range(3):
        await chat.hook(body)
    await chat.settle()
    await chat.hook(body)
    await chat.hook(body | {"coupon": "OTHER"})
    await chat.settle()
    assert (await chat.orders(), len(chat.told())) == (1, 1)
    assert await chat.shop.level("1") == (100, 5)
    kept = (await chat.lines())[body["objectId"]]
    assert [line.outcome for line in kept] == ["provisioned", "repeated"]


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"items__0__quantity": 101}, "sem estoque do item 1: 101 pedidos, 100 disponíveis"),
        ({"items__0__productReference": "NADA", "items__0__variantId": ...}, "o item NADA não existe no catálogo"),
        ({"items__0__productReference": "INACTIVE"}, "o item INACTIVE está inativo"),
        ({"items": []}, "items: o pedido não tem itens"),
        ({"items": "none"}, "items: o pedido não tem itens"),
        ({"items__0__price": -1}, "items[0].price: preço negativo (-1)"),
        ({"items__0__price": "much"}, "items[0].price: não é um número"),
        ({"items__0__quantity": 0}, "items[0].quantity: quantidade inválida (0)"),
        ({"items__0__quantity": 1.5}, "items[0].quantity: quantidade inválida (1.5)"),
        ({"customer__taxDocumentnumber": "123"}, "customer.taxDocumentnumber: CPF inválido (123)"),
        ({"customer__taxDocumentnumber": ...}, "customer.taxDocumentnumber: CPF ausente"),
        ({"customer__businessAccount": True}, "customer.businessTaxId: CNPJ inválido (TRED98E)"),
        ({"customer": None}, "customer: cliente ausente"),
        ({"customer__name": "", "customer__lastName": ""}, "customer.name: nome do cliente ausente"),
        ({"customer__email": "", "customer__phoneNumber": ""}, "customer.email: cliente sem e-mail e sem telefone"),
        ({"shippingAddress": None}, "shippingAddress: endereço de entrega ausente"),
        ({"shippingAddress__zip": "99999-999"}, "o CEP 99999999 não é atendido para estes itens"),
        ({"shippingAddress__zip": "123"}, "shippingAddress.zip: CEP inválido (123)"),
        ({"shippingAddress__city": ""}, "shippingAddress.city: cidade ausente"),
        ({"discount": 101, "discountMode": "PERCENTAGE"}, "discount: desconto de 101%"),
        ({"discount": 61}, "discount: o desconto de 61 é maior que o pedido"),
        ({"discount": -1}, "discount: desconto negativo (-1)"),
        ({"discountMode": "HALF"}, "discountMode: modo de desconto desconhecido (HALF)"),
        ({"freightCost": -1}, "freightCost: frete negativo (-1)"),
    ],
)
@pytest.mark.parametrize("checkout", list(Checkout))
async def test_what_cannot_be_is_refused_with_its_reason(
    chat: ChatShop, over: dict[str, object], words: str, checkout: Checkout
) -> None:
    body = asked(**over)
    await chat.hook(body, checkout=checkout)
    await chat.settle()
    reason = f"Pedido não provisionado: {words}."
    [(object_id, call, told)] = chat.told()
    assert object_id == body["objectId"]
    expected: dict[str, object] = {"responsible": "balcao", "message": reason}
    if checkout is Checkout.OMNI:
        assert (call, told) == ("statusChange", expected | {"status": "CANCELLED"})
    else:
        assert (call, told) == ("provisions", expected | {"code": 400})
    assert await chat.outcome(body["objectId"], checkout) == ("refused", reason)
    assert await chat.orders() == 0
    assert await chat.shop.level("1") == (100, 0)


async def test_refused_together_each_has_its_own_instant(chat: ChatShop) -> None:
    for _ in range(3):
        await chat.hook(asked(items=[]))
    await chat.settle()
    assert len({event["at_us"] for event in await chat.shop.events("omnichat.refused")}) == 3
    await check(chat.shop, "events' instants rise with their numbers")


async def test_a_refused_order_may_come_again_with_another_cart(chat: ChatShop) -> None:
    body = asked(items__0__quantity=101)
    await chat.hook(body, checkout=Checkout.OWN)
    await chat.settle()
    body["items"][0]["quantity"] = 2
    await chat.hook(body, checkout=Checkout.OWN)
    await chat.settle()
    assert [told["code"] for _, _, told in chat.told()] == [400, 200]
    assert await chat.shop.level("1") == (100, 2)


async def test_a_team_sells_from_its_store(chat: ChatShop) -> None:
    body = asked(team__externalId="loja-2")
    await chat.hook(body)
    await chat.settle()
    assert (await chat.find(body["objectId"])).seller_cnpj == OTHER_STORE
    assert await chat.shop.level("1", OTHER_STORE) == (100, 5)


@pytest.mark.parametrize("seller", [OTHER_STORE, "11.222.333/0001-81", "PDV-2"])
async def test_an_item_names_its_store(chat: ChatShop, seller: str) -> None:
    body = asked(items__0__sellerId=seller)
    await chat.hook(body)
    await chat.settle()
    assert (await chat.find(body["objectId"])).seller_cnpj == OTHER_STORE


async def test_without_a_store_the_best_that_has_everything_is_chosen(chat: ChatShop) -> None:
    await chat.shop.count("1", 4, STORE)
    body = asked(team=...)
    await chat.hook(body)
    await chat.settle()
    assert (await chat.find(body["objectId"])).seller_cnpj == OTHER_STORE
    assert (await chat.find(body["objectId"])).body.freight.reference == "SEDEX"


async def test_a_collection_needs_no_address(chat: ChatShop) -> None:
    body = asked(shippingMethod=f"PICKUP-{OTHER_STORE}", shippingAddress=..., freightCost=0)
    await chat.hook(body)
    await chat.settle()
    order = await chat.find(body["objectId"])
    assert (order.is_delivery, order.seller_cnpj, order.body.freight.reference) == (False, OTHER_STORE, "PICKUP")


async def test_orders_that_come_together_share_the_stock_without_exceeding_it(chat: ChatShop) -> None:
    bodies = [asked(items__0__quantity=30, team__externalId="loja-2") for _ in range(5)]
    for body in bodies:
        await chat.hook(body)
    await chat.settle()
    assert await chat.shop.level("1", OTHER_STORE) == (100, 90)
    statuses = sorted(chat.statuses(body["objectId"])[0] for body in bodies)
    assert statuses == ["CANCELLED"] * 2 + ["ORDER_GATEWAY_PROVISIONED"] * 3


async def test_a_refused_call_is_kept_for_the_operator(chat: ChatShop) -> None:
    from aiohttp import web

    chat.receiver.answering = lambda _: web.Response(status=422)
    body = asked()
    await chat.hook(body)
    await chat.settle()
    line = chat.accounts[Checkout.OMNI].integration.webhook_id
    text = "SELECT status, attempts FROM webhook_delivery WHERE webhook_id = $1 AND died_us IS NOT NULL"
    async with chat.db.read() as tx:
        assert tuple(await tx.fetchrow(text, line) or ()) == (422, 1)
        shown = await tx.fetchval("SELECT headers::text FROM webhook_attempt WHERE webhook_id = $1", line)
    assert "their-secret" not in str(shown)
