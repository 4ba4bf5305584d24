"""Write one record over HTTP: by the very verbs that write batches, as a batch of one, answered with the record."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from balcao.base.batch import BatchResult
from balcao.base.db import Tx
from balcao.base.errors import Conflict, Invalid
from balcao.base.turn import take_turn
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog.body import CategoryShown, ProductShown, SkuShown
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.tenants.rules import Role

CATALOG = "/management/catalog"
WRITERS = roles(Role.ERP, Role.ADMIN)
TAGS = ["catalogue"]
REFUSED = problem_responses(401, 403, 404, 409, 503)


def created_or_there(shown: type[Any]) -> dict[int, ResponseSpec]:
    """What a route that makes a record documents beside 201."""
    return REFUSED | {200: ResponseSpec(shown, generate_examples=False, description="It was there already.")}


Put = Callable[[Tx], Awaitable[BatchResult]]
Show = Callable[[Tx], Awaitable[CategoryShown | ProductShown | SkuShown]]


async def create(
    door: Door, known: Callable[[Tx], Awaitable[UUID | None]], put: Put, show: Show, *, path: str
) -> Response[Any]:
    """Write a record that is new: 201 with its `Location`, or 200 where it is there exactly so already.

    known: the id of the living record of that code, if there is one. Raises Invalid with what is wrong, and Conflict
    where another record has the code.
    """

    async def work(tx: Tx) -> Response[Any]:
        await take_turn(tx, door.tenant)
        living = await known(tx)
        result = await put(tx)
        refuse_errors(result)
        if living is not None and (result.inserted or result.updated):
            detail = f"There is a record of this code already, {living}, and it is another: change it by PUT."
            raise Conflict(detail, code="duplicate_code", id=str(living))
        shown = await show(tx)
        headers = {"Location": door.url(f"/cp{CATALOG}/{path}/{shown.id}")}
        return WireResponse(shown, status_code=201 if living is None else 200, headers=headers)

    return await door.write(work)


async def replace(door: Door, known: Callable[[Tx], Awaitable[str]], code: str, put: Put, show: Show) -> Response[Any]:
    """Write a record that is known: `known` tells its code, or raises NotFound. Raises Invalid with what is wrong."""

    async def work(tx: Tx) -> Response[Any]:
        await take_turn(tx, door.tenant)
        standing = await known(tx)
        if code.strip() != standing:
            raise Invalid(errors={"code": [f"must be {standing}: the code of a record never changes"]})
        refuse_errors(await put(tx))
        return WireResponse(await show(tx), status_code=200)

    return await door.write(work)


def refuse_errors(result: BatchResult) -> None:
    """Raise Invalid when the one record did not go in."""
    errors: dict[str, list[str]] = {}
    for issue in result.errors:
        errors.setdefault(issue.field, []).append(issue.message)
    if errors:
        raise Invalid(errors=errors)
