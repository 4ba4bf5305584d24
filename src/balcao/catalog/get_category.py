"""Read categories: one, or the whole tree."""

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Tenant
from balcao.catalog.rules.tree import Branch, grow
from balcao.catalog.store import categories as store
from balcao.sellers.rules.match import read_id


async def get_category(tx: Tx, tenant: Tenant, id_or_code: str) -> Branch:
    """The category with this id, or else with this code, and those below it. Raises NotFound, for a deleted one too."""
    id_ = read_id(id_or_code)
    found = await store.find_categories(tx, tenant, codes=[id_or_code], ids=[id_] if id_ else [])
    living = [category for category in found if not category.is_deleted]
    if not living:
        raise NotFound(f"There is no category {id_or_code}.", code="category_not_found")
    chosen = next((category for category in living if category.category_id == id_), living[0])
    below = await store.find_below(tx, tenant, chosen.category_id)
    return grow([chosen, *below], [chosen])[0]


async def get_tree(tx: Tx, tenant: Tenant) -> list[Branch]:
    """Every category that is not deleted, each below its parent; without a living parent at the top."""
    found = await store.list_tree(tx, tenant)
    known = {category.category_id for category in found}
    return grow(found, [category for category in found if category.parent_id not in known])
