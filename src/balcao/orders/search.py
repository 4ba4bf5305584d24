"""Search orders by whatever somebody has at hand: a number, a document, an e-mail address, a phone number, a name."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import PageAsk
from balcao.orders.rules.listing import CREATED, OrderFilter, OrderLine
from balcao.orders.rules.searching import FOUND_MAX, Found, understand
from balcao.orders.store import lists
from balcao.orders.store.search import find_sought
from balcao.tenants.rules import Caller


async def search_orders(tx: Tx, caller: Caller, query: str, most: int = 20) -> Sequence[OrderLine]:
    """The newest orders that the query finds and the caller may see, at most so many; none for a blank query.

    Numbers find at once; a buyer and a tracking code as soon as the worker has noted them, about a second later. Raises
    Invalid for a query that is too long.
    """
    found = await look_up(tx, caller, query)
    if found is None or not found.ids:
        return []
    ask = PageAsk(sort=CREATED, ascending=False, per_page=most)
    return (await lists.list_lines(tx, caller, OrderFilter(), ask, found)).rows


async def look_up(tx: Tx, caller: Caller, query: str) -> Found | None:
    """The orders that the query may mean, whether or not the caller may see them; None for a blank one."""
    sought = understand(query)
    if sought is None:
        return None
    ids = list(dict.fromkeys(await find_sought(tx, caller, sought)))
    return Found(ids, len(ids) >= FOUND_MAX)
