"""OmniChat's hooks over HTTP: who may, what is answered at once, what is kept; search and carts."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.catalog.note_words import note_words
from balcao.omnichat.add import add_integration
from balcao.omnichat.rules.model import Checkout
from balcao.omnichat.settings import IntegrationSettings
from tests.verbs.chat_shop import SEED, ChatShop, asked, chat_shop
from tests.verbs.shop import OTHER_STORE, STORE, dump, open_shop

HOOKS = ("order-checker", "provision", "status-change", "cancellation")


class Caller:
    """OmniChat's side of one integration."""

    def __init__(self, client: httpx.AsyncClient, chat: ChatShop) -> None:
        self.client, self.chat = client, chat
        self.secret = chat.accounts[Checkout.OMNI].inbound_secret

    async def call(self, hook: str, body: Any = None, **more: Any) -> httpx.Response:
        secret = more.pop("secret", self.secret)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        path = f"/hooks/omnichat/{more.pop('account', self.chat.account())}/{hook}"
        if hook == "catalog":
            return await self.client.get(path, headers=headers, params=body)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(path, headers=headers, content=content)


@pytest.fixture
async def omni(client: httpx.AsyncClient, db: Database, tmp_path: Path) -> AsyncIterator[Caller]:
    async with chat_shop(db, tmp_path) as chat:
        async with db.transaction() as tx:
            await tx.execute(
                """
                INSERT INTO price (tenant, product_id, seller_id, price, old_price, last_update_us)
                SELECT $1, product_id, $2, 19.90, 25, 1 FROM product WHERE tenant = $1
                """,
                chat.tenant,
                chat.shop.stores[STORE],
            )
            [product_id] = [row["product_id"] for row in await tx.fetch("SELECT product_id FROM product")]
            await note_words(tx, chat.tenant, [product_id])
        yield Caller(client, chat)


async def test_the_documented_example_is_kept_and_answered(omni: Caller) -> None:
    answer = await omni.call("provision", SEED.encode())
    assert (answer.status_code, answer.json()) == (200, {"result": "ok"})
    await omni.chat.settle()
    assert omni.chat.statuses("ORDER_ID") == ["ORDER_GATEWAY_PROVISIONED"]


@pytest.mark.parametrize("hook", ["catalog", *HOOKS])
async def test_who_may_not(omni: Caller, hook: str) -> None:
    before = await dump(omni.chat.db)
    other = omni.chat.accounts[Checkout.OWN]
    body = None if hook == "catalog" else asked() | {"statusChange": {"status": "PAID"}}
    for more in (
        {"secret": "wrong"},
        {"secret": ""},
        {"secret": other.inbound_secret},
        {"account": other.integration.integration_id},
        {"account": "qaapp.aaaaaaaaaa"},
        {"account": "nowhere.aaaaaaaaaa"},
        {"account": "%2F"},
    ):
        answer = await omni.call(hook, body, **more)
        assert answer.status_code == 401, (more, answer.text)
        assert answer.json()["code"] == "wrong_secret"
    assert await dump(omni.chat.db) == before


async def test_another_tenants_integration(omni: Caller) -> None:
    """Each secret opens its own integration, whatever tenant is named, and nothing is kept of the attempt."""
    chat = omni.chat
    theirs = await open_shop(chat.db, name="other")
    settings = IntegrationSettings(
        name="theirs",
        channel="ecommerce",
        checkout=Checkout.OMNI,
        api_secret="secret",
        allow_private=True,
        actor="test",
    )
    added = await chat.db.run(lambda tx: add_integration(tx, theirs.tenant, settings, chat.seal, chat.now()))
    their_id = added.integration.integration_id
    before = await dump(chat.db)
    for more in (
        {"account": their_id},
        {"account": chat.account().replace("qaapp", "other")},
        {"account": their_id.replace("other", "qaapp"), "secret": added.inbound_secret},
        {"secret": added.inbound_secret},
    ):
        answer = await omni.call("provision", asked(), **more)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_secret"), more
    assert await dump(chat.db) == before
    assert (await omni.call("provision", asked(), account=their_id, secret=added.inbound_secret)).status_code == 200


