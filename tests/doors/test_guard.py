"""Who may come in."""

import httpx

from balcao.tenants.rules import Role
from tests.doors.conftest import MakeToken


async def test_the_right_role_comes_in(client: httpx.AsyncClient, token: MakeToken) -> None:
    headers = await token(Role.ADMIN)
    answer = await client.get("/v1/channels", headers=headers)
    assert answer.status_code == 200
    assert [channel["name"] for channel in answer.json()["channels"]] == ["ecommerce"]
