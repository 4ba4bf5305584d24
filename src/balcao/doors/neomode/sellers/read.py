"""Read stores over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from balcao.base.errors import NotFound
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import strip_document, to_micros
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.sellers.body import SellerPage, SellerShown, show_seller
from balcao.doors.paging import PAGING, enveloped
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.sellers.find import SELLER_SORTS, find_sellers, list_sellers
from balcao.tenants.rules import Role

READERS = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)


@get(
    "/management/commerce/sellers",
    opt=READERS,
    tags=["stores"],
    operation_id="listSellers",
    responses=problem_responses(401, 403, 503),
    dependencies={"paging": PAGING},
)
async def read_sellers(
    door: Door,
    paging: NamedDependency[PageParameters],
    is_active: Annotated[bool | None, QueryParameter(name="isActive")] = None,
    last_update: Annotated[datetime | None, QueryParameter(name="lastUpdate")] = None,
) -> WireResponse[SellerPage]:
    """The stores, a page at a time. `lastUpdate`: only those changed later than that (exclusive)."""
    since = to_micros(last_update) if last_update else None
    ask = ask_page(paging, SELLER_SORTS, scope=("sellers", is_active, since))
    async with door.db.read() as tx:
        page = await list_sellers(tx, door.tenant, ask, is_active=is_active, since=since)
    shown = [show_seller(seller, door.tenant) for seller in page.rows]
    return WireResponse(SellerPage(**enveloped(page), sellers=shown))


@get(
    "/management/commerce/sellers/{cnpj:str}",
    opt=READERS,
    tags=["stores"],
    operation_id="getSeller",
    responses=problem_responses(401, 403, 404, 503),
)
async def read_seller(door: Door, cnpj: FromPath[str]) -> WireResponse[SellerShown]:
    """One store, by its CNPJ (with or without punctuation) or else by its point of sale id."""
    stripped = strip_document(cnpj)
    async with door.db.read() as tx:
        found = await find_sellers(tx, door.tenant, cnpjs=[stripped], point_sale_ids=[cnpj])
    if not found:
        raise NotFound(f"There is no store {cnpj}.", code="seller_not_found")
    chosen = next((seller for seller in found if seller.cnpj == stripped), found[0])
    return WireResponse(show_seller(chosen, door.tenant))


routes: Sequence[HTTPRouteHandler] = (read_sellers, read_seller)