async def test_one_switched_off(omni: Caller) -> None:
    async with omni.chat.db.transaction() as tx:
        await tx.execute("UPDATE omnichat_integration SET is_active = false")
    assert (await omni.call("provision", asked())).status_code == 401


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"x"', b"\xff", b"[" * 10_000, b"1e999999"])
async def test_what_is_no_document(omni: Caller, hook: str, body: bytes) -> None:
    answer = await omni.call(hook, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body"), answer.text


@pytest.mark.parametrize("hook", HOOKS)
async def test_too_large_a_body(omni: Caller, hook: str) -> None:
    before = await dump(omni.chat.db)
    answer = await omni.call(hook, b'{"objectId": "' + b"x" * 10_000_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await dump(omni.chat.db) == before


@pytest.mark.parametrize(
    ("hook", "body", "field"),
    [
        ("provision", {}, "objectId"),
        ("provision", {"objectId": ""}, "objectId"),
        ("provision", {"objectId": {}}, "objectId"),
        ("provision", {"objectId": "x" * 201}, "objectId"),
        ("status-change", {"statusChange": {"status": "PAID"}}, "order.objectId"),
        ("status-change", {"order": {"objectId": "1"}}, "statusChange.status"),
        ("status-change", {"order": {"objectId": "1"}, "statusChange": []}, "statusChange.status"),
        ("cancellation", {"order": {}}, "order.objectId"),
    ],
)
async def test_what_does_not_say_what_it_is_about(omni: Caller, hook: str, body: Any, field: str) -> None:
    answer = await omni.call(hook, body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


async def test_hooks_are_listed_with_what_became_of_them(omni: Caller) -> None:
    body = asked(items=[])
    await omni.call("provision", body)
    await omni.chat.settle()
    await omni.call("status-change", {"order": body, "statusChange": {"status": "paid", "updatedAt": 1790000000000}})
    await omni.chat.settle()
    [refused, logged] = (await omni.chat.lines())[body["objectId"]]
    assert (refused.outcome, json.loads(refused.body)) == ("refused", body)
    assert (logged.outcome, logged.status, logged.said_us) == ("logged", "PAID", 1_790_000_000_000_000)


class TestCatalog:
    async def test_by_text(self, omni: Caller) -> None:
        [product] = (await omni.call("catalog", {"query": "camiseta"})).json()
        product_id = product.pop("objectId")
        variants = product.pop("variants")
        assert product == {
            "externalId": "1",
            "name": "Camiseta",
            "productDescription": None,
            "externalUrl": None,
            "externalProduct": True,
            "blocked": False,
            "mainVariant": variants[0]["objectId"],
            "sellOutOfStock": False,
            "trackInventory": True,
        }
        assert product_id
        first = next(variant for variant in variants if variant["externalId"] == "1")
        assert first == {
            "objectId": str(omni.chat.shop.skus["1"]),
            "externalId": "1",
            "erpId": "654987321",
            "name": "Camiseta 1",
            "externalImageURL": None,
            "visible": True,
            "price": 25,
            "salePrice": 19.9,
            "quantity": 100,
            "sellerId": STORE,
            "sellerName": STORE,
            "width": None,
            "height": None,
            "variantLength": None,
            "weight": None,
            "variations": [],
        }
        assert {variant["externalId"] for variant in variants} == {"1", "2", "3", "4", "UNCOUNTED"}

    @pytest.mark.parametrize(
        ("kind", "query"), [("SKUID", "654987321"), ("skuid", "3"), ("REFERENCE", "1"), ("TEXT", "camizeta")]
    )
    async def test_by_what_it_is(self, omni: Caller, kind: str, query: str) -> None:
        [product] = (await omni.call("catalog", {"query": query, "searchType": kind})).json()
        assert product["externalId"] == "1"
        by_id = await omni.call("catalog", {"query": product["objectId"], "searchType": "ID", "size": 50})
        assert by_id.json() == [product]

    @pytest.mark.parametrize(
        "query",
        [{}, {"query": "nada"}, {"query": "camiseta", "from": 1}, {"query": "camiseta", "teamId": "loja-2"}],
    )
    async def test_nothing(self, omni: Caller, query: dict[str, Any]) -> None:
        answer = await omni.call("catalog", query)
        assert (answer.status_code, answer.json()) == (200, [])

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"searchType": "COLOUR"}, "searchType"),
            ({"size": 0}, "size"),
            ({"from": -1}, "from"),
            ({"size": "x"}, "size"),
        ],
    )
    async def test_what_cannot_be_asked(self, omni: Caller, query: dict[str, Any], field: str) -> None:
        answer = await omni.call("catalog", query)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


