"""The stand-in takes what OmniChat's orders API takes, refuses what that refuses, and shows both."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from balcao.partners.omnichat_stand_in import Account, StandIn, standing_in
from tests.doors.conftest import NO_TLS

EDITED = {
    "responsible": "balcao",
    "selectedShippingAddress": {"addressLine1": "Rua <Nova>", "zip": "01001-000", "country": "BRA"},
    "selectedFreight": {"deliveryTime": "3 dias úteis", "freightCost": 12.5, "shippingMethod": "SEDEX"},
    "discount": {"value": 10, "mode": "PERCENTAGE"},
}
SIGNED = {"Authorization": "Bearer their-secret"}
CALL = "/v2/orders/A%2F1/updateCheckoutData"


@pytest.fixture
async def theirs() -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    stand_in = StandIn(Account(api_secret="their-secret"))
    async with standing_in(stand_in), httpx.AsyncClient(base_url=stand_in.url, verify=NO_TLS) as client:
        yield stand_in, client


async def test_an_edited_checkout_is_kept_and_shown(theirs: tuple[StandIn, httpx.AsyncClient]) -> None:
    _, client = theirs
    answer = await client.post(CALL, json=EDITED, headers=SIGNED)
    assert (answer.status_code, answer.json()) == (200, {"result": "ok"})
    [line] = (await client.get("/calls")).json()
    assert (line["objectId"], line["call"], line["body"]) == ("A/1", "updateCheckoutData", EDITED)
    [order] = (await client.get("/orders")).json()
    assert (order["objectId"], order["status"], order["statuses"]) == ("A/1", "WAITING", [])
    assert order["body"] == EDITED
    page = (await client.get("/")).text
    assert "updateCheckoutData" in page
    assert "Rua &lt;Nova&gt;" in page


async def test_an_edit_changes_what_it_names_and_leaves_the_rest(theirs: tuple[StandIn, httpx.AsyncClient]) -> None:
    _, client = theirs
    await client.post(CALL, json=EDITED, headers=SIGNED)
    other = {"responsible": "balcao", "discount": {"value": 5, "mode": "ABSOLUTE"}}
    await client.post(CALL, json=other, headers=SIGNED)
    [order] = (await client.get("/orders")).json()
    assert order["body"] == EDITED | other


@pytest.mark.parametrize(
    ("call", "body", "headers", "status"),
    [
        (CALL, EDITED, {}, 401),
        (CALL, EDITED, {"Authorization": "Bearer another"}, 401),
        (CALL, {**EDITED, "responsible": ""}, SIGNED, 400),
        (CALL, [EDITED], SIGNED, 400),
        (CALL.replace("update", "change"), EDITED, SIGNED, 404),
    ],
)
async def test_what_is_refused_has_no_effect(
    theirs: tuple[StandIn, httpx.AsyncClient], call: str, body: Any, headers: dict[str, str], status: int
) -> None:
    stand_in, client = theirs
    answer = await client.post(call, json=body, headers=headers)
    assert answer.status_code == status
    assert [(line.status, line.taken) for line in stand_in.calls] == [(status, False)]
    assert stand_in.orders == {}
