"""Write products: one batch, each row a whole product with its categories and SKUs, found by its code."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, ProductId, Tenant, new_id
from balcao.catalog.note_words import note_words
from balcao.catalog.plan_links import LinkPlan, plan_links
from balcao.catalog.plan_skus import PlacedSku, SkuPlan, plan_skus
from balcao.catalog.rules.drafts import ProductDraft, check_product
from balcao.catalog.rules.model import Product
from balcao.catalog.store import categories, products, skus
from balcao.events.append import append
from balcao.events.rules import Event


class PutProducts(msgspec.Struct, frozen=True, kw_only=True):
    """SKUs that a row does not name stay as they are: they are records of their own."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[ProductDraft]]


class ProductPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written: `changed`, of which `inserted` are new, and `left` that lose a SKU to another product."""

    changed: list[Product]
    inserted: int
    left: list[ProductId]
    links: LinkPlan
    skus: SkuPlan


async def put_products(tx: Tx, cmd: PutProducts, now: Micros) -> BatchResult:
    """Insert or replace the products; a record that is as sent already is neither written nor ticked.

    A product's categories become those that its row names; unknown ones are made. Its SKUs are inserted or replaced,
    and taken from another product where they are that's. A row with anything wrong in it fails whole and alone. One
    event `products.changed` (and `categories.changed` for those made), none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_product, _code)
    rows = tally.keep_last(rows, lambda draft: draft.code, field="code", code=_code)
    plan = await _plan(tx, cmd.tenant, rows, tally)
    if plan.changed or plan.left:
        await _write(tx, cmd, plan, now)
    return tally.result(len(cmd.rows), inserted=plan.inserted, updated=len(plan.changed) - plan.inserted)


def _code(draft: ProductDraft) -> str:
    return draft.code


async def _plan(tx: Tx, tenant: Tenant, rows: Sequence[Sent[ProductDraft]], tally: Tally) -> ProductPlan:
    known = await products.find_known(tx, tenant, [sent.value for sent in rows])
    ids = {
        sent.value.code: known[sent.value.code].product_id if sent.value.code in known else ProductId(new_id())
        for sent in rows
    }
    own = {product_id for code, product_id in ids.items() if code not in known or known[code].differs}
    links = await plan_links(tx, tenant, [(ids[sent.value.code], sent.value.categories) for sent in rows])
    sku_plan = await plan_skus(tx, tenant, _place_skus(rows, ids, tally))
    touched = own | links.touched | sku_plan.touched
    changed = [sent.value.as_product(ids[sent.value.code]) for sent in rows if ids[sent.value.code] in touched]
    return ProductPlan(
        changed=changed,
        inserted=sum(product.code not in known for product in changed),
        left=sorted(touched - set(ids.values())),
        links=links,
        skus=sku_plan,
    )


def _place_skus(rows: Sequence[Sent[ProductDraft]], ids: dict[str, ProductId], tally: Tally) -> list[PlacedSku]:
    placed = [
        Sent(sent.row, PlacedSku(sku, ids[sent.value.code], sent.value.name), f"skus[{n}].")
        for sent in rows
        for n, sku in enumerate(sent.value.skus)
    ]
    last = tally.keep_last(placed, _sku_code, field="code", code=_sku_code)
    return [sent.value for sent in last]


def _sku_code(placed: PlacedSku) -> str:
    return placed.draft.code


async def _write(tx: Tx, cmd: PutProducts, plan: ProductPlan, now: Micros) -> None:
    made, changed, moved = plan.links.made, plan.changed, plan.skus.changed
    events = [_event(cmd, "products.changed", [product.code for product in changed], inserted=plan.inserted)]
    if made:
        events.append(_event(cmd, "categories.changed", [category.code for category in made], inserted=len(made)))
    rows = len(made) + len(changed) + len(plan.left) + len(moved)
    ticks = await tick(tx, cmd.tenant, events=len(events), rows=rows, now=now)
    await categories.save_categories(tx, cmd.tenant, made, ticks, 0)
    await products.save_products(tx, cmd.tenant, changed, ticks, len(made))
    await products.touch_products(tx, cmd.tenant, plan.left, ticks, len(made) + len(changed))
    await skus.save_skus(tx, cmd.tenant, moved, ticks, rows - len(moved))
    await products.save_links(tx, cmd.tenant, gone=plan.links.gone, new=plan.links.new)
    await append(tx, cmd.tenant, [msgspec.structs.replace(event, row=rows - 1) for event in events], ticks)
    await note_words(tx, cmd.tenant, [*(product.product_id for product in changed), *plan.left])


def _event(cmd: PutProducts, kind: str, codes: Sequence[str], *, inserted: int) -> Event:
    data = announcement(codes, inserted=inserted, updated=len(codes) - inserted)
    return Event(type=kind, subject=str(new_id()), actor=cmd.actor, data=data)
