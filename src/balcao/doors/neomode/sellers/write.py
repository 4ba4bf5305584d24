"""Write stores over HTTP."""

from collections.abc import Sequence

from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.doors.batches import BATCH_RESPONSES, BYTES_MAX, BatchBody, OneOrMany, RawRows, Wait, take_batch
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.sellers.asked import SellerAsked
from balcao.imports.rules.model import Kind
from balcao.tenants.rules import Role


@put(
    "/management/commerce/sellers",
    opt=roles(Role.ERP, Role.ADMIN),
    status_code=200,
    tags=["stores"],
    operation_id="putSellers",
    dto=OneOrMany,
    request_max_body_size=BYTES_MAX,
    responses=BATCH_RESPONSES,
)
async def write_sellers(door: Door, data: JSONBody[RawRows[SellerAsked]], wait: Wait = False) -> Response[BatchBody]:
    """Insert or replace stores, each found by its `cnpj`; an array, or one store by itself.

    Kept at once and applied after what was sent before; bad rows fail alone. A credential bound to a store writes that
    store only.
    """
    return await take_batch(door, data, Kind.SELLERS, wait=wait)


routes: Sequence[HTTPRouteHandler] = (write_sellers,)
