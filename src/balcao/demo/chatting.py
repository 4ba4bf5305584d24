"""Orders sold in a chat: OmniChat's stand-in provisions them over HTTP, and is told how they fare."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from balcao.demo.answers import Answered, Order
from balcao.demo.client import Answer, Client
from balcao.demo.desk import Desk, see
from balcao.demo.failure import StepFailed, need
from balcao.demo.label import pdf_label
from balcao.demo.report import brl
from balcao.demo.sample import MAIN_STORE, Record, fill_cart
from balcao.demo.selling import sell
from balcao.demo.sending import attach_label, deliver, dispatch
from balcao.partners.omnichat_stand_in import Account, StandIn, standing_in

CHANNEL: Final = "whatsapp"
API_SECRET: Final = "segredo-do-dubl"  # noqa: S105 - the stand-in's own, and of the demo alone
PAID: Final = 2
WAIT_S: Final = 30
LOOK_S: Final = 0.1
TOLD: Final = ["PACKAGED", "SHIPPED", "DELIVERED"]


class Integration(Answered):
    """A new account at OmniChat."""

    integration_id: str
    hook_url: str
    inbound_secret: str


class _Chat:
    """A salesperson's side: the stand-in, what is sold, and how it is told."""

    def __init__(self, desk: Desk, stand_in: StandIn, external_id: str) -> None:
        self.desk, self.stand_in, self.external_id = desk, stand_in, external_id

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something to be told."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not condition():  # noqa: ASYNC110 - the stand-in is told over HTTP, some time
                    await asyncio.sleep(LOOK_S)
        except TimeoutError as error:
            raise StepFailed(f"OmniChat: {self.external_id} was not told {what} within {WAIT_S} s.") from error

    def heard(self) -> str:
        """What the order was told so far."""
        return " → ".join(self.stand_in.order(self.external_id).statuses)

    def step(self, request: str, told: str, *, sent: str = "") -> None:
        """Say what OmniChat did."""
        self.desk.report.step(Answer("OmniChat", request, 200, {}, b""), told, sent=sent)


async def by_omni_checkout(desk: Desk) -> Order:
    """Sold in a chat, paid in OmniChat's checkout, delivered."""
    return await _play(desk, 8, "omni")


async def by_own_checkout(desk: Desk) -> Order:
    """Sold in a chat, paid in the shop's own checkout, delivered."""
    return await _play(desk, 9, "own")


async def _play(desk: Desk, path: int, checkout: str) -> Order:
    stand_in = StandIn(Account(api_secret=API_SECRET))
    async with standing_in(stand_in):
        admin = await desk.parties.admin()
        account = await _open_account(admin, stand_in, checkout)
        caller = desk.parties.somebody("OmniChat", stand_in.url)
        chat = _Chat(desk, stand_in, desk.external_id(path))
        order = await _provision(chat, admin, caller, path)
        order = await _pay(chat, admin, caller, order)
        order = await attach_label(desk, await sell(desk, order), pdf_label)
        order = await deliver(desk, await dispatch(desk, order))
        await chat.until(lambda: stand_in.order(chat.external_id).statuses[-3:] == TOLD, "DELIVERED")
        chat.step(f"POST /v2/orders/{chat.external_id}/statusChange", chat.heard())
        await admin.call("DELETE", f"/v1/omnichat/integrations/{account.integration_id}", expect=(204,))
    return order


async def _open_account(admin: Client, stand_in: StandIn, checkout: str) -> Integration:
    body = {
        "name": f"Demo ({checkout})",
        "channel": CHANNEL,
        "checkout": checkout,
        "apiSecret": API_SECRET,
        "baseUrl": f"{stand_in.url}/v2",
        "seller": MAIN_STORE,
        "checkoutUrl": "https://loja.example.com/checkout/{orderId}",
    }
    made = (await admin.call("POST", "/v1/omnichat/integrations", body=body, expect=(201,))).into(Integration)
    stand_in.account.hook_url, stand_in.account.inbound_secret = made.hook_url, made.inbound_secret
    return made


async def _provision(chat: _Chat, admin: Client, caller: Client, path: int) -> Order:
    shopper = chat.desk.sample.shopper("São Paulo")
    body = _order(chat, shopper, path)
    await caller.call("POST", "/orders", body=body)
    told = chat.stand_in.order(chat.external_id)
    await chat.until(lambda: told.statuses, "what came of it")
    need(told.statuses[-1] in {"ORDER_GATEWAY_PROVISIONED", "PROVISIONED"}, f"OmniChat was told: {told.message}")
    order_id = told.order_gw_id or str(told.checkout_url).rpartition("/")[2]
    order = await see(admin, order_id)
    shown = told.checkout_url or "orderGwId"
    chat.step("POST /provision", f"{chat.heard()} · {order.friendly_code}, {shown}", sent=brl(order.total_amount))
    return order


async def _pay(chat: _Chat, admin: Client, caller: Client, order: Order) -> Order:
    await caller.call("POST", f"/orders/{chat.external_id}/status", body={"status": "PAID"})
    for _ in range(int(WAIT_S / LOOK_S)):
        order = await see(admin, order.id)
        if order.status == PAID:
            chat.step("POST /status-change", order.status_words, sent="PAID")
            return order
        await asyncio.sleep(LOOK_S)
    raise StepFailed(f"OmniChat: {chat.external_id} was not paid within {WAIT_S} s.")


def _order(chat: _Chat, shopper: Record, path: int) -> dict[str, Any]:
    address = shopper["Address"]
    lines = fill_cart(chat.desk.sample, MAIN_STORE, skip=path * 13, lines=2)
    return {
        "objectId": chat.external_id,
        "eventType": "ORDER_UPDATE",
        "salesChannel": "WhatsApp",
        "discount": 0,
        "discountMode": "ABSOLUTE",
        "freightCost": 15,
        "shippingMethod": "SEDEX",
        "deliveryTime": "2 dias úteis",
        "customer": {
            "name": shopper["FullName"],
            "taxDocumentnumber": shopper["Cpf"],
            "email": shopper["Email"],
            "phoneNumber": shopper["PhoneNumber"],
        },
        "shippingAddress": {
            "addressLine1": address["Street"],
            "addressLine2": address.get("Complement", ""),
            "number": address["Number"],
            "suburb": address["Neighborhood"],
            "zip": address["ZipCode"],
            "addressState": address["State"],
            "city": address["City"],
            "country": "BRA",
        },
        "items": [
            {
                "objectId": f"{chat.external_id}-{n}",
                "productReference": line.sku_code,
                "quantity": line.quantity,
                "price": line.unit_price - line.discount_price,
            }
            for n, line in enumerate(lines)
        ],
    }
