"""List what lies on the stores' shelves, and how they stand."""

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Tenant
from balcao.offers.rules import InventoryFilter, InventoryLine
from balcao.offers.store import inventory


async def list_inventory(tx: Tx, tenant: Tenant, wanted: InventoryFilter, ask: PageAsk) -> Page[InventoryLine]:
    """A page of SKUs in stores, sorted by one of `INVENTORY_SORTS`; a SKU that a store never counted is not there."""
    return await inventory.list_inventory(tx, tenant, wanted, ask)
