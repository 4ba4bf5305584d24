"""Show a buyer's personal data to who asks: that it was asked for stands in the order's log (LGPD, article 37)."""

from collections.abc import Sequence
from typing import Final

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import issuer
from balcao.orders.rules.change import Note
from balcao.orders.rules.seeing import may_see
from balcao.orders.store import history, load
from balcao.tenants.rules import Caller

SEEN: Final = "BuyerSeen"
SEEN_US: Final = 15 * 60 * 1_000_000
"""How long one asking counts."""
_NOTE: Final = Note(SEEN, "Dados do cliente consultados / Buyer's data looked at", "shown in the console")


async def reveal_buyers(tx: Tx, tenant: Tenant, asked: Sequence[tuple[Caller, OrderId]], now: Micros) -> None:
    """Note who asked for which buyer; raises NotFound for an order that the caller may not see."""
    orders = await load.load_orders(tx, tenant, [order_id for _, order_id in asked])
    for caller, order_id in asked:
        if order_id not in orders or not may_see(caller, orders[order_id]):
            raise NotFound(f"There is no order {order_id}.", code="order_not_found")
    await history.insert_logs(tx, tenant, [(order_id, _NOTE, issuer(caller)) for caller, order_id in asked], now)
