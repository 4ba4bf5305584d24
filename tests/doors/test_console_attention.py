"""The bell: what failed among the integrations calls whoever can act, until somebody has seen to it."""

import re
from uuid import UUID

import httpx
import pytest

from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings, settings_env
from balcao.base.values import Tenant
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.rules import UserRole
from tests.doors.catalog_shop import Erp
from tests.doors.conftest import MakeToken, Sit
from tests.doors.shop import Api
from tests.staff import BARE, SCRIPT, Staff, text_of
from tests.verbs.shop import STORE

BELL, PAGE = "/console/bell", "/console/attention"
HOOKS, CHATS = "/console/integrations/webhooks", "/console/integrations/omnichat"
CHAT = {"name": SCRIPT, "channel": "ecommerce", "checkout": "omni", "api_secret": "their-secret", "seller": STORE}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Webhooks may go to this machine."""
    return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true"})


async def rung(staff: Staff) -> int:
    """The number at the bell."""
    found = re.search(r'badge-count">(\d+)<', (await staff.get(BELL)).text)
    return int(found[1]) if found else 0


async def given_up(api: Api, way: str) -> None:
    """One delivery of each line of that way, given up now."""
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO webhook_delivery (tenant, webhook_id, seq, type, subject, body, attempts, due_us, lease_us,
                                          status, error, died_us)
            SELECT tenant, webhook_id, $3, 'order.placed', 'x', '{}', 10, 0, 0, 500, 'no', $3
              FROM webhook WHERE tenant = $1 AND way = $2
            """,
            api.shop.tenant,
            way,
            now_us(),
        )


def forms(page: str) -> list[dict[str, str]]:
    """The fields of the forms by which one says that something is seen to."""
    return [
        {"what": what, "upto": upto}
        for what, upto in re.findall(
            r'name="what" value="([^"]+)"><input type="hidden" name="upto" value="(\d+)"', page
        )
    ]


async def test_dead_letters_call_until_they_are_seen_to(sit: Sit, api: Api) -> None:
    staff = await sit(api.shop.tenant)
    assert await rung(staff) == 0
    await staff.post(HOOKS, url="http://127.0.0.1:9/hear")
    await given_up(api, "standard")
    assert await rung(staff) == 1
    page = (await staff.get(PAGE)).text
    webhook_id = await api.value("SELECT webhook_id FROM webhook")
    assert f'href="{HOOKS}/{webhook_id}"' in page
    assert "1 entregas desistidas" in text_of(page)
    assert (await staff.get(f"{HOOKS}/{webhook_id}")).status_code == 200
    [form] = forms(page)
    answer = await staff.post(f"{PAGE}/integrations", on=PAGE, **form)
    assert "Marcado como atendido." in text_of(answer.text)
    assert await rung(staff) == 0
    await given_up(api, "standard")
    assert await rung(staff) == 1, "what fails later calls again"


async def test_omnichat_calls_and_hooks(sit: Sit, api: Api) -> None:
    staff = await sit(api.shop.tenant)
    await staff.post(CHATS, **CHAT)
    name = await api.value("SELECT integration_id FROM omnichat_integration")
    await given_up(api, "omnichat")
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO omnichat_hook SELECT $1, n.id, $2, 'o', k.kind, '', '', 0, k.kind::bytea, '{}', $3, false, $3,
                   k.outcome, ''
              FROM (VALUES ('provision', 'refused'), ('status', 'failed'), ('cancellation', 'logged'))
                   AS k (kind, outcome), LATERAL (SELECT md5(k.kind)::uuid AS id) n
            """,
            *(api.shop.tenant, name, now_us()),
        )
    page = (await staff.get(PAGE)).text
    assert page.count(f'href="{CHATS}/{name}"') == 2
    assert "1 chamadas à OmniChat desistidas" in text_of(page)
    assert "2 chamadas da OmniChat recusadas" in text_of(page)
    assert [bare for bare in BARE if bare in page] == []
    assert await rung(staff) == 2


async def test_failed_batches(
    sit: Sit, tenant: Tenant, client: httpx.AsyncClient, token: MakeToken, worker: None
) -> None:
    erp = Erp(client, await token(Role.ERP))
    await erp.fill()
    rows = [{"Price": 1, "ProductCode": SCRIPT}, {"Price": 2, "ProductCode": "CUP"}]
    told = await erp.done("PUT", "prices", rows, wait="true")
    staff = await sit(tenant)
    assert await rung(staff) == 1
    page = (await staff.get(PAGE)).text
    assert f'href="/console/integrations/batches/{told["id"]}"' in page
    assert "1 linhas do lote recusadas" in text_of(page)
    assert (await staff.get(f"/console/integrations/batches/{told['id']}")).status_code == 200
    [form] = forms(page)
    await staff.post(f"{PAGE}/integrations", on=PAGE, **form)
    assert await rung(staff) == 0


async def test_only_for_who_can_act_and_in_their_own_shop(sit: Sit, api: Api) -> None:
    staff = await sit(api.shop.tenant)
    await staff.post(HOOKS, url="http://127.0.0.1:9/hear")
    await given_up(api, "standard")
    [form] = forms((await staff.get(PAGE)).text)
    rui = await sit(api.shop.tenant, UserRole.OPERATOR)
    assert await rung(rui) == 0
    assert "Integrações" not in text_of((await rui.get(PAGE)).text)
    assert "administradores" in text_of((await rui.post(f"{PAGE}/integrations", on=PAGE, **form)).text)
    async with api.db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    theirs = await sit(other)
    assert await rung(theirs) == 0
    for fields in (form, {}, {"what": form["what"]}, {"what": f"webhook {UUID(int=1)}", "upto": "1"}):
        answer = await theirs.post(f"{PAGE}/integrations", on=PAGE, **fields)
        assert "Não encontrado." in text_of(answer.text), fields
    for upto in ("", "x", "²", "-1"):
        answer = await staff.post(f"{PAGE}/integrations", on=PAGE, what=form["what"], upto=upto)
        assert "Não encontrado." in text_of(answer.text), upto
    assert await api.value("SELECT count(*) FROM console_seen") == 0
    assert await rung(staff) == 1
