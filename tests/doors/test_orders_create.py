"""Create orders over HTTP: the documented example, sent again, sent at once, and everything that is refused."""

import asyncio
from typing import Any

import pytest

from balcao.base.settings import Settings
from balcao.tenants.rules import Role
from tests.doors.conftest import serving
from tests.doors.shop import EXAMPLE, EXTERNAL, ORDERS, Api, lines, path_of, sent
from tests.verbs.shop import CLOSED_STORE, OTHER_STORE, STORE, open_shop

REPLAYED = "Idempotent-Replayed"


async def count_orders(api: Api) -> Any:
    return await api.value("SELECT count(*) FROM orders")


async def test_the_documented_example(api: Api) -> None:
    answer = await api.place(EXAMPLE)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert list(body) == ["id", "externalId", "friendlyCode", "status"]
    assert (body["externalId"], body["status"], len(body["friendlyCode"])) == ("NEOMODE-1", 1, 7)
    assert REPLAYED not in answer.headers
    assert answer.headers["Location"] == f"{api.client.base_url}{ORDERS}/{body['id']}"
    read = await api.client.get(answer.headers["Location"], headers=await api.token(Role.CHANNEL))
    order = read.json()
    assert order["id"] == body["id"]
    amounts = ("subTotalAmount", "discountAmount", "freightAmount", "totalWithoutFeeAmount", "totalAmount")
    assert [order[name] for name in amounts] == [19.9, 10, 1.1, 11, 11]
    assert await api.shop.level() == (100, 1)


async def test_the_same_again_answers_the_same_and_writes_nothing(api: Api) -> None:
    first = await api.place(EXAMPLE)
    before = await api.value("SELECT seq FROM tenant_clock")
    again = await api.place(EXAMPLE)
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers[REPLAYED], again.headers["Location"]) == ("true", first.headers["Location"])
    assert await count_orders(api) == 1
    assert await api.value("SELECT seq FROM tenant_clock") == before
    assert await api.shop.level() == (100, 1)


async def test_the_same_again_after_the_order_moved_on(api: Api) -> None:
    first = await api.place(EXAMPLE)
    order_id = first.json()["id"]
    await api.done("PUT", path_of(order_id, "payment"), {})
    assert (await api.place(EXAMPLE)).content == first.content
    await api.done("POST", path_of(order_id, "cancel"), {"reason": "no more"})
    assert (await api.place(EXAMPLE)).content == first.content
    assert await api.shop.level() == (100, 0)


@pytest.mark.parametrize(
    "over",
    [
        {"Items": [EXAMPLE["Items"][0] | {"UnitPrice": 19.91}]},
        {"Items": [EXAMPLE["Items"][0] | {"Quantity": 2}]},
        {"Items": EXAMPLE["Items"] * 2},
        {"IsDelivery": False},
        {"Buyer": EXAMPLE["Buyer"] | {"Cpf": "52998224725"}},
        {"OrderNote": "leave it at the door"},
        {"Freight": EXAMPLE["Freight"] | {"Amount": 1.2}},
        {"PaymentList": EXAMPLE["PaymentList"] * 2},
    ],
)
async def test_other_content_under_the_same_id_is_a_conflict(api: Api, over: dict[str, Any]) -> None:
    first = await api.place(EXAMPLE)
    answer = await api.place({**EXAMPLE, **over})
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["id"] == first.json()["id"]
    assert first.json()["id"] in answer.json()["detail"]
    assert (await count_orders(api), await api.shop.level()) == (1, (100, 1))


@pytest.mark.parametrize(
    "over",
    [
        {"Seller": {"Cnpj": "04.109.169/0001-35"}},
        {"Buyer": EXAMPLE["Buyer"] | {"Cpf": "555.704.039-06"}},
        {"Items": [EXAMPLE["Items"][0] | {"UnitPrice": 19.90, "DiscountPrice": 10.00}]},
        {"somethingNew": {"that": "nobody knows"}},
        {"DeliveryAddress": EXAMPLE["DeliveryAddress"] | {"ZipCode": "04321-130"}},
        {"Voucher": None, "CustomData": [], "FeeAmount": 0},
    ],
)
async def test_the_same_content_otherwise_written_is_the_same(api: Api, over: dict[str, Any]) -> None:
    first = await api.place(EXAMPLE)
    answer = await api.place({**EXAMPLE, **over})
    assert (answer.status_code, answer.headers[REPLAYED], answer.content) == (201, "true", first.content)


