"""Write stores, and give the levels that this changes new instants.

What is available depends on the store's safety stock, and on whether the store is active.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from balcao.base.batch import BatchResult, Sent
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import QUANTITY_MAX, Micros, SellerId, Tenant
from balcao.catalog.touch import touch_products_of
from balcao.sellers.find import find_sellers
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.sellers.rules.model import Seller
from balcao.stock.store import restate as store
from balcao.stock.store.restate import Margin

NOTHING_SOLD: Final = 2 * QUANTITY_MAX
"""As much as a store can have: what an inactive one keeps back."""


async def put_stores(tx: Tx, cmd: PutSellers, now: Micros) -> BatchResult:
    """As `put_sellers` does; every level of a store whose safety stock changes, or that opens or closes, changed.

    Those rows are locked first, as everywhere before the clock. Products of which there is something to sell now, or
    nothing any more, get new instants too.
    """
    await take_turn(tx, cmd.tenant)
    before = await _of_other_margin(tx, cmd.tenant, cmd.rows)
    if before:
        await store.lock_levels_of(tx, cmd.tenant, list(before))
    result = await put_sellers(tx, cmd, now)
    if before:
        after = {each.seller_id: each for each in await find_sellers(tx, cmd.tenant, ids=list(before))}
        margins = [
            Margin(id_, _kept_back(old), _kept_back(after[id_]))
            for id_, old in before.items()
            if _offers(old) != _offers(after[id_])
        ]
        await _restate(tx, cmd.tenant, margins, now)
    return result


def _offers(store: Seller | SellerDraft) -> tuple[int, bool]:
    """What decides how much of its stock is there to be sold."""
    return store.safety_stock, store.is_active


def _kept_back(store: Seller | SellerDraft) -> int:
    """How many units of each SKU the store does not sell."""
    return store.safety_stock if store.is_active else NOTHING_SOLD


async def _of_other_margin(tx: Tx, tenant: Tenant, rows: Sequence[Sent[SellerDraft]]) -> Mapping[SellerId, Seller]:
    """The stores that are there and of which some row wants other units to be sold."""
    wanted = {(sent.value.cnpj, _offers(sent.value)) for sent in rows}
    known = {seller.cnpj: seller for seller in await find_sellers(tx, tenant, cnpjs=list({cnpj for cnpj, _ in wanted}))}
    return {
        known[cnpj].seller_id: known[cnpj]
        for cnpj, offers in wanted
        if cnpj in known and _offers(known[cnpj]) != offers
    }


async def _restate(tx: Tx, tenant: Tenant, margins: Sequence[Margin], now: Micros) -> None:
    rows = await store.count_levels_of(tx, tenant, margins) if margins else 0
    if rows:
        ticks = await tick(tx, tenant, events=0, rows=rows, now=now)
        turned = await store.restate(tx, tenant, margins, ticks)
        if turned:
            await touch_products_of(tx, tenant, turned)
