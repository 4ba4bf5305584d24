"""Write stores, and give the levels that this changes new instants: what is available depends on the safety stock."""

from collections.abc import Mapping, Sequence

from balcao.base.batch import BatchResult, Sent
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SellerId, Tenant
from balcao.catalog.touch import touch_products_of
from balcao.sellers.find import find_sellers
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.sellers.rules.model import Seller
from balcao.stock.store import restate as store
from balcao.stock.store.restate import Margin


async def put_stores(tx: Tx, cmd: PutSellers, now: Micros) -> BatchResult:
    """As `put_sellers` does; every level of a store whose safety stock changes is one that changed.

    Those rows are locked first, as everywhere before the clock. Products of which there is something to sell now, or
    nothing any more, get new instants too.
    """
    await take_turn(tx, cmd.tenant)
    before = await _of_other_safety(tx, cmd.tenant, cmd.rows)
    if before:
        await store.lock_levels_of(tx, cmd.tenant, list(before))
    result = await put_sellers(tx, cmd, now)
    if before:
        after = {each.seller_id: each for each in await find_sellers(tx, cmd.tenant, ids=list(before))}
        margins = [
            Margin(id_, old.safety_stock, after[id_].safety_stock)
            for id_, old in before.items()
            if after[id_].safety_stock != old.safety_stock
        ]
        await _restate(tx, cmd.tenant, margins, now)
    return result


async def _of_other_safety(tx: Tx, tenant: Tenant, rows: Sequence[Sent[SellerDraft]]) -> Mapping[SellerId, Seller]:
    """The stores that are there and that some row wants to have another safety stock."""
    wanted = {(sent.value.cnpj, sent.value.safety_stock) for sent in rows}
    known = {seller.cnpj: seller for seller in await find_sellers(tx, tenant, cnpjs=list({cnpj for cnpj, _ in wanted}))}
    return {
        known[cnpj].seller_id: known[cnpj]
        for cnpj, safety in wanted
        if cnpj in known and known[cnpj].safety_stock != safety
    }


async def _restate(tx: Tx, tenant: Tenant, margins: Sequence[Margin], now: Micros) -> None:
    rows = await store.count_levels_of(tx, tenant, margins) if margins else 0
    if rows:
        ticks = await tick(tx, tenant, events=0, rows=rows, now=now)
        turned = await store.restate(tx, tenant, margins, ticks)
        if turned:
            await touch_products_of(tx, tenant, turned)
