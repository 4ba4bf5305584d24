"""Delete a category that nothing hangs below."""

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.turn import take_turn
from balcao.base.values import Micros, Tenant, new_id
from balcao.catalog.get_category import find_category
from balcao.catalog.store import categories, deletions, products
from balcao.events.append import append
from balcao.events.rules import Event

NAMED_MAX = 20


class DeleteCategory(msgspec.Struct, frozen=True, kw_only=True):
    """category: its id or code."""

    tenant: Tenant
    actor: str
    category: str


async def delete_category(tx: Tx, cmd: DeleteCategory, now: Micros) -> None:
    """Mark the category as deleted and take its products out of it, which get new instants.

    One event `categories.deleted`, none when it is deleted already. Raises NotFound, and Conflict while categories hang
    below it: nobody should lose half a tree by one request.
    """
    await take_turn(tx, cmd.tenant)
    category = await find_category(tx, cmd.tenant, cmd.category)
    if category.is_deleted:
        return
    below = await categories.find_below(tx, cmd.tenant, category.category_id)
    if below:
        codes = sorted(each.code for each in below if each.parent_id == category.category_id)[:NAMED_MAX]
        raise Conflict(
            f"Category {category.code} has others below it ({', '.join(codes)}): delete those first, or move them.",
            code="category_has_children",
            children=codes,
        )
    touched = await deletions.find_products_in(tx, cmd.tenant, [category.category_id])
    ticks = await tick(tx, cmd.tenant, events=1, rows=1 + len(touched), now=now)
    await deletions.delete_category(tx, cmd.tenant, category.category_id, ticks, 0)
    await products.touch_products(tx, cmd.tenant, touched, ticks, 1)
    data = {"deleted": 1, "codes": [category.code], "codesTruncated": False}
    event = Event(type="categories.deleted", subject=str(new_id()), actor=cmd.actor, data=data, row=len(touched))
    await append(tx, cmd.tenant, [event], ticks)
