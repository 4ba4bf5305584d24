"""The dashboard: its numbers are the orders', whatever is asked of it."""

from balcao.base.now import now_us
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.rules import UserRole
from tests.doors.conftest import Sit
from tests.doors.shop import Api, path_of
from tests.staff import BARE, SCRIPT, text_of

PAGE = "/console/dashboard"


async def test_numbers_are_those_of_the_orders(sit: Sit, api: Api) -> None:
    await api.placed()
    await api.paid()
    gone = await api.placed()
    await api.done("POST", path_of(gone, "cancel"), {"reason": SCRIPT})
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE stock SET on_hand = reserved WHERE tenant = $1", api.shop.tenant)
        amount = await tx.fetchval("SELECT sum(total_amount) FROM orders WHERE tenant = $1", api.shop.tenant)
    staff = await sit(api.shop.tenant, lang="en")
    for name in ("", "?range=24h", "?range=30d", "?range=90d", "?range=nonsense"):
        page = await staff.get(PAGE + name)
        text = text_of(page.text)
        assert page.status_code == 200
        assert f"Orders 3 Revenue R$ {amount:,.2f}" in text
        assert f"By channel ecommerce 3 · R$ {amount:,.2f}" in text
        assert "Awaiting payment → Paid 1" in text
        assert "sold · " in text[text.index("Out of stock among those sold") :]
        assert [bare for bare in BARE if bare in page.text] == []
        assert "&lt;script&gt;" in page.text[page.text.index("reason-h") :]


async def test_an_empty_shop(sit: Sit, api: Api) -> None:
    text = text_of((await (await sit(api.shop.tenant)).get(PAGE)).text)
    assert "Pedidos 0 Valor R$ 0,00 Valor médio –" in text
    assert "Nenhum cancelamento." in text
    assert "Nenhum item recusado." in text


async def test_for_administrators_and_their_own_shop(sit: Sit, api: Api) -> None:
    await api.placed()
    assert (await (await sit(api.shop.tenant, UserRole.OPERATOR)).get(PAGE)).status_code == 403
    async with api.db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    assert "Pedidos 0 " in text_of((await (await sit(other)).get(PAGE)).text)
