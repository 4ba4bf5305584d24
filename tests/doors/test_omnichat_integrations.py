"""Integrations with OmniChat over HTTP: added, looked at, changed, removed; what cannot be is refused by its field."""

from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.verbs.shop import OTHER_STORE, STORE

PATH = "/v1/omnichat/integrations"
ASKED: dict[str, Any] = {
    "name": "WhatsApp",
    "channel": "ecommerce",
    "checkout": "omni",
    "apiSecret": "their-secret",
    "seller": STORE,
    "teams": {"padrao-1234": OTHER_STORE},
}


async def _added(api: Api, **over: Any) -> dict[str, Any]:
    answer = await api.post(PATH, ASKED | over)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def test_an_integration_is_added_with_its_secret_shown_once(api: Api) -> None:
    answer = await api.post(PATH, ASKED)
    added = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert len(added.pop("inboundSecret")) == 43
    integration_id = added["integrationId"]
    assert integration_id.startswith("qaapp.")
    assert {name: added[name] for name in ("name", "channel", "checkout", "seller", "teams")} == {
        name: value for name, value in ASKED.items() if name != "apiSecret"
    }
    assert added["baseUrl"] == "https://orders-api.omni.chat/v2"
    assert (added["responsible"], added["isActive"], added["pending"], added["dead"]) == ("balcao", True, 0, 0)
    assert added["hookUrl"].endswith(f"/hooks/omnichat/{integration_id}")
    assert (await api.get(PATH)).json() == {"integrations": [added]}
    assert (await api.get(f"{PATH}/{integration_id}", role=Role.OPERATOR)).json() == added
    assert (await api.get("/v1/webhooks")).json() == {"webhooks": []}
    assert "their-secret" not in str(await api.value("SELECT array_agg(to_jsonb(w)) FROM webhook w"))


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"channel": "nowhere"}, "channel"),
        ({"checkout": "theirs"}, "checkout"),
        ({"checkout": "own"}, "checkoutUrl"),
        ({"checkout": "own", "checkoutUrl": "javascript:alert(1)"}, "checkoutUrl"),
        ({"seller": "11111111111111"}, "seller"),
        ({"teams": {"a": "11111111111111"}}, "teams.a"),
        ({"baseUrl": "http://127.0.0.1:1/v2"}, "baseUrl"),
        ({"baseUrl": "ftp://example.com"}, "baseUrl"),
        ({"apiSecret": ""}, "apiSecret"),
        ({"apiSecret": "a\nb"}, "apiSecret"),
        ({"name": " "}, "name"),
        ({"responsible": ""}, "responsible"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(api: Api, over: dict[str, Any], field: str) -> None:
    answer = await api.post(PATH, ASKED | over)
    assert answer.status_code == 400, answer.text
    assert list(answer.json()["errors"]) == [field]
    assert (await api.get(PATH)).json() == {"integrations": []}
    assert await api.value("SELECT count(*) FROM webhook") == 0


async def test_what_is_left_out_stays(api: Api) -> None:
    added = await _added(api)
    path = f"{PATH}/{added['integrationId']}"
    changed = (await api.send("PATCH", path, {"name": "Instagram", "seller": ""})).json()
    assert (changed["name"], changed["seller"], changed["teams"]) == ("Instagram", None, ASKED["teams"])
    own = {"checkout": "own", "checkoutUrl": "https://shop.example.com/{orderId}", "teams": {}, "isActive": False}
    changed = (await api.send("PATCH", path, own)).json()
    assert own.items() <= changed.items()
    assert (await api.send("PATCH", path, {"checkoutUrl": ""})).status_code == 400
    assert (await api.get(path)).json() == changed


async def test_a_new_inbound_secret_is_shown_once(api: Api) -> None:
    added = await _added(api)
    path = f"{PATH}/{added['integrationId']}"
    rotated = (await api.post(f"{path}/secret")).json()
    assert rotated["inboundSecret"] != added["inboundSecret"]
    assert rotated["formerSecretValidUntil"] is not None
    assert "inboundSecret" not in (await api.get(path)).json()


async def test_a_removed_one_is_gone(api: Api) -> None:
    added = await _added(api)
    path = f"{PATH}/{added['integrationId']}"
    assert (await api.send("DELETE", path)).status_code == 204
    for method, to, body in (
        ("GET", path, None),
        ("PATCH", path, {}),
        ("DELETE", path, None),
        ("POST", f"{path}/secret", None),
        ("GET", f"{path}/hooks", None),
        ("GET", f"{path}/attempts", None),
        ("GET", f"{path}/dead-letters", None),
        ("POST", f"{path}/dead-letters/replays", {}),
    ):
        assert (await api.send(method, to, body)).status_code == 404, (method, to)
    assert await api.value("SELECT count(*) FROM webhook") == 0


async def test_an_integration_tells_of_itself_without_secrets(api: Api) -> None:
    added = await _added(api)
    await api.send("PATCH", f"{PATH}/{added['integrationId']}", {"apiSecret": "another"})
    await api.post(f"{PATH}/{added['integrationId']}/secret")
    await api.send("DELETE", f"{PATH}/{added['integrationId']}")
    events = await api.shop.events("integration.%")
    kinds = ["created", "changed", "secret_rotated", "removed"]
    assert [event["type"] for event in events] == [f"integration.{kind}" for kind in kinds]
    assert not any(secret in str(events) for secret in ("their-secret", "another", added["inboundSecret"]))
