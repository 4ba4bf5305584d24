"""OmniChat's five hooks: its own secret opens them, and what asks for work is kept before it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, NamedTuple

from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from balcao.base.errors import Invalid
from balcao.base.values import Tenant
from balcao.catalog.search import SearchBy
from balcao.doors.door import Door
from balcao.doors.guard import PUBLIC
from balcao.doors.omnichat.shapes import Instruction, ProductShown, Received, show_advice, show_product
from balcao.doors.problems import problem_responses
from balcao.doors.schema import DocumentedOperation
from balcao.doors.wire import WireResponse, parse
from balcao.omnichat.check_cart import CheckCart, check_cart
from balcao.omnichat.find import admit
from balcao.omnichat.receive import receive_hooks
from balcao.omnichat.rules.hooks import read_hook
from balcao.omnichat.rules.model import HOOK_BYTES_MAX, HookKind, Integration
from balcao.omnichat.search import SearchCatalog, search_catalog

PATH: Final = "/hooks/omnichat/{integration_id:str}"
SIZE_MAX: Final = 100
FROM_MAX: Final = 10_000
TAGS: Final = ["omnichat"]
READS: Final = problem_responses(401, 503)
WRITES: Final = problem_responses(401, 413, 503)
SEARCHES: Final = {
    "TEXT": SearchBy.TEXT,
    "ID": SearchBy.ID,
    "SKUID": SearchBy.SKU,
    "URL": SearchBy.URL,
    "REFERENCE": SearchBy.REFERENCE,
}


@dataclass
class HookOperation(DocumentedOperation):
    """Documents the body, a document of OmniChat's that is read as it came."""

    def __post_init__(self) -> None:
        """After Litestar filled it."""
        super().__post_init__()
        document = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, additional_properties=True))
        self.request_body = RequestBody(content={"application/json": document}, required=True)


_RECEIVED: Final = Received(result="ok")
AnyRequest = Request[Any, Any, Any]


class Search(NamedTuple):
    """What is searched for."""

    query: str
    by: SearchBy
    teams: tuple[str, ...]
    skip: int
    limit: int


def read_search(
    words: Annotated[str, QueryParameter(name="query", description="What is searched for.")] = "",
    skip: Annotated[int, QueryParameter(name="from", ge=0, le=FROM_MAX, description="Products to pass over.")] = 0,
    size: Annotated[int, QueryParameter(ge=1, le=SIZE_MAX, description="Products at most.")] = 10,
    search_type: Annotated[str, QueryParameter(name="searchType", description=", ".join(SEARCHES))] = "TEXT",
    team_id: Annotated[str, QueryParameter(name="teamId", description="Whose store is meant.")] = "",
) -> Search:
    """The query of a search. Raises Invalid."""
    by = SEARCHES.get(search_type.strip().upper())
    if by is None:
        raise Invalid(errors={"searchType": [f"must be one of {', '.join(SEARCHES)}"]})
    teams = (team_id,) if team_id else ()
    return Search(words.replace("\0", " "), by, teams, skip, 1 if by is SearchBy.ID else size)


@get(
    f"{PATH}/catalog",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="omnichatCatalog",
    dependencies={"search": Provide(read_search, sync_to_thread=False)},
    responses=READS,
)
async def get_catalog(
    door: Door, request: AnyRequest, integration_id: FromPath[str], search: NamedDependency[Search]
) -> Response[list[ProductShown]]:
    """SearchProduct: products that can be sold in the integration's stores, with price and stock; a bare array."""
    tenant, integration = await _admit(door, request, integration_id)
    cmd = SearchCatalog(tenant=tenant, integration=integration, **search._asdict())
    async with door.db.read() as tx:
        found = await search_catalog(tx, cmd)
    return WireResponse([show_product(each) for each in found])


@post(
    f"{PATH}/order-checker",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="omnichatOrderChecker",
    status_code=200,
    request_max_body_size=HOOK_BYTES_MAX,
    operation_class=HookOperation,
    responses=WRITES,
)
async def post_order_checker(
    door: Door, request: AnyRequest, integration_id: FromPath[str]
) -> Response[list[Instruction]]:
    """OrderChecker: what cannot be sold of a cart and, with an address, the ways to send it; a bare array."""
    tenant, integration = await _admit(door, request, integration_id)
    cmd = CheckCart(tenant=tenant, integration=integration, body=await _document(request))
    advices = await check_cart(door.db, door.house.networks, cmd, door.now)
    return WireResponse([show_advice(advice) for advice in advices])


@post(
    f"{PATH}/provision",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="omnichatProvision",
    status_code=200,
    request_max_body_size=HOOK_BYTES_MAX,
    operation_class=HookOperation,
    responses=WRITES,
)
async def post_provision(door: Door, request: AnyRequest, integration_id: FromPath[str]) -> Response[Received]:
    """OrderProvisioning: kept, then answered; the order is created in the background and OmniChat told."""
    return await _keep(door, request, integration_id, HookKind.PROVISION)


@post(
    f"{PATH}/status-change",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="omnichatStatusChange",
    status_code=200,
    request_max_body_size=HOOK_BYTES_MAX,
    operation_class=HookOperation,
    responses=WRITES,
)
async def post_status_change(door: Door, request: AnyRequest, integration_id: FromPath[str]) -> Response[Received]:
    """StatusChangeNotification: kept, then answered; payments and cancellations are taken over in the background."""
    return await _keep(door, request, integration_id, HookKind.STATUS)


@post(
    f"{PATH}/cancellation",
    opt=PUBLIC,
    tags=TAGS,
    operation_id="omnichatCancellation",
    status_code=200,
    request_max_body_size=HOOK_BYTES_MAX,
    operation_class=HookOperation,
    responses=WRITES,
)
async def post_cancellation(door: Door, request: AnyRequest, integration_id: FromPath[str]) -> Response[Received]:
    """An order that was cancelled in OmniChat: kept, then answered; ours is cancelled in the background."""
    return await _keep(door, request, integration_id, HookKind.CANCELLATION)


async def _keep(door: Door, request: AnyRequest, integration_id: str, kind: HookKind) -> Response[Received]:
    tenant, integration = await _admit(door, request, integration_id)
    hook = read_hook(kind, integration.integration_id, await _document(request))
    await door.house.gatherer.submit(receive_hooks, tenant, hook)
    return WireResponse(_RECEIVED)


async def _admit(door: Door, request: AnyRequest, integration_id: str) -> tuple[Tenant, Integration]:
    """Whose hook it is, before its body is read. Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    async with door.db.read() as tx:
        return await admit(tx, integration_id, secret.strip() if scheme.lower() == "bearer" else "", door.now)


async def _document(request: AnyRequest) -> str:
    """The body as text, when it is a JSON object. Raises Invalid."""
    body = await request.body()
    if not isinstance(parse(body), dict):
        raise Invalid("A JSON object is required.", code="malformed_body")
    return body.decode("utf-8-sig")


routes: Sequence[HTTPRouteHandler] = (
    get_catalog,
    post_order_checker,
    post_provision,
    post_status_change,
    post_cancellation,
)
