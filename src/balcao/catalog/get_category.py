"""Read categories: one, a page of them, or the whole tree."""

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Tenant
from balcao.catalog.rules.model import Category
from balcao.catalog.rules.reading import CategoryFilter
from balcao.catalog.rules.tree import Branch, grow, grow_each
from balcao.catalog.store import categories as store
from balcao.sellers.rules.match import read_id


async def get_category(tx: Tx, tenant: Tenant, id_or_code: str) -> Branch:
    """The category with this id, or else with this code, and those below it. Raises NotFound, for a deleted one too."""
    chosen = await find_category(tx, tenant, id_or_code)
    if chosen.is_deleted:
        raise _missing(id_or_code)
    below = await store.find_below(tx, tenant, chosen.category_id)
    return grow([chosen, *below], [chosen])[0]


async def find_category(tx: Tx, tenant: Tenant, id_or_code: str) -> Category:
    """The category with this id, or else with this code, deleted ones too but last. Raises NotFound."""
    id_ = read_id(id_or_code)
    found = await store.find_categories(tx, tenant, codes=[id_or_code], ids=[id_] if id_ else [])
    if not found:
        raise _missing(id_or_code)
    return min(found, key=lambda category: (category.is_deleted, category.category_id != id_))


def _missing(id_or_code: str) -> NotFound:
    return NotFound(f"There is no category {id_or_code}.", code="category_not_found")


async def get_tree(tx: Tx, tenant: Tenant) -> list[Branch]:
    """Every category that is not deleted, each below its parent; without a living parent at the top."""
    found = await store.list_tree(tx, tenant)
    known = {category.category_id for category in found}
    return grow(found, [category for category in found if category.parent_id not in known])


async def list_branches(tx: Tx, tenant: Tenant, wanted: CategoryFilter, ask: PageAsk, *, deep: bool) -> Page[Branch]:
    """One page of categories, sorted by one of `CATEGORY_SORTS`; `deep`: each with everything below it."""
    page = await store.list_categories(tx, tenant, wanted, ask)
    below = await store.list_tree(tx, tenant) if deep and page.rows else []
    return page.replace_rows(grow_each(below, page.rows))
