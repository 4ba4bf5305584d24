"""Write SKUs: one batch, each row a whole SKU, found by its code."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, Tenant, new_id
from balcao.catalog.match import match_products
from balcao.catalog.note_words import note_words
from balcao.catalog.plan_skus import PlacedSku, SkuPlan, plan_skus
from balcao.catalog.rules.drafts import SkuDraft, check_sku
from balcao.catalog.rules.match import Matches, ProductMatch, ProductRef
from balcao.catalog.store import products, skus
from balcao.catalog.store.skus import SkuPlace
from balcao.events.append import append
from balcao.events.rules import Event


class PutSkus(msgspec.Struct, frozen=True, kw_only=True):
    """match: what the rows' `product` is."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[SkuDraft]]
    match: ProductMatch = ProductMatch.CODE


async def put_skus(tx: Tx, cmd: PutSkus, now: Micros) -> BatchResult:
    """Insert or replace the SKUs; a record that is as sent already is neither written nor ticked.

    A row that names no product leaves a known SKU where it is, and fails for a new one. A SKU may move to another
    product. The products of changed SKUs get new instants too. One event `skus.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_sku, _code)
    rows = tally.keep_last(rows, lambda draft: draft.code, field="code", code=_code)
    places = await skus.find_places(tx, cmd.tenant, [sent.value.code for sent in rows])
    placed = await _place(tx, cmd, rows, places, tally=tally)
    plan = await plan_skus(tx, cmd.tenant, placed)
    if plan.changed:
        await _write(tx, cmd, plan, now)
    inserted = len(plan.inserted)
    return tally.result(len(cmd.rows), inserted=inserted, updated=len(plan.changed) - inserted)


def _code(draft: SkuDraft) -> str:
    return draft.code


class _Products(NamedTuple):
    """The products that rows name or that their SKUs are of."""

    by_id: Matches[ProductRef]
    by_code: Matches[ProductRef]
    of_skus: dict[str, ProductRef]

    def of(self, draft: SkuDraft) -> ProductRef | None:
        if draft.product_id:
            return self.by_id.found.get(draft.product_id)
        if draft.product:
            return self.by_code.found.get(draft.product)
        return self.of_skus.get(draft.code)

    def why_not(self, draft: SkuDraft) -> tuple[str, str]:
        if draft.product_id:
            return "productId", self.by_id.why_not(draft.product_id, "product")
        if draft.product:
            return "productCode", self.by_code.why_not(draft.product, "product")
        return "productCode", "is required for a new SKU"


async def _place(
    tx: Tx, cmd: PutSkus, rows: Sequence[Sent[SkuDraft]], places: dict[str, SkuPlace], *, tally: Tally
) -> list[PlacedSku]:
    """Each row with its product; rows without one fail."""
    drafts = [sent.value for sent in rows]
    known = _Products(
        await match_products(tx, cmd.tenant, ProductMatch.ID, [each.product_id for each in drafts if each.product_id]),
        await match_products(tx, cmd.tenant, cmd.match, [each.product for each in drafts if each.product]),
        await _find_owners(tx, cmd.tenant, places),
    )
    placed: list[PlacedSku] = []
    for sent in rows:
        product = known.of(sent.value)
        if product is None:
            tally.fail(sent, *known.why_not(sent.value), code=sent.value.code)
        else:
            placed.append(PlacedSku(sent.value, product.product_id, product.name))
    return placed


async def _find_owners(tx: Tx, tenant: Tenant, places: dict[str, SkuPlace]) -> dict[str, ProductRef]:
    """The products of known SKUs, by the SKUs' codes."""
    ids = {place.product_id for place in places.values()}
    owners = {each.product_id: each for each in await products.find_products(tx, tenant, ids=list(ids))} if ids else {}
    refs = {code: owners[place.product_id] for code, place in places.items()}
    return {code: ProductRef(each.product_id, each.code, each.name) for code, each in refs.items()}


async def _write(tx: Tx, cmd: PutSkus, plan: SkuPlan, now: Micros) -> None:
    touched = sorted(plan.touched)
    rows = len(plan.changed) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await skus.save_skus(tx, cmd.tenant, plan.changed, ticks, 0)
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(plan.changed))
    inserted = len(plan.inserted)
    data = announcement((sku.code for sku in plan.changed), inserted=inserted, updated=len(plan.changed) - inserted)
    event = Event(type="skus.changed", subject=str(new_id()), actor=cmd.actor, data=data, row=rows - 1)
    await append(tx, cmd.tenant, [event], ticks)
    await note_words(tx, cmd.tenant, touched)
