"""Delete products with their SKUs and prices, and SKUs by themselves."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import ANNOUNCED_MAX
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, ProductId, SkuId, Tenant, new_id
from balcao.catalog.note_words import note_words
from balcao.catalog.store import deletions, price_changes, prices, products, skus, words
from balcao.events.append import append
from balcao.events.rules import Event


class DeleteProducts(msgspec.Struct, frozen=True, kw_only=True):
    """What is deleted already, or was never there, is left out."""

    tenant: Tenant
    actor: str
    product_ids: Sequence[ProductId]


class DeleteSkus(msgspec.Struct, frozen=True, kw_only=True):
    """What is deleted already, or was never there, is left out."""

    tenant: Tenant
    actor: str
    sku_ids: Sequence[SkuId]


async def delete_products(tx: Tx, cmd: DeleteProducts, now: Micros) -> None:
    """Mark the products, their SKUs and their prices as deleted: the feeds say so, what orders hold stays readable.

    Put again, a product lives with the SKUs that are put with it; its prices have to be sent again. One event
    `products.deleted`, none when there was nothing to delete.
    """
    await take_turn(tx, cmd.tenant)
    found = await products.find_products(tx, cmd.tenant, ids=cmd.product_ids)
    living = [product for product in found if not product.is_deleted]
    if not living:
        return
    ids = [product.product_id for product in living]
    own_skus = [sku.sku_id for sku in await skus.find_of_products(tx, cmd.tenant, ids)]
    own_prices = await prices.find_keys(tx, cmd.tenant, ids)
    rows = len(ids) + len(own_skus) + len(own_prices)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await deletions.delete_products(tx, cmd.tenant, ids, ticks, 0)
    await deletions.delete_skus(tx, cmd.tenant, own_skus, ticks, len(ids))
    first = len(ids) + len(own_skus)
    await prices.delete_prices(tx, cmd.tenant, own_prices, ticks, first)
    await price_changes.insert_deleted(tx, cmd.tenant, own_prices, ticks, cmd.actor, first_row=first)
    await words.forget_words(tx, cmd.tenant, ids)
    event = _event("products.deleted", cmd.actor, [product.code for product in living], row=rows - 1)
    await append(tx, cmd.tenant, [event], ticks)


async def delete_skus(tx: Tx, cmd: DeleteSkus, now: Micros) -> None:
    """Mark the SKUs as deleted; their products get new instants. One event `skus.deleted`, none without a change."""
    await take_turn(tx, cmd.tenant)
    living = [sku for sku in await skus.find_skus(tx, cmd.tenant, ids=cmd.sku_ids) if not sku.is_deleted]
    if not living:
        return
    touched = sorted({sku.product_id for sku in living})
    rows = len(living) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await deletions.delete_skus(tx, cmd.tenant, [sku.sku_id for sku in living], ticks, 0)
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(living))
    event = _event("skus.deleted", cmd.actor, [sku.code for sku in living], row=rows - 1)
    await append(tx, cmd.tenant, [event], ticks)
    await note_words(tx, cmd.tenant, touched)


def _event(kind: str, actor: str, codes: Sequence[str], *, row: int) -> Event:
    data = {"deleted": len(codes), "codes": codes[:ANNOUNCED_MAX], "codesTruncated": len(codes) > ANNOUNCED_MAX}
    return Event(type=kind, subject=str(new_id()), actor=actor, data=data, row=row)
