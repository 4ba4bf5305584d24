"""What all changes of an order have in common at the door: which order is meant, one transaction, 204."""

from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Response
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from balcao.base.gather import Verb
from balcao.base.values import OrderId
from balcao.doors.door import Door
from balcao.doors.neomode.orders.cards import CardGuardedDTO
from balcao.doors.problems import problem_responses
from balcao.orders.change import Outcome
from balcao.orders.find import By, OrderRef, guid_of, resolve_order, see_order
from balcao.orders.rules.model import Order

ROOT = "/management/commerce/orders"
ID = f"{ROOT}/{{order_id:str}}"
EXTERNAL = f"{ROOT}/external/{{external_id:str}}"
TAGS = ["orders"]
REFUSALS = problem_responses(401, 403, 404, 409, 503)


C = TypeVar("C")
Handler = TypeVar("Handler", bound=Callable[..., Any])


def by_order_id(order_id: FromPath[str], channel: FromQuery[str | None] = None) -> OrderRef:
    """The order by its GUID, or by its external id when that is none; `channel` where several have it."""
    return OrderRef(by=By.ID, value=order_id, channel=channel)


def by_external_id(external_id: FromPath[str], channel: FromQuery[str | None] = None) -> OrderRef:
    """The order by the channel's external id; `channel` where several have it."""
    return OrderRef(by=By.EXTERNAL_ID, value=external_id, channel=channel)


BY_ID = {"ref": Provide(by_order_id, sync_to_thread=False)}
BY_EXTERNAL_ID = {"ref": Provide(by_external_id, sync_to_thread=False)}


def on_order(
    method: Callable[..., Callable[[Any], HTTPRouteHandler]], action: str, operation: str, **options: Any
) -> Callable[[Handler], tuple[HTTPRouteHandler, HTTPRouteHandler]]:
    """Make a handler serve both addresses of an order; it takes the order that is meant as `ref: OrderRef`.

    operation: the verb of the operation ids, `pay` → `payOrder` and `payExternalOrder`.
    """
    common = {"status_code": 204, "tags": TAGS, "responses": REFUSALS, "dto": CardGuardedDTO} | options

    def hang(handler: Handler) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
        by_id = method(f"{ID}/{action}", dependencies=BY_ID, operation_id=f"{operation}Order", **common)
        by_external = method(
            f"{EXTERNAL}/{action}", dependencies=BY_EXTERNAL_ID, operation_id=f"{operation}ExternalOrder", **common
        )
        return by_id(handler), by_external(handler)

    return hang


async def change_order(
    door: Door, ref: OrderRef, verb: Verb[C, Outcome], command: Callable[[OrderId], C]
) -> Response[None]:
    """Give the verb its command on the order that is meant; 204 once the change is committed.

    A refusal is raised after its log line is committed.
    """
    order_id = guid_of(ref)
    if order_id is None:
        async with door.db.read() as tx:
            order_id = await resolve_order(tx, door.caller, ref)
    return await door.give(verb, command(order_id), _done)


def _done(order: Order) -> Response[None]:  # noqa: ARG001 - the order is answered by no change
    return Response(None, status_code=204)


async def find_id(door: Door, ref: OrderRef) -> OrderId:
    """The order that is meant, where the caller may see it: for what is stored before the transaction."""
    async with door.db.read() as tx:
        return await see_order(tx, door.caller, ref)
