"""Create orders: the current form and the older one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.base.errors import BalcaoError, Forbidden, Invalid
from balcao.doors.door import Door, check_client, check_client_of
from balcao.doors.express import Answer, Asked, Lane, Work
from balcao.doors.guard import roles
from balcao.doors.house import House
from balcao.doors.neomode.orders.asked import OrderAsked
from balcao.doors.neomode.orders.cards import CardGuardedDTO, refuse_card_numbers
from balcao.doors.neomode.orders.change import ROOT, TAGS
from balcao.doors.neomode.orders.links import PREFIX
from balcao.doors.neomode.orders.older import OlderOrderAsked
from balcao.doors.neomode.orders.understand import in_camel_case, understand
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Wire, WireResponse, reader, to_json
from balcao.orders.place import PlaceOrder, place_orders
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.receipt import Receipt
from balcao.tenants.rules import Caller, Role

PLACES = roles(Role.CHANNEL, Role.OPERATOR, Role.ADMIN)
PLACING: dict[str, Any] = {
    "opt": PLACES,
    "dto": CardGuardedDTO,
    "tags": TAGS,
    "responses": problem_responses(401, 403, 409, 503),
}
REPLAYED = "Idempotent-Replayed"


class OrderCreated(Wire, kw_only=True):
    """The order's numbers, and the status that it was created in."""

    id: UUID
    external_id: str
    friendly_code: str
    status: int


@post(f"{ROOT}/external", operation_id="createExternalOrder", **PLACING)
async def create_external_order(door: Door, data: JSONBody[OrderAsked]) -> Response[Any]:
    """Create an order. The same `ExternalId` with the same content again answers the same, with
    `Idempotent-Replayed: true`; with other content it is refused.

    Reserves the stock, or answers 409 naming what is short.
    """
    check_client(door, data.client_id)
    return await _place(door, understand(data))


@post(ROOT, operation_id="createOrder", **PLACING)
async def create_order(door: Door, data: JSONBody[OlderOrderAsked]) -> Response[Any]:
    """Create an order in the older camelCase form; the tenant is the token's."""
    if data.client_id:
        check_client(door, data.client_id)
    try:
        return await _place(door, understand(data))
    except Invalid as refusal:
        raise in_camel_case(refusal) from None


async def _place(door: Door, new: NewOrder) -> Response[Any]:
    _check_channel(door.caller, new)

    def answer(receipt: Receipt) -> Response[Any]:
        headers = {"Location": door.url(f"{PREFIX}/{receipt.order_id}")}
        if receipt.replayed:
            headers[REPLAYED] = "true"
        return WireResponse(_created(receipt), status_code=201, headers=headers)

    return await door.give(place_orders, PlaceOrder(caller=door.caller, new=new), answer)


def _read(asked: Asked) -> Work:
    """The express lane of `create_external_order`."""
    caller, body, base = asked.caller, asked.body, asked.base
    refuse_card_numbers(body)
    data: OrderAsked = _reader.read(body)
    check_client_of(caller, data.client_id)
    new = understand(data)
    _check_channel(caller, new)
    cmd = PlaceOrder(caller=caller, new=new)

    async def work(house: House) -> Answer | BalcaoError:
        outcome = await house.gatherer.submit(place_orders, caller.tenant, cmd)
        if isinstance(outcome, BalcaoError):
            return outcome
        headers = [(b"location", f"{base}{PREFIX}/{outcome.order_id}".encode())]
        if outcome.replayed:
            headers.append((REPLAYED.lower().encode(), b"true"))
        return Answer(201, to_json(_created(outcome)), headers)

    return work


def _check_channel(caller: Caller, new: NewOrder) -> None:
    if caller.channel not in {None, new.channel}:
        raise Forbidden(f"This credential is bound to the channel {caller.channel!r}.", code="wrong_channel")


def _created(receipt: Receipt) -> OrderCreated:
    return OrderCreated(
        id=receipt.order_id,
        external_id=receipt.external_id,
        friendly_code=receipt.friendly_code,
        status=receipt.status,
    )


_reader = reader(OrderAsked)
routes: Sequence[HTTPRouteHandler] = (create_external_order, create_order)
lanes: Mapping[tuple[str, str], Lane] = {
    ("POST", f"{ROOT}/external"): Lane(frozenset(PLACES["roles"]), f"{ROOT}/external", _read)
}
