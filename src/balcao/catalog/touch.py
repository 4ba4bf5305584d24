"""Give products new instants, because something that is shown with them changed elsewhere."""

from collections.abc import Mapping, Sequence

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Micros, ProductId, SkuId, Tenant
from balcao.catalog.store import products


async def touch_products(tx: Tx, tenant: Tenant, ids: Sequence[ProductId], ticks: Ticks, first_row: int) -> None:
    """The nth carries the instant of the ticks' row `first_row + n`; in the ticks' transaction."""
    await products.touch_products(tx, tenant, ids, ticks, first_row, row_stands=True)


async def touch_products_of(tx: Tx, tenant: Tenant, at_us: Mapping[SkuId, Micros]) -> None:
    """Each product of these SKUs carries the newest of their instants, which are ticks of this transaction."""
    await products.touch_products_of(tx, tenant, at_us)
