"""Webhooks and OmniChat in the console: subscribe, look, test, send again, remove."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import web

from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings, settings_env
from balcao.tenants.tenants import CreateTenant, create_tenant
from tests.doors.conftest import Sit
from tests.doors.shop import Api
from tests.doors.test_console_integrations import fact
from tests.receiver import Receiver, receiving
from tests.staff import BARE, SCRIPT, Staff, text_of
from tests.verbs.shop import OTHER_STORE, STORE

HOOKS = "/console/integrations/webhooks"
CHATS = "/console/integrations/omnichat"
CHAT = {"name": "WhatsApp", "channel": "ecommerce", "checkout": "omni", "api_secret": "their-secret", "seller": STORE}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Webhooks may go to this machine."""
    return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def subscribed(staff: Staff, url: str, **more: str) -> str:
    """The path of a new webhook."""
    made = await staff.post(HOOKS, url=url, **more)
    assert fact(made.text, "secret").startswith("whsec_"), made.text
    return f"{HOOKS}/{made.text.split(f'{HOOKS}/')[1].split(chr(34))[0]}"


async def test_subscribe_test_and_read_the_log(sit: Sit, api: Api, receiver: Receiver) -> None:
    staff = await sit(api.shop.tenant)
    path = await subscribed(staff, receiver.url, description=SCRIPT, types="order.*", sellers=STORE)
    receiver.answering = lambda _: web.Response(text=SCRIPT)
    tested = await staff.post(f"{path}/test", on=path)
    assert "Teste entregue em" in text_of(tested.text)
    assert [got.path for got in receiver.got] == ["/"]
    receiver.answering = lambda _: web.Response(status=500, text="no")
    assert "O teste falhou:" in text_of((await staff.post(f"{path}/test", on=path)).text)
    page = await staff.get(path)
    assert text_of(page.text).count("webhook.test") == 6
    assert text_of((await staff.get(f"{path}?outcome=failed")).text).count("webhook.test") == 3
    assert (await staff.get(f"{path}?outcome=odd&before=odd")).status_code == 200
    assert [bare for bare in BARE if bare in page.text + (await staff.get(HOOKS)).text] == []
    assert "whsec_" not in page.text


async def test_change_rotate_and_remove(sit: Sit, api: Api, receiver: Receiver) -> None:
    staff = await sit(api.shop.tenant)
    path = await subscribed(staff, receiver.url)
    off = await staff.post(f"{path}/change", on=path, url=f"{receiver.url}/b", types="order.*, stock.*", sellers=STORE)
    assert "Webhook salvo." in text_of(off.text)
    row = await api.value("SELECT to_jsonb(w) FROM webhook w")
    assert (row["url"], row["types"], row["is_active"]) == (f"{receiver.url}/b", ["order.*", "stock.*"], False)
    refused = await staff.post(f"{path}/change", on=path, url="nonsense", on_="1", sellers="11444777000161")
    assert "Dados inválidos." in text_of(refused.text)
    assert (await api.value("SELECT to_jsonb(w) FROM webhook w"))["url"] == f"{receiver.url}/b"
    assert fact((await staff.post(f"{path}/secret", on=path)).text, "secret").startswith("whsec_")
    gone = await staff.post(f"{path}/remove", on=path)
    assert "Webhook removido." in text_of(gone.text)
    assert (await staff.get(path)).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"url": "ftp://x"}, {"url": "https://example.com", "types": "?"}])
async def test_bad_webhooks_are_not_made(sit: Sit, api: Api, fields: dict[str, str]) -> None:
    staff = await sit(api.shop.tenant)
    assert "Dados inválidos." in text_of((await staff.post(HOOKS, on=HOOKS, **fields)).text)
    assert await api.value("SELECT count(*) FROM webhook") == 0


