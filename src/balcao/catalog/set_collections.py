"""Put a product into collections: exactly those that are named, and out of all others."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Invalid
from balcao.base.turn import take_turn
from balcao.base.values import CollectionId, Micros, Tenant, new_id
from balcao.catalog.get_product import find_product
from balcao.catalog.store import collections as store
from balcao.catalog.store import products
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers.rules.match import read_id


class SetCollections(msgspec.Struct, frozen=True, kw_only=True):
    """product: its id or code; collections: each by its id or code."""

    tenant: Tenant
    actor: str
    product: str
    collections: Sequence[str]


async def set_collections(tx: Tx, cmd: SetCollections, now: Micros) -> None:
    """Overwrite the product's collections; one event `products.changed`, none when they are as sent already.

    Raises NotFound for the product, and Invalid that names each collection that does not exist, by its place.
    """
    await take_turn(tx, cmd.tenant)
    product = await find_product(tx, cmd.tenant, cmd.product)
    asked = await _find(tx, cmd.tenant, cmd.collections)
    standing = {each.collection_id for _, each in await store.find_of_products(tx, cmd.tenant, [product.product_id])}
    gone = [(product.product_id, id_) for id_ in sorted(standing - asked)]
    new = [(product.product_id, id_) for id_ in sorted(asked - standing)]
    if not (gone or new):
        return
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    await store.save_links(tx, cmd.tenant, gone=gone, new=new)
    await products.touch_products(tx, cmd.tenant, [product.product_id], ticks, 0, row_stands=True)
    data = announcement([product.code], inserted=0, updated=1)
    await append(
        tx, cmd.tenant, [Event(type="products.changed", subject=str(new_id()), actor=cmd.actor, data=data)], ticks
    )


async def _find(tx: Tx, tenant: Tenant, names: Sequence[str]) -> set[CollectionId]:
    ids = [id_ for name in names if (id_ := read_id(name))]
    found = await store.find_collections(tx, tenant, codes=names, ids=ids)
    by_name = {each.code: each.collection_id for each in found} | {
        str(each.collection_id): each.collection_id for each in found
    }
    keys = {name: str(read_id(name)) if str(read_id(name)) in by_name else name for name in names}
    missing = {f"[{n}]": [f"names no collection: {name}"] for n, name in enumerate(names) if keys[name] not in by_name}
    if missing:
        raise Invalid(errors=missing)
    return {by_name[keys[name]] for name in names}
