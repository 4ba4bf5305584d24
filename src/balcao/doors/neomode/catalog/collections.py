"""Collections over HTTP: read and made; and which of them a product is in."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.batch import Sent
from balcao.base.db import Tx
from balcao.base.errors import Invalid
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import iso
from balcao.catalog.find import find_collection
from balcao.catalog.get_product import find_product
from balcao.catalog.lists import list_collections
from balcao.catalog.put_collections import PutCollections, put_collections
from balcao.catalog.rules.drafts import CollectionDraft
from balcao.catalog.rules.model import Collection, CollectionBody
from balcao.catalog.rules.reading import CATEGORY_SORTS
from balcao.catalog.set_collections import SetCollections, set_collections
from balcao.doors.batches import refuse_bound
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.asked import Code, Long, Short
from balcao.doors.neomode.catalog.body import ProductShown
from balcao.doors.neomode.catalog.reading import LISTED, READERS, TAGS, IsActive, Since, micros
from balcao.doors.neomode.catalog.single import CATALOG, REFUSED, WRITERS, created_or_there, refuse_errors
from balcao.doors.neomode.catalog.understand import text
from balcao.doors.neomode.catalog.whole import show_products
from balcao.doors.paging import PAGING, Envelope, enveloped
from balcao.doors.wire import Instant, Wire, WireResponse


class CollectionAsked(Wire, kw_only=True):
    """A collection; only `code` and `name` are needed, and what is left out goes back to its default."""

    __example__: ClassVar[Any] = {"code": "VERAO-27", "name": "Verão 2027"}

    code: Code
    name: Short
    description: Long | None = None
    is_active: bool = True
    order: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    url: Short | None = None
    image_url: Short | None = None
    hex_color: Short | None = None


class CollectionNamed(Wire, kw_only=True):
    """A collection that exists, by its `code` or its `id`."""

    __example__: ClassVar[Any] = {"code": "VERAO-27"}

    code: Code | None = None
    id: Code | None = None


class CollectionShown(Wire, kw_only=True):
    """A collection: products shown together, whatever their categories."""

    id: UUID
    client_id: str
    code: str
    name: str
    description: str | None
    is_active: bool
    order: int
    url: str | None
    image_url: str | None
    hex_color: str | None
    create_date: Instant
    last_update: Instant


class CollectionPage(Envelope, kw_only=True):
    """One page of collections."""

    collections: list[CollectionShown]


@get(
    f"{CATALOG}/collections",
    opt=READERS,
    tags=TAGS,
    operation_id="listCollections",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_collections(
    door: Door, paging: NamedDependency[PageParameters], is_active: IsActive = None, last_update: Since = None
) -> WireResponse[CollectionPage]:
    """The collections, a page at a time."""
    since = micros(last_update)
    ask = ask_page(paging, CATEGORY_SORTS, scope=("collections", is_active, since))
    async with door.db.read() as tx:
        page = await list_collections(tx, door.tenant, ask, is_active=is_active, since=since)
    shown = [_show(each, door.tenant) for each in page.rows]
    return WireResponse(CollectionPage(**enveloped(page), collections=shown))


@post(
    f"{CATALOG}/collections",
    opt=WRITERS,
    tags=TAGS,
    operation_id="createCollection",
    responses=created_or_there(CollectionShown),
)
async def write_collection(door: Door, data: JSONBody[CollectionAsked]) -> Response[CollectionShown]:
    """Make a collection, or replace the one of that `code`: 201 or 200, with its `Location`."""
    refuse_bound(door, "collections")
    draft = _draft(data)

    async def work(tx: Tx) -> Response[Any]:
        cmd = PutCollections(tenant=door.tenant, actor=door.caller.client_id, rows=[Sent(1, draft)])
        result = await put_collections(tx, cmd, door.now)
        refuse_errors(result)
        shown = _show(await find_collection(tx, door.tenant, draft.code), door.tenant)
        headers = {"Location": door.url(f"/cp{CATALOG}/collections/{shown.id}")}
        return WireResponse(shown, status_code=201 if result.inserted else 200, headers=headers)

    return await door.write(work)


@put(
    f"{CATALOG}/products/{{id_or_code:str}}/collections",
    opt=WRITERS,
    tags=TAGS,
    operation_id="putProductCollections",
    responses=REFUSED,
)
async def write_product_collections(
    door: Door, id_or_code: FromPath[str], data: JSONBody[list[CollectionNamed]]
) -> Response[ProductShown]:
    """Put a product into exactly these collections, each named by `code` or `id`, and out of all others."""
    refuse_bound(door, "collections")
    names = [text(each.code) or text(each.id) for each in data]
    unnamed = {f"[{n}].code": ["is required, or id"] for n, name in enumerate(names) if name is None}
    if unnamed:
        raise Invalid(errors=unnamed)

    async def work(tx: Tx) -> Response[Any]:
        cmd = SetCollections(
            tenant=door.tenant,
            actor=door.caller.client_id,
            product=id_or_code,
            collections=[name for name in names if name],
        )
        await set_collections(tx, cmd, door.now)
        [shown] = await show_products(tx, door.tenant, [await find_product(tx, door.tenant, id_or_code)])
        return WireResponse(shown, status_code=200)

    return await door.write(work)


def _draft(sent: CollectionAsked) -> CollectionDraft:
    extra = CollectionBody(
        description=text(sent.description),
        order=sent.order,
        url=text(sent.url),
        image_url=text(sent.image_url),
        hex_color=text(sent.hex_color),
    )
    return CollectionDraft(code=sent.code.strip(), name=sent.name.strip(), is_active=sent.is_active, body=extra)


def _show(collection: Collection, tenant: str) -> CollectionShown:
    extra = collection.body
    return CollectionShown(
        id=collection.collection_id,
        client_id=tenant,
        code=collection.code,
        name=collection.name,
        description=extra.description,
        is_active=collection.is_active,
        order=extra.order,
        url=extra.url,
        image_url=extra.image_url,
        hex_color=extra.hex_color,
        create_date=iso(collection.created_us),
        last_update=iso(collection.last_update_us),
    )


routes: Sequence[HTTPRouteHandler] = (read_collections, write_collection, write_product_collections)
