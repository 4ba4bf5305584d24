"""An order's files: NF-e, DANFE and labels, for whoever may see the order, and for whoever holds a link we signed."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from balcao.base.errors import NotFound
from balcao.base.files import File
from balcao.base.values import OrderId, Tenant
from balcao.doors.door import Door
from balcao.doors.guard import PUBLIC, admit_scope
from balcao.doors.neomode.orders.change import TAGS
from balcao.doors.neomode.orders.links import check_signature, file_path, signing_key
from balcao.doors.problems import problem_responses
from balcao.orders.find import By, OrderRef, find_file, see_order
from balcao.tenants.rules import Role

REFUSALS = problem_responses(401, 403, 404, 503)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # An XML file can hold script; opened in a browser it may do nothing with our origin.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, max-age=3600",
}


@get(
    "/order-files/{client_id:str}/{order_id:uuid}/{name:str}",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="getOrderFile",
    responses=REFUSALS,
    media_type="application/octet-stream",
)
async def get_order_file(
    door: Door,
    request: Request[Any, Any, Any],
    client_id: FromPath[str],
    order_id: FromPath[UUID],
    name: FromPath[str],
    expires: FromQuery[Annotated[int, msgspec.Meta(ge=0)] | None] = None,
    signature: FromQuery[str | None] = None,
) -> Response[bytes]:
    """A file of an order: `xml_{key}.xml`, `file_{key}.pdf` or `label_{n}`, with a token or by a signed link."""
    tenant, order = Tenant(client_id), OrderId(order_id)
    if signature is not None:
        path = file_path(tenant, order, name)
        key = signing_key(door.settings)
        check_signature(key, path, expires_us=expires or 0, signature=signature, now=door.now)
    else:
        await _check_token(door, request, tenant, order)
    async with door.db.read() as tx:
        stored = await find_file(tx, tenant, order, name)
    file: File = await door.files.get(stored)
    return Response(file.content, media_type=file.content_type, headers=HEADERS)


async def _check_token(door: Door, request: Request[Any, Any, Any], tenant: Tenant, order_id: OrderId) -> None:
    caller = admit_scope(request.scope, frozenset(Role))
    if caller.tenant != tenant:
        raise NotFound("There is no such file.")
    async with door.db.read() as tx:
        await see_order(tx, caller, OrderRef(by=By.ID, value=str(order_id)))


routes: Sequence[HTTPRouteHandler] = (get_order_file,)
