"""Write collections: one batch, each record a whole collection, found by its code."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import CollectionId, Micros, ProductId, Tenant, new_id
from balcao.catalog.rules.drafts import CollectionDraft, check_category
from balcao.catalog.rules.model import Collection
from balcao.catalog.store import collections as store
from balcao.catalog.store import products
from balcao.events.append import append
from balcao.events.rules import Event


class PutCollections(msgspec.Struct, frozen=True, kw_only=True):
    """Which products are in them is a matter of the products: `set_collections`."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[CollectionDraft]]


async def put_collections(tx: Tx, cmd: PutCollections, now: Micros) -> BatchResult:
    """Insert or replace the collections; a record that is as sent already is neither written nor ticked.

    The products in changed ones get new instants too. One event `collections.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_category, _code)
    rows = tally.keep_last(rows, _code, field="code", code=_code)
    known = await store.find_collections(tx, cmd.tenant, codes=[sent.value.code for sent in rows])
    ids = {collection.code: collection.collection_id for collection in known}
    wanted = [_as_collection(sent.value, ids) for sent in rows]
    changed_ids = await store.find_changed(tx, cmd.tenant, wanted)
    changed = [collection for collection in wanted if collection.collection_id in changed_ids]
    inserted = sum(collection.code not in ids for collection in changed)
    if changed:
        touched = await store.find_products_in(tx, cmd.tenant, list(changed_ids))
        await _write(tx, cmd, changed, touched, inserted=inserted, now=now)
    return tally.result(len(cmd.rows), inserted=inserted, updated=len(changed) - inserted)


def _code(draft: CollectionDraft) -> str:
    return draft.code


def _as_collection(draft: CollectionDraft, ids: dict[str, CollectionId]) -> Collection:
    return Collection(
        collection_id=ids.get(draft.code) or CollectionId(new_id()),
        code=draft.code,
        name=draft.name,
        is_active=draft.is_active,
        body=draft.body,
    )


async def _write(
    tx: Tx,
    cmd: PutCollections,
    changed: Sequence[Collection],
    touched: Sequence[ProductId],
    *,
    inserted: int,
    now: Micros,
) -> None:
    rows = len(changed) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await store.save_collections(tx, cmd.tenant, changed, ticks, 0)
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(changed), row_stands=True)
    data = announcement((each.code for each in changed), inserted=inserted, updated=len(changed) - inserted)
    event = Event(type="collections.changed", subject=str(new_id()), actor=cmd.actor, data=data, row=rows - 1)
    await append(tx, cmd.tenant, [event], ticks)
