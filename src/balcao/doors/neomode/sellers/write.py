"""Write stores over HTTP."""

from collections.abc import Sequence

from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.doors.batches import BATCH_RESPONSES, BYTES_MAX, BatchBody, OneOrMany, Wait, answer_batch, whole
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.sellers.asked import SellerAsked, draft_of
from balcao.doors.wire import Rows
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
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
async def write_sellers(door: Door, data: JSONBody[Rows[SellerAsked]], wait: Wait = False) -> Response[BatchBody]:
    """Insert or replace stores, each found by its `cnpj`; an array, or one store by itself.

    Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why. A credential bound to a store writes
    that store only.
    """

    async def write(tx: Tx, rows: list[Sent[SellerDraft]]) -> BatchResult:
        caller = door.caller
        cmd = PutSellers(tenant=door.tenant, actor=caller.client_id, rows=rows, only_cnpj=caller.seller_cnpj)
        return await put_sellers(tx, cmd, door.now)

    return await answer_batch(door, data, whole(draft_of), write, wait=wait)


routes: Sequence[HTTPRouteHandler] = (write_sellers,)
