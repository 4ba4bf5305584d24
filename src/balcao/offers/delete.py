"""Delete products and SKUs: first off the shelves, then out of the catalogue."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SkuId, Tenant
from balcao.catalog.delete_products import DeleteProducts, DeleteSkus, delete_products, delete_skus
from balcao.catalog.find import find_skus_of
from balcao.stock.withdraw import withdraw_skus


async def delete_offered_products(tx: Tx, cmd: DeleteProducts, now: Micros) -> None:
    """Delete the products with their SKUs and prices; of their stock remains what orders hold."""
    await take_turn(tx, cmd.tenant)
    await _withdraw(tx, cmd.tenant, await find_skus_of(tx, cmd.tenant, cmd.product_ids), actor=cmd.actor, now=now)
    await delete_products(tx, cmd, now)


async def delete_offered_skus(tx: Tx, cmd: DeleteSkus, now: Micros) -> None:
    """Delete the SKUs; of their stock remains what orders hold."""
    await take_turn(tx, cmd.tenant)
    await _withdraw(tx, cmd.tenant, cmd.sku_ids, actor=cmd.actor, now=now)
    await delete_skus(tx, cmd, now)


async def _withdraw(tx: Tx, tenant: Tenant, sku_ids: Sequence[SkuId], *, actor: str, now: Micros) -> None:
    await withdraw_skus(tx, tenant, sku_ids, actor=actor, now=now)
