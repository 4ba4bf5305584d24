"""Write SKUs: one batch, each row a whole SKU, found by its code."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, ProductId, Tenant, new_id
from balcao.catalog.match import match_products
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
    plan = await plan_skus(tx, cmd.tenant, placed, places)
    if plan.changed:
        await _write(tx, cmd, plan, now)
    inserted = len(plan.inserted)
    return tally.result(len(cmd.rows), inserted=inserted, updated=len(plan.changed) - inserted)


def _code(draft: SkuDraft) -> str:
    return draft.code


async def _place(
    tx: Tx, cmd: PutSkus, rows: Sequence[Sent[SkuDraft]], places: dict[str, SkuPlace], *, tally: Tally
) -> list[PlacedSku]:
    """Each row with its product; rows without one fail."""
    named = await match_products(tx, cmd.tenant, cmd.match, [row.value.product for row in rows if row.value.product])
    staying = {places[row.value.code].product_id for row in rows if not row.value.product and row.value.code in places}
    kept = await products.find_products(tx, cmd.tenant, ids=list(staying)) if staying else []
    known = {product.product_id: ProductRef(product.product_id, product.code, product.name) for product in kept}
    placed: list[PlacedSku] = []
    for sent in rows:
        product = _product_of(sent.value, named, known, places)
        if product is None:
            why = named.why_not(sent.value.product, "product") if sent.value.product else "is required for a new SKU"
            tally.fail(sent, "productCode", why, code=sent.value.code)
        else:
            placed.append(PlacedSku(sent.value, product.product_id, product.name))
    return placed


def _product_of(
    draft: SkuDraft, named: Matches[ProductRef], known: dict[ProductId, ProductRef], places: dict[str, SkuPlace]
) -> ProductRef | None:
    if draft.product:
        return named.found.get(draft.product)
    return known[places[draft.code].product_id] if draft.code in places else None


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
