"""Which SKUs a batch changes, and whose products that touches."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from balcao.base.db import Tx
from balcao.base.values import ProductId, SkuId, Tenant, new_id
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.model import Sku
from balcao.catalog.store import skus as store


class PlacedSku(NamedTuple):
    """A SKU as sent, and the product that it is to be of."""

    draft: SkuDraft
    product_id: ProductId
    product_name: str


class SkuPlan(NamedTuple):
    """changed: the SKUs to write; inserted: the codes of the new ones; touched: the products that gain, lose or see
    changed one of them.
    """

    changed: list[Sku]
    inserted: frozenset[str]
    touched: frozenset[ProductId]


async def plan_skus(tx: Tx, tenant: Tenant, placed: Sequence[PlacedSku]) -> SkuPlan:
    """What these SKUs, each code once, change."""
    skus = [draft.as_sku(SkuId(new_id()), product_id, name) for draft, product_id, name in placed]
    differing = await store.find_differing(tx, tenant, skus)
    changed = [
        skus[n] if place is None else msgspec.structs.replace(skus[n], sku_id=place.sku_id)
        for n, place in differing.items()
    ]
    left = {place.product_id for place in differing.values() if place is not None}
    return SkuPlan(
        changed,
        frozenset(skus[n].code for n, place in differing.items() if place is None),
        frozenset(left | {sku.product_id for sku in changed}),
    )
