"""Search orders by whatever somebody has at hand: a number, a document, an e-mail address, a phone number, a name."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import PageAsk
from balcao.orders.rules.listing import CREATED, OrderFilter, OrderLine
from balcao.orders.rules.searching import understand
from balcao.orders.store import lists
from balcao.tenants.rules import Caller


async def search_orders(tx: Tx, caller: Caller, query: str, most: int = 20) -> Sequence[OrderLine]:
    """The newest orders that the query finds and the caller may see, at most so many; none for a blank query.

    Numbers find at once; a buyer and a tracking code as soon as the worker has noted them, about a second later. Raises
    Invalid for a query that is too long.
    """
    sought = understand(query)
    if sought is None:
        return []
    ask = PageAsk(sort=CREATED, ascending=False, per_page=most)
    return (await lists.list_lines(tx, caller, OrderFilter(), ask, sought)).rows
