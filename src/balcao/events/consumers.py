"""Named consumers: readers of the log who leave their bookmark here."""

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict, NotFound
from balcao.base.values import Micros, Tenant
from balcao.events.rules import Binding, Consumer, check_consumer_name, check_reached
from balcao.events.store import consumers as store
from balcao.events.store.log import find_newest


class SetCursor(msgspec.Struct, frozen=True, kw_only=True):
    """seq: the last number that the consumer is done with, None to leave it; reset: it may also go back."""

    tenant: Tenant
    name: str
    binding: Binding
    seq: int | None = None
    reset: bool = False


async def set_cursor(tx: Tx, cmd: SetCursor, now: Micros) -> Consumer:
    """Move the consumer's cursor forward, or make the consumer; the log itself tells nothing of it.

    Raises Invalid for a name that cannot be, and Conflict: `cursor_ahead` beyond the log's end, `cursor_behind` for a
    step back without `reset`, `consumer_taken` when another credential's binding has that name.
    """
    check_consumer_name(cmd.name)
    newest = await find_newest(tx, [cmd.tenant])
    check_reached(cmd.seq or 0, newest[cmd.tenant])
    new = Consumer(
        name=cmd.name,
        channel=cmd.binding.channel,
        seller_cnpj=cmd.binding.seller_cnpj,
        seq=cmd.seq or 0,
        created_us=now,
        updated_us=now,
    )
    if await store.insert_new_consumer(tx, cmd.tenant, new):
        return new
    return await _move(tx, cmd, now)


async def get_consumer(tx: Tx, tenant: Tenant, name: str, binding: Binding) -> Consumer:
    """The consumer; raises NotFound also when it is of another binding."""
    return _require(await store.find_consumer(tx, tenant, name), name, binding)


async def list_consumers(tx: Tx, tenant: Tenant, binding: Binding) -> list[Consumer]:
    """The consumers that a credential so bound may use, by name."""
    return [consumer for consumer in await store.list_consumers(tx, tenant) if consumer.is_open_to(binding)]


async def forget_consumer(tx: Tx, tenant: Tenant, name: str, binding: Binding) -> None:
    """Forget the consumer; raises NotFound as `get_consumer`."""
    _require(await store.lock_consumer(tx, tenant, name), name, binding)
    await store.delete_consumer(tx, tenant, name)


async def _move(tx: Tx, cmd: SetCursor, now: Micros) -> Consumer:
    consumer = await store.lock_consumer(tx, cmd.tenant, cmd.name)
    if consumer is None or not consumer.is_open_to(cmd.binding):
        raise Conflict(f"There is another consumer {cmd.name!r}; choose another name.", code="consumer_taken")
    if cmd.seq is None or cmd.seq == consumer.seq:
        return consumer
    if cmd.seq < consumer.seq and not cmd.reset:
        raise Conflict(
            f"The cursor is at {consumer.seq} already; send reset: true to go back to {cmd.seq}.",
            code="cursor_behind",
            cursor=consumer.seq,
        )
    await store.update_cursor(tx, cmd.tenant, cmd.name, seq=cmd.seq, now=now)
    return msgspec.structs.replace(consumer, seq=cmd.seq, updated_us=now)


def _require(consumer: Consumer | None, name: str, binding: Binding) -> Consumer:
    if consumer is None or not consumer.is_open_to(binding):
        raise NotFound(f"There is no consumer {name!r}; make it with PUT.", code="consumer_not_found")
    return consumer