async def test_fifty_at_once_make_one_order(api: Api) -> None:
    headers = await api.token(Role.CHANNEL)
    answers = await asyncio.gather(*(api.client.post(EXTERNAL, json=dict(EXAMPLE), headers=headers) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get(REPLAYED, "") for answer in answers) == ["", *["true"] * 49]
    assert (await count_orders(api), await api.shop.level()) == (1, (100, 1))
    assert await api.value("SELECT count(*) FROM event WHERE type = 'order.placed'") == 1


async def test_twenty_at_once_with_other_contents_make_one_order(api: Api) -> None:
    headers = await api.token(Role.CHANNEL)
    bodies = [{**EXAMPLE, "OrderNote": f"{n}"} for n in range(20)]
    answers = await asyncio.gather(*(api.client.post(EXTERNAL, json=body, headers=headers) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 19]
    (won,) = (answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert {answer.json()["id"] for answer in answers} == {won}
    assert await count_orders(api) == 1


async def test_the_same_again_after_a_restart(api: Api, settings: Settings) -> None:
    headers = await api.token(Role.CHANNEL)
    answers = []
    for _ in range(2):
        async with serving(settings) as url:
            answers.append(await api.client.post(f"{url}{EXTERNAL}", json=dict(EXAMPLE), headers=headers))
    first, again = answers
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert await count_orders(api) == 1


async def test_one_external_id_in_two_channels_and_two_tenants(api: Api) -> None:
    await api.shop.channel("marketplace")
    other = Api(api.client, await open_shop(api.db, name="other"))
    answers = [
        await api.place(EXAMPLE),
        await api.place({**EXAMPLE, "Channel": "marketplace"}),
        await other.place({**EXAMPLE, "ClientId": "other"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 3


async def test_another_tenants_client_id(api: Api) -> None:
    answer = await api.place({**EXAMPLE, "ClientId": "other"})
    assert (answer.status_code, answer.json()["code"], await count_orders(api)) == (403, "wrong_tenant", 0)


async def test_a_channel_places_in_its_channel_only(api: Api) -> None:
    await api.shop.channel("marketplace")
    bound = {"channel": "ecommerce"}
    assert (await api.place(sent(Channel="marketplace"), bound=bound)).status_code == 403
    assert (await api.place(sent(), bound=bound)).status_code == 201


async def test_who_is_bound_to_a_store_places_there_only(api: Api) -> None:
    bound = {"seller_cnpj": STORE}
    for seller in ({"Cnpj": OTHER_STORE}, {"PointSaleId": "PDV-2"}):
        answer = await api.place(sent(Seller=seller), bound=bound)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_seller"), seller
    assert await count_orders(api) == 0
    for seller in ({"Cnpj": STORE}, {"PointSaleId": "PDV-1"}):
        assert (await api.place(sent(Seller=seller), bound=bound)).status_code == 201


async def test_an_external_id_holds_anything(api: Api) -> None:
    for external_id in ("a/b #1?é%20&x=1", "ção %2F", " blank ", "'; --", "x" * 500, "…/../..", "€\u2028"):
        answer = await api.place(sent(ExternalId=external_id))
        assert (answer.status_code, answer.json().get("externalId")) == (201, external_id), answer.text


async def test_out_of_stock_names_what_is_short(api: Api) -> None:
    answer = await api.place(sent(Items=lines(s1=101, s2=1, s3=999)))
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["items"] == [
        {"skuCode": "1", "asked": 101, "available": 100},
        {"skuCode": "3", "asked": 999, "available": 100},
    ]
    assert "1: 101 asked, 100 available" in answer.json()["detail"]
    assert (await count_orders(api), await api.shop.level(), await api.shop.level("2")) == (0, (100, 0), (100, 0))


async def test_the_id_is_free_again_after_a_refusal(api: Api) -> None:
    assert (await api.place({**EXAMPLE, "Items": lines(s1=101)})).status_code == 409
    assert (await api.place({**EXAMPLE, "Seller": {"Cnpj": CLOSED_STORE}})).status_code == 400
    answer = await api.place(EXAMPLE)
    assert (answer.status_code, REPLAYED in answer.headers) == (201, False)


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no channel": ({"Channel": ...}, {"Channel": "is required"}),
    "unknown channel": ({"Channel": "nowhere"}, {"Channel": "the channel 'nowhere' does not exist"}),
    "no external id": ({"ExternalId": ...}, {"ExternalId": "is required"}),
    "empty external id": ({"ExternalId": ""}, {"ExternalId": "must have at least 1 characters"}),
    "no client id": ({"ClientId": ...}, {"ClientId": "is required"}),
    "no seller": ({"Seller": ...}, {"Seller": "is required"}),
    "empty seller": ({"Seller": {}}, {"Seller": "needs Cnpj or PointSaleId"}),
    "unknown seller": (
        {"Seller": {"Cnpj": "11444777000161"}},
        {"Seller": "the store '11444777000161' does not exist or is not active"},
    ),
    "closed seller": (
        {"Seller": {"Cnpj": CLOSED_STORE}},
        {"Seller": f"the store '{CLOSED_STORE}' does not exist or is not active"},
    ),
    "malformed cnpj": ({"Seller": {"Cnpj": "123"}}, {"Seller.Cnpj": "must be a CNPJ of fourteen characters"}),
    "no buyer": ({"Buyer": ...}, {"Buyer": "is required"}),
    "no document": ({"Buyer__Cpf": ...}, {"Buyer.Cpf": "a Cpf or a Cnpj is required"}),
    "malformed cpf": ({"Buyer__Cpf": "1234567890"}, {"Buyer.Cpf": "must be a CPF of eleven digits"}),
    "no city": ({"Buyer__Address__City": ...}, {"Buyer.Address.City": "is required"}),
    "malformed cep": ({"DeliveryAddress__ZipCode": "0432-113"},
                      {"DeliveryAddress.ZipCode": "must be a CEP of eight digits"}),
    "nowhere to deliver": ({"DeliveryAddress": ...}, {"DeliveryAddress": "is required when IsDelivery is true"}),
    "no items": ({"Items": []}, {"Items": "must have at least 1 items"}),
    "unknown sku": (
        {"Items": lines(s1=1, s99=1)},
        {"Items[1].SkuCode": "the SKU '99' does not exist or is not active"},
    ),
    "inactive sku": (
        {"Items": lines(INACTIVE=1)},
        {"Items[0].SkuCode": "the SKU 'INACTIVE' does not exist or is not active"},
    ),
    "deleted sku": (
        {"Items": lines(DELETED=1)},
        {"Items[0].SkuCode": "the SKU 'DELETED' does not exist or is not active"},
    ),
    "no quantity": ({"Items": lines(s1=0)}, {"Items[0].Quantity": "must be at least 1"}),
    "half a piece": ({"Items": [lines(s1=1)[0] | {"Quantity": 1.5}]},
                     {"Items[0].Quantity": "must be an integer, not a number"}),
    "negative price": ({"Items": [lines(s1=1)[0] | {"UnitPrice": -1}]}, {"Items[0].UnitPrice": "must be at least 0"}),
    "price as text": ({"Items": [lines(s1=1)[0] | {"UnitPrice": "dear"}]}, {"Items[0].UnitPrice": "must be a number"}),
    "no payment": ({"PaymentList": ...}, {"PaymentList": "needs at least one payment"}),
    "unknown payment": (
        {"PaymentList": [{"Amount": 21, "PaymentMethod": {"Type": 8}}]},
        {"PaymentList[0].PaymentMethod.Type": "must be at most 7"},
    ),
    "no freight": ({"Freight": ...}, {"Freight": "is required"}),
    "negative freight": ({"Freight__Amount": -0.01}, {"Freight.Amount": "must be at least 0"}),
    "neither delivery nor pickup": ({"IsDelivery": ...}, {"IsDelivery": "is required"}),
    "more discount than goods": (
        {"Items": [lines(s1=1)[0] | {"DiscountPrice": 12}]},
        {"Items": "the discounts and the bonus exceed what the goods and the freight come to"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("over", "errors"), REFUSALS.values(), ids=REFUSALS)
async def test_what_is_refused_and_why(api: Api, over: dict[str, Any], errors: dict[str, str]) -> None:
    answer = await api.place(sent(**over))
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json"), answer.text
    assert answer.json()["errors"] == {field: [message] for field, message in errors.items()}
    assert (await count_orders(api), await api.shop.level()) == (0, (100, 0))
    assert await api.value("SELECT count(*) FROM order_key") == 0


async def test_everything_that_is_wrong_is_named_at_once(api: Api) -> None:
    body = sent(Channel=..., Buyer__Email=..., Items=[{"SkuCode": 1, "Quantity": "2"}], Freight__DeliveryTime=-1)
    answer = await api.place(body)
    assert sorted(answer.json()["errors"]) == [
        "Buyer.Email", "Channel", "Freight.DeliveryTime", "Items[0].DiscountPrice", "Items[0].ProductCode",
        "Items[0].Quantity", "Items[0].SkuCode", "Items[0].UnitPrice",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff\xfe", b"<xml/>", b"a=b"])
async def test_what_is_no_order_at_all(api: Api, body: bytes) -> None:
    answer = await api.place(body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"]), answer.text


async def test_a_body_beyond_the_limit(api: Api, settings: Settings) -> None:
    body = {**EXAMPLE, "filler": "x" * settings.body_limit_bytes}
    answer = await api.place(body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("kind", "more", "missing"),
    [
        (1, {}, ["PaymentMethod.Brand", "AcquirerMessage", "AcquirerApprovalCode", "QuantityInstallments"]),
        (6, {}, ["AcquirerMessage", "AcquirerApprovalCode"]),
        (6, {"AcquirerMessage": "ok", "AcquirerApprovalCode": "1"}, []),
        (1, {"AcquirerMessage": "", "AcquirerApprovalCode": 17, "QuantityInstallments": 3,
             "PaymentMethod": {"Type": 1, "Brand": "Visa", "Modality": 2, "Info": "Credit"}}, []),
        (2, {}, []), (3, {}, []), (4, {}, []), (5, {}, []), (7, {}, []),
    ],
)  # fmt: skip
async def test_what_each_kind_of_payment_needs(api: Api, kind: int, more: dict[str, Any], missing: list[str]) -> None:
    answer = await api.place(sent(PaymentList=[{"Amount": 11, "PaymentMethod": {"Type": kind}, **more}]))
    assert list(answer.json().get("errors", {})) == [f"PaymentList[0].{name}" for name in missing]
    assert answer.status_code == (400 if missing else 201)
