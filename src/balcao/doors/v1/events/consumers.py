"""Named consumers over HTTP: for readers who do not want to keep their place themselves."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.values import iso
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.v1.events.asked import READERS, TAGS, binding_of
from balcao.doors.wire import INT64_MAX, Instant, Wire, WireResponse
from balcao.events.consumers import SetCursor, forget_consumer, get_consumer, list_consumers, set_cursor
from balcao.events.rules import Consumer

PATH = "/v1/events/consumers/{name:str}"
READS = problem_responses(401, 403, 404, 503)


class ConsumerWanted(Wire, kw_only=True):
    """`cursor`: the number of the last event that the consumer is done with. `reset`: the cursor may also go back."""

    cursor: Annotated[int, msgspec.Meta(ge=0, le=INT64_MAX)] | None = None
    reset: bool = False


class ConsumerShown(Wire, kw_only=True):
    """A consumer, its cursor, and to which channel and store the credential that made it was bound."""

    name: str
    cursor: int
    channel: str | None
    seller_cnpj: str | None
    create_date: Instant
    last_update: Instant


class Consumers(Wire, kw_only=True):
    """The consumers, by name."""

    consumers: list[ConsumerShown]


@get(
    "/v1/events/consumers",
    opt=READERS,
    tags=TAGS,
    operation_id="listEventConsumers",
    responses=problem_responses(401, 403, 503),
)
async def get_all(door: Door) -> WireResponse[Consumers]:
    """The consumers that the caller may use: all of them, or those of its own channel and store where it is bound."""
    async with door.db.read() as tx:
        found = await list_consumers(tx, door.tenant, binding_of(door.caller))
    return WireResponse(Consumers(consumers=[_shown(consumer) for consumer in found]))


@get(PATH, opt=READERS, tags=TAGS, operation_id="getEventConsumer", responses=READS)
async def get_one(door: Door, name: FromPath[str]) -> WireResponse[ConsumerShown]:
    """A consumer and its cursor."""
    async with door.db.read() as tx:
        return WireResponse(_shown(await get_consumer(tx, door.tenant, name, binding_of(door.caller))))


@put(
    PATH,
    opt=READERS,
    tags=TAGS,
    operation_id="setEventConsumer",
    responses=problem_responses(401, 403, 409, 503),
)
async def put_one(door: Door, name: FromPath[str], data: JSONBody[ConsumerWanted]) -> Response[ConsumerShown]:
    """Acknowledge what was read, or make a consumer (without `cursor` it begins with the oldest event kept).

    The cursor never goes back unless `reset` is true, and never beyond the log's end.
    """
    cmd = SetCursor(tenant=door.tenant, name=name, binding=binding_of(door.caller), seq=data.cursor, reset=data.reset)

    async def work(tx: Tx) -> Response[Any]:
        return WireResponse(_shown(await set_cursor(tx, cmd, door.now)))

    return await door.write(work)


@delete(PATH, opt=READERS, tags=TAGS, operation_id="deleteEventConsumer", status_code=204, responses=READS)
async def delete_one(door: Door, name: FromPath[str]) -> None:
    """Forget a consumer."""
    await door.db.run(lambda tx: forget_consumer(tx, door.tenant, name, binding_of(door.caller)))


def _shown(consumer: Consumer) -> ConsumerShown:
    return ConsumerShown(
        name=consumer.name,
        cursor=consumer.seq,
        channel=consumer.channel,
        seller_cnpj=consumer.seller_cnpj,
        create_date=iso(consumer.created_us),
        last_update=iso(consumer.updated_us),
    )


routes: Sequence[HTTPRouteHandler] = (get_all, get_one, put_one, delete_one)
