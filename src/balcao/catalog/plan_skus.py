"""Which SKUs a batch changes, and whose products that touches."""

from collections.abc import Sequence
from typing import NamedTuple

from balcao.base.db import Tx
from balcao.base.values import ProductId, SkuId, Tenant, new_id
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.model import Sku
from balcao.catalog.store import skus as store
from balcao.catalog.store.skus import SkuPlace


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


async def plan_skus(
    tx: Tx, tenant: Tenant, placed: Sequence[PlacedSku], places: dict[str, SkuPlace] | None = None
) -> SkuPlan:
    """What these SKUs, each code once, change; `places`: where they are now, when that is known already."""
    if places is None:
        places = await store.find_places(tx, tenant, [each.draft.code for each in placed])
    skus = [
        draft.as_sku(places[draft.code].sku_id if draft.code in places else SkuId(new_id()), product_id, product_name)
        for draft, product_id, product_name in placed
    ]
    changed_ids = await store.find_changed(tx, tenant, [sku for sku in skus if sku.code in places])
    changed = [sku for sku in skus if sku.code not in places or sku.sku_id in changed_ids]
    left = {places[sku.code].product_id for sku in changed if sku.code in places}
    return SkuPlan(
        changed,
        frozenset(sku.code for sku in changed if sku.code not in places),
        frozenset(left | {sku.product_id for sku in changed}),
    )
