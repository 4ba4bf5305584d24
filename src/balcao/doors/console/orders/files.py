"""An order's files as the console opens them: NF-e, DANFE, labels."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.values import OrderId
from balcao.doors.console.headers import SECURITY, STAFF
from balcao.doors.console.visit import View
from balcao.doors.neomode.orders.files import HEADERS
from balcao.orders.find import By, OrderRef, find_file, see_order


@get("/orders/{order_id:uuid}/files/{name:str}", opt=STAFF, media_type="application/octet-stream")
async def get_file(visit: View, order_id: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """A file of an order: `xml_{key}.xml`, `file_{key}.pdf` or `label_{n}`."""
    async with visit.db.read() as tx:
        await see_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))
        stored = await find_file(tx, visit.tenant, OrderId(order_id), name)
    file = await visit.house.files.get(stored)
    return Response(file.content, media_type=file.content_type, headers=SECURITY | HEADERS)


routes: Sequence[HTTPRouteHandler] = (get_file,)