async def test_replay_and_dead_letters(sit: Sit, api: Api, receiver: Receiver) -> None:
    staff = await sit(api.shop.tenant)
    await api.placed()
    path = await subscribed(staff, receiver.url)
    seq = await api.value("SELECT seq FROM event WHERE type = 'order.placed'")
    one = await staff.post(f"{path}/replay", on=path, first=str(seq), last=str(seq))
    assert f"eventos {seq}–{seq}." in text_of(one.text)
    assert await api.value("SELECT count(*) FROM webhook_delivery") == 1
    for fields in ({}, {"first": "3", "last": "2"}, {"first": "x"}, {"hours": "-1"}):
        assert "Dados inválidos." in text_of((await staff.post(f"{path}/replay", on=path, **fields)).text)
    assert "Reenvio na fila" in text_of((await staff.post(f"{path}/replay", on=path, hours="9" * 18)).text)
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE webhook_delivery SET died_us = 1, status = 500, error = $1", SCRIPT)
    page = await staff.get(path)
    assert f"#{seq} order.placed" in text_of(page.text)
    assert [bare for bare in BARE if bare in page.text] == []
    assert "Na fila de novo: 1." in text_of((await staff.post(f"{path}/revive", on=path, seq=str(seq))).text)
    assert "Na fila de novo: 0." in text_of((await staff.post(f"{path}/revive", on=path)).text)


async def test_another_shops_webhooks_and_integrations(sit: Sit, api: Api, receiver: Receiver) -> None:
    own = await sit(api.shop.tenant)
    path = await subscribed(own, receiver.url)
    await own.post(CHATS, **CHAT)
    name = await api.value("SELECT integration_id FROM omnichat_integration")
    chat = f"{CHATS}/{name}"
    async with api.db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    staff = await sit(other)
    for one in (path, chat):
        assert (await staff.get(one)).status_code == 404
    for form in (f"{path}/test", f"{path}/secret", f"{path}/remove", f"{path}/revive", f"{chat}/secret"):
        assert "Não encontrado" in text_of((await staff.post(form)).text)
    assert receiver.got == []
    assert await api.value("SELECT count(*) FROM webhook") == 2
    unknown = await own.get(f"{HOOKS}/{UUID(int=9)}")
    assert unknown.status_code == 404


async def test_an_integration_is_added_changed_and_removed(sit: Sit, api: Api) -> None:
    staff = await sit(api.shop.tenant)
    made = await staff.post(CHATS, teams=f"padrao-1 = {OTHER_STORE}\nvip={STORE}", **CHAT)
    assert len(fact(made.text, "inboundSecret")) == 43
    name = await api.value("SELECT integration_id FROM omnichat_integration")
    assert fact(made.text, "hookUrl").endswith(f"/hooks/omnichat/{name}")
    path = f"{CHATS}/{name}"
    page = await staff.get(path)
    assert f"padrao-1 = {OTHER_STORE}" in page.text
    assert "their-secret" not in page.text
    changed = await staff.post(f"{path}/change", on=path, **(CHAT | {"name": SCRIPT, "api_secret": "", "seller": ""}))
    assert "Integração salva." in text_of(changed.text)
    row = await api.value("SELECT to_jsonb(i) FROM omnichat_integration i")
    assert (row["name"], row["seller_id"], row["teams"], row["is_active"]) == (SCRIPT, None, {}, False)
    assert [bare for bare in BARE if bare in (await staff.get(path)).text + (await staff.get(CHATS)).text] == []
    assert len(fact((await staff.post(f"{path}/secret", on=path)).text, "inboundSecret")) == 43
    assert "Na fila de novo: 0." in text_of((await staff.post(f"{path}/revive", on=path)).text)
    assert "Integração removida." in text_of((await staff.post(f"{path}/remove", on=path)).text)
    assert (await staff.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"channel": "nowhere"}, "channel"),
        ({"checkout": "theirs"}, "checkout"),
        ({"checkout": "own"}, "checkoutUrl"),
        ({"api_secret": ""}, "apiSecret"),
        ({"seller": "11111111111111"}, "seller"),
        ({"teams": "nonsense"}, "teams"),
        ({"base_url": "ftp://x"}, "baseUrl"),
    ],
)
async def test_bad_integrations_are_not_made(sit: Sit, api: Api, fields: dict[str, str], said: str) -> None:
    staff = await sit(api.shop.tenant)
    page = await staff.post(CHATS, on=CHATS, **(CHAT | fields))
    assert f"Dados inválidos. {said}" in text_of(page.text)
    assert await api.value("SELECT count(*) FROM omnichat_integration") == 0
