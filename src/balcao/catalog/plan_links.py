"""Which categories a batch of products is put into and taken out of, and which have to be made first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from balcao.base.db import Tx
from balcao.base.values import CategoryId, ProductId, Tenant, new_id
from balcao.catalog.rules.drafts import CategoryLink
from balcao.catalog.rules.model import Category
from balcao.catalog.store import categories, products
from balcao.catalog.store.products import Link


class LinkPlan(NamedTuple):
    """made: categories to write, parents before their children; touched: the products whose categories change."""

    made: list[Category]
    gone: frozenset[Link]
    new: frozenset[Link]
    touched: frozenset[ProductId]


async def plan_links(tx: Tx, tenant: Tenant, wanted: Sequence[tuple[ProductId, Sequence[CategoryLink]]]) -> LinkPlan:
    """What it takes for each product to be in exactly these categories. Known ones are left as they are."""
    named = {link.code: link for _, links in reversed(wanted) for link in reversed(links)}  # the first one counts
    found = await categories.find_categories(tx, tenant, codes=list(named)) if named else []
    known = {category.code: category for category in found}
    ids = {code: known[code].category_id if code in known else CategoryId(new_id()) for code in named}
    made = [
        _make(link, known.get(code), ids) for code, link in named.items() if code not in known or known[code].is_deleted
    ]
    asked = {(product_id, ids[link.code]) for product_id, links in wanted for link in links}
    standing = await products.find_links(tx, tenant, [product_id for product_id, _ in wanted])
    gone, new = standing - asked, asked - standing
    return LinkPlan(made, frozenset(gone), frozenset(new), frozenset(product_id for product_id, _ in gone | new))


def _make(link: CategoryLink, old: Category | None, ids: Mapping[str, CategoryId]) -> Category:
    """A new category, or a deleted one that lives again where it was: its old children may be above the new parent."""
    if old is not None:
        return msgspec.structs.replace(old, name=link.name or old.name, is_active=link.is_active, is_deleted=False)
    return Category(
        category_id=ids[link.code],
        code=link.code,
        name=link.name or link.code,
        is_active=link.is_active,
        parent_id=ids[link.parent_code] if link.parent_code else None,
    )
