"""Webhooks over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook as Verifier

from balcao.base.settings import Settings, read_settings, settings_env
from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.receiver import Receiver, receiving
from tests.verbs.shop import STORE

PATH = "/v1/webhooks"
UNKNOWN = UUID(int=5)
ASKED = {
    "url": "https://example.com/hook",
    "description": "the ERP",
    "types": ["order.*"],
    "channels": ["ecommerce"],
    "sellers": [STORE],
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def _created(api: Api, **over: Any) -> dict[str, Any]:
    answer = await api.send("POST", PATH, ASKED | over)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def test_a_webhook_is_created_with_its_secret_shown_once(api: Api) -> None:
    answer = await api.send("POST", PATH, ASKED)
    created = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert ASKED.items() <= created.items()
    assert (created["isActive"], created["disabledReason"], created["pending"], created["dead"]) == (True, None, 0, 0)
    listed = (await api.send("GET", PATH)).json()
    assert listed == {"webhooks": [created]}
    assert (await api.send("GET", f"{PATH}/{created['webhookId']}")).json() == created


async def test_a_repeated_creation_keeps_no_secret(api: Api) -> None:
    key = {"Idempotency-Key": "one"}
    first = await api.send("POST", PATH, ASKED, headers=key)
    again = await api.send("POST", PATH, ASKED, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json()["webhookId"] == again.json()["webhookId"]
    assert "secret" not in again.json()
    assert len((await api.send("GET", PATH)).json()["webhooks"]) == 1


@pytest.mark.parametrize(
    ("over", "errors"),
    [
        ({"url": "http://example.com/"}, {"url": ["must begin with https://"]}),
        ({"url": "https://127.0.0.1/"}, {"url": ["127.0.0.1 is loopback"]}),
        (
            {"url": "https://169.254.169.254/"},
            {"url": ["169.254.169.254 is link-local, where clouds keep their metadata"]},
        ),
        ({"types": ["?"]}, {"types": ["'?' is no type: send such as order.placed or order.*"]}),
        ({"sellers": ["11444777000161"]}, {"sellers": ["there is no store with the CNPJ 11444777000161"]}),
    ],
)
async def test_what_is_refused(api: Api, over: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = await api.send("POST", PATH, ASKED | over)
    assert (answer.status_code, answer.json()["errors"]) == (400, errors)
    assert (await api.send("GET", PATH)).json() == {"webhooks": []}


@pytest.mark.parametrize("role", [Role.CHANNEL, Role.ERP])
async def test_others_see_nothing(api: Api, role: Role) -> None:
    assert (await api.send("GET", PATH, role=role)).status_code == 403
    assert (await api.send("POST", PATH, ASKED, role=role)).status_code == 403


async def test_operators_look_and_change_nothing(api: Api) -> None:
    webhook_id = (await _created(api))["webhookId"]
    for path in ("", f"/{webhook_id}", f"/{webhook_id}/attempts", f"/{webhook_id}/dead-letters"):
        assert (await api.send("GET", PATH + path, role=Role.OPERATOR)).status_code == 200
    for method, path, body in (
        ("POST", "", ASKED),
        ("PATCH", f"/{webhook_id}", {"isActive": False}),
        ("DELETE", f"/{webhook_id}", None),
        ("POST", f"/{webhook_id}/secret", None),
        ("POST", f"/{webhook_id}/test", None),
        ("POST", f"/{webhook_id}/replays", {"seq": 1}),
        ("POST", f"/{webhook_id}/dead-letters/replays", {}),
    ):
        assert (await api.send(method, PATH + path, body, role=Role.OPERATOR)).status_code == 403
    assert (await api.send("GET", f"{PATH}/{webhook_id}")).json()["isActive"] is True


async def test_change_switch_off_and_remove(api: Api) -> None:
    path = f"{PATH}/{(await _created(api))['webhookId']}"
    changed = await api.send("PATCH", path, {"types": [], "sellers": [], "description": "new"})
    assert changed.status_code == 200
    assert (changed.json()["types"], changed.json()["sellers"], changed.json()["channels"]) == ([], [], ["ecommerce"])
    off = (await api.send("PATCH", path, {"isActive": False})).json()
    assert (off["isActive"], off["disabledReason"]) == (False, "switched off by an administrator")
    assert (await api.send("DELETE", path)).status_code == 204
    assert (await api.send("GET", path)).status_code == 404
    assert (await api.send("DELETE", path)).json()["code"] == "webhook_not_found"


async def test_rotation(api: Api) -> None:
    created = await _created(api)
    answer = await api.send("POST", f"{PATH}/{created['webhookId']}/secret")
    assert answer.status_code == 201
    assert answer.json()["secret"] != created["secret"]
    assert answer.json()["formerSecretValidUntil"] is not None


async def test_replays(api: Api) -> None:
    webhook_id = (await _created(api, types=["channel.*"]))["webhookId"]
    path = f"{PATH}/{webhook_id}/replays"
    one = await api.send("POST", path, {"seq": 1})
    assert (one.status_code, one.json()) == (202, {"fromSeq": 1, "toSeq": 1})
    assert (await api.send("GET", f"{PATH}/{webhook_id}")).json()["pending"] == 1
    stretch = await api.send("POST", path, {"from": 1, "to": 2})
    assert stretch.json() == {"fromSeq": 1, "toSeq": 2}
    since = await api.send("POST", path, {"since": "2020-01-01T00:00:00Z"})
    assert since.json()["fromSeq"] == 1
    assert (await api.send("POST", path, {})).status_code == 400
    assert (await api.send("POST", path, {"seq": 1, "from": 1})).json()["errors"] == {
        "seq": ["goes without the others"]
    }
    assert (await api.send("POST", path, {"seq": 10_000})).json()["code"] == "event_not_found"


async def test_dead_letters_of_a_healthy_webhook(api: Api) -> None:
    path = f"{PATH}/{(await _created(api))['webhookId']}/dead-letters"
    assert (await api.send("GET", path)).json() == {"deadLetters": [], "next": None}
    answer = await api.send("POST", f"{path}/replays", {})
    assert (answer.status_code, answer.json()) == (202, {"revived": 0})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/attempts"), ("GET", "/dead-letters"), ("POST", "/test"), ("POST", "/secret")],
)
async def test_unknown_webhooks(api: Api, method: str, path: str) -> None:
    answer = await api.send(method, f"{PATH}/{UNKNOWN}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found")


async def test_a_private_address_is_refused_when_it_is_called(api: Api) -> None:
    created = await _created(api)
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE webhook SET url = 'https://10.0.0.1/'")
    tried = (await api.send("POST", f"{PATH}/{created['webhookId']}/test")).json()
    assert (tried["outcome"], tried["error"]) == ("failed", "the address is refused: 10.0.0.1 is private")


class TestWithPrivateAddresses:
    """On an installation that may call them."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true"})

    async def test_a_test_message_is_sent_and_logged(self, api: Api, receiver: Receiver) -> None:
        created = await _created(api, url=f"{receiver.url}/hook")
        path = f"{PATH}/{created['webhookId']}"
        tried = await api.send("POST", f"{path}/test")
        assert tried.status_code == 200
        [got] = receiver.got
        assert Verifier(created["secret"]).verify(got.body, dict(got.headers))["type"] == "webhook.test"
        line = tried.json()
        assert (line["outcome"], line["status"], line["attempt"], line["seq"]) == ("delivered", 200, 0, 0)
        assert line["requestBody"].encode() == got.body
        log = (await api.send("GET", f"{path}/attempts")).json()
        assert log == {"attempts": [line], "next": None}
        assert (await api.send("GET", f"{path}/attempts?outcome=failed")).json()["attempts"] == []
        page = (await api.send("GET", f"{path}/attempts?limit=1")).json()
        assert page["next"] == line["attemptId"]
        assert (await api.send("GET", f"{path}/attempts?before={page['next']}")).json()["attempts"] == []