class TestCart:
    async def checked(self, omni: Caller, **over: Any) -> Any:
        answer = await omni.call("order-checker", asked(**over))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def test_the_ways_to_send_it(self, omni: Caller) -> None:
        before = await dump(omni.chat.db)
        [advice] = await self.checked(omni)
        ways = advice.pop("shippingOptions")
        assert advice == {
            "action": "INFO",
            "component": "ITEM",
            "componentId": "ID_ITEM",
            "message": "",
            "shippingMethod": "SEDEX",
        }
        delivery = next(way for way in ways if way["id"] == "SEDEX")
        assert delivery == {
            "id": "SEDEX",
            "name": "Sedex",
            "price": 12.5,
            "listPrice": 12.5,
            "tax": 0,
            "deliveryChannel": "delivery",
            "shippingEstimate": "3bd",
            "productLockedTime": None,
        }
        pickup = next(way for way in ways if way["id"] == f"PICKUP-{STORE}")
        assert (pickup["deliveryChannel"], pickup["price"]) == ("pickup-in-point", 0)
        assert await dump(omni.chat.db) == before

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"items__0__quantity": 101}, "Sem estoque do item 654987321: 101 pedidos, 100 disponíveis."),
            ({"items__0__productReference": "NADA"}, "O item NADA não existe no catálogo."),
            ({"items__0__sellerId": OTHER_STORE}, "O item 654987321 não tem preço."),
            ({"items__0__quantity": 0}, "Quantidade inválida (0)."),
            ({"items__0__price": -1}, "Preço negativo (-1)."),
            ({"shippingAddress__zip": "12"}, "O CEP do endereço é inválido."),
        ],
    )
    async def test_what_cannot_be_sold(self, omni: Caller, over: dict[str, Any], message: str) -> None:
        [advice] = await self.checked(omni, **over)
        assert advice == {"action": "ERROR", "component": "ITEM", "componentId": "ID_ITEM", "message": message}

    @pytest.mark.parametrize(
        "body", [{}, {"objectId": "1", "status": "OPEN"}, {"items": []}, {"order": {"items": None}}]
    )
    async def test_nothing_to_talk_about(self, omni: Caller, body: dict[str, Any]) -> None:
        answer = await omni.call("order-checker", body)
        assert (answer.status_code, answer.json()) == (200, [])

    async def test_items_alone(self, omni: Caller) -> None:
        good = {"objectId": "I1", "productReference": "1", "quantity": 2}
        items = [good, {"objectId": "I2", "productReference": "nada", "quantity": 1}]
        answer = await omni.call("order-checker", {"eventType": "ITEM_UPDATE", "order": {"items": items}})
        assert [(each["action"], each["componentId"]) for each in answer.json()] == [("ERROR", "I2")]
        assert (await omni.call("order-checker", {"items": [good]})).json() == []
