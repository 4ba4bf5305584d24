"""Write categories: one batch, each record a whole category, found by its code."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import CategoryId, Micros, Tenant, new_id
from balcao.catalog.rules.drafts import CategoryDraft, check_category
from balcao.catalog.rules.model import Category
from balcao.catalog.rules.tree import refuse_parents
from balcao.catalog.store import categories as store
from balcao.catalog.store import deletions, products
from balcao.events.append import append
from balcao.events.rules import Event


class PutCategories(msgspec.Struct, frozen=True, kw_only=True):
    """The rows' children come as records of their own, with the code of the category around them as their parent's."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[CategoryDraft]]


async def put_categories(tx: Tx, cmd: PutCategories, now: Micros) -> BatchResult:
    """Insert or replace the categories; a record that is as sent already is neither written nor ticked.

    Parents may stand anywhere in the batch. Records fail alone, also for a parent that is nowhere and for one that is
    below them. The products in categories of which they show something else now get new instants too. One event
    `categories.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_category, _code)
    rows = tally.keep_last(rows, lambda draft: draft.code, field="code", code=_code)
    known = await _find_known(tx, cmd.tenant, rows)
    rows, parents = _settle_parents(rows, known, tally)
    categories = _as_categories(rows, parents, {category.code: category for category in known})
    changed_ids = await store.find_changed(tx, cmd.tenant, categories)
    changed = [category for category in categories if category.category_id in changed_ids]
    old = {category.category_id: category for category in known}
    inserted = sum(category.category_id not in old for category in changed)
    if changed:
        await _write(tx, cmd, changed, old, inserted=inserted, now=now)
    return tally.result(len(cmd.rows), inserted=inserted, updated=len(changed) - inserted)


async def _write(
    tx: Tx,
    cmd: PutCategories,
    changed: Sequence[Category],
    old: Mapping[CategoryId, Category],
    *,
    inserted: int,
    now: Micros,
) -> None:
    told = [id_ for each in changed if (id_ := each.category_id) in old and _as_shown(each) != _as_shown(old[id_])]
    touched = await deletions.find_products_in(tx, cmd.tenant, told) if told else []
    rows = len(changed) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await store.save_categories(tx, cmd.tenant, changed, ticks, 0)
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(changed), row_stands=True)
    data = announcement((each.code for each in changed), inserted=inserted, updated=len(changed) - inserted)
    event = Event(type="categories.changed", subject=str(new_id()), actor=cmd.actor, data=data, row=rows - 1)
    await append(tx, cmd.tenant, [event], ticks)


def _as_shown(category: Category) -> tuple[object, ...]:
    """What the products in it show of it."""
    return category.name, category.is_active, category.parent_id


def _code(draft: CategoryDraft) -> str:
    return draft.code


def _read_id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _find_known(tx: Tx, tenant: Tenant, rows: Sequence[Sent[CategoryDraft]]) -> list[Category]:
    """The categories that the rows write or name as parents, with everything above them."""
    drafts = [sent.value for sent in rows]
    codes = {draft.code for draft in drafts} | {draft.parent_code for draft in drafts if draft.parent_code}
    ids = {found for draft in drafts if (found := _read_id(draft.parent_id))}
    return await store.find_with_ancestors(tx, tenant, codes=list(codes), ids=list(ids))


def _settle_parents(
    rows: Sequence[Sent[CategoryDraft]], known: Sequence[Category], tally: Tally
) -> tuple[list[Sent[CategoryDraft]], dict[str, str | None]]:
    """The rows whose parents are in order, and each one's parent by code."""
    code_of = {category.category_id: category.code for category in known}
    parents = {sent.value.code: _parent_of(sent.value, code_of) for sent in rows}
    standing = {
        category.code: code_of[category.parent_id] if category.parent_id else None
        for category in known
        if not category.is_deleted
    }
    refused = refuse_parents(parents, standing)
    for sent in rows:
        if sent.value.code in refused:
            field = "parentId" if sent.value.parent_id else "parentCode"
            tally.fail(sent, field, refused[sent.value.code], code=sent.value.code)
    return [sent for sent in rows if sent.value.code not in refused], parents


def _parent_of(draft: CategoryDraft, code_of: Mapping[CategoryId, str]) -> str | None:
    """The parent's code; for an id that is nowhere the id itself, which no code can be: it is refused as missing."""
    if not draft.parent_id:
        return draft.parent_code or None
    found = _read_id(draft.parent_id)
    return code_of.get(CategoryId(found), f"\0{found}") if found else f"\0{draft.parent_id}"


def _as_categories(
    rows: Sequence[Sent[CategoryDraft]], parents: Mapping[str, str | None], known: Mapping[str, Category]
) -> list[Category]:
    ids = {code: category.category_id for code, category in known.items()}
    for sent in rows:
        ids.setdefault(sent.value.code, CategoryId(new_id()))
    return [
        Category(
            category_id=ids[draft.code],
            code=draft.code,
            name=draft.name,
            parent_id=ids[parent] if (parent := parents[draft.code]) else None,
            is_active=draft.is_active,
            body=draft.body,
        )
        for draft in (sent.value for sent in rows)
    ]
