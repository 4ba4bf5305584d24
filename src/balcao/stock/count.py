"""Count stock: one batch, each row how many units of a SKU a store has."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, Tenant, new_id
from balcao.catalog.match import match_skus
from balcao.catalog.rules.match import Matches, SkuMatch, SkuRef
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers.match import match_sellers
from balcao.sellers.rules.match import SellerMatch
from balcao.sellers.rules.model import Seller
from balcao.stock.rules.model import StockCount, StockKey, check_count
from balcao.stock.store import counts as store


class CountStock(msgspec.Struct, frozen=True, kw_only=True):
    """only_cnpj: the one store whose stock the credential may write, where it is bound to one."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[StockCount]]
    sellers_by: SellerMatch = SellerMatch.CNPJ
    skus_by: SkuMatch = SkuMatch.CODE
    only_cnpj: str | None = None


class CountedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row whose store and SKU are known."""

    key: StockKey
    sku_code: str
    quantity: int


async def count_stock(tx: Tx, cmd: CountStock, now: Micros) -> BatchResult:
    """Set how many units lie in the stores; what orders hold is untouched, equal counts are neither written nor ticked.

    Rows fail alone, also for a store or SKU that nobody knows and for another store than the credential's. One event
    `stocks.counted`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_count, lambda count: count.sku)
    counted = await _resolve(tx, cmd, rows, tally)
    counted = tally.keep_last(counted, lambda row: row.key, field="SkuCode", code=lambda row: row.sku_code)
    is_new = await store.find_changed(tx, cmd.tenant, {sent.value.key: sent.value.quantity for sent in counted})
    await store.lock_rows(tx, cmd.tenant, sorted(key for key, new in is_new.items() if not new))
    changed = [sent.value for sent in counted if sent.value.key in is_new]
    inserted = sum(is_new.values())
    if changed:
        ticks = await tick(tx, cmd.tenant, events=1, rows=len(changed), now=now)
        quantities = {row.key: row.quantity for row in changed}
        await store.save_counts(tx, cmd.tenant, quantities, {key for key, new in is_new.items() if new}, ticks)
        await append(tx, cmd.tenant, [_event(cmd.actor, changed, inserted)], ticks)
    return tally.result(len(cmd.rows), inserted=inserted, updated=len(changed) - inserted)


async def _resolve(tx: Tx, cmd: CountStock, rows: Sequence[Sent[StockCount]], tally: Tally) -> list[Sent[CountedRow]]:
    sellers = await match_sellers(tx, cmd.tenant, cmd.sellers_by, {sent.value.seller for sent in rows})
    skus = await match_skus(tx, cmd.tenant, cmd.skus_by, {sent.value.sku for sent in rows})
    resolved: list[Sent[CountedRow]] = []
    for sent in rows:
        count = sent.value
        wrong = _wrong_seller(count, sellers, cmd.only_cnpj) or _wrong_sku(count, skus)
        if wrong:
            tally.fail(sent, *wrong, code=count.sku)
            continue
        sku = skus.found[count.sku]
        key = sellers[count.seller].seller_id, sku.sku_id
        resolved.append(Sent(sent.row, CountedRow(key=key, sku_code=sku.code, quantity=count.quantity)))
    return resolved


def _wrong_seller(count: StockCount, sellers: dict[str, Seller], only_cnpj: str | None) -> tuple[str, str] | None:
    if count.seller not in sellers:
        return "SellerCode", "names no store"
    if only_cnpj not in (None, sellers[count.seller].cnpj):
        return "SellerCode", f"this credential may only write the stock of store {only_cnpj}"
    return None


def _wrong_sku(count: StockCount, skus: Matches[SkuRef]) -> tuple[str, str] | None:
    return None if count.sku in skus.found else ("SkuCode", skus.why_not(count.sku, "SKU"))


def _event(actor: str, changed: Sequence[CountedRow], inserted: int) -> Event:
    data = announcement((row.sku_code for row in changed), inserted=inserted, updated=len(changed) - inserted)
    sellers = {row.key[0] for row in changed}
    return Event(
        type="stocks.counted",
        subject=str(new_id()),
        actor=actor,
        data=data,
        seller_id=sellers.pop() if len(sellers) == 1 else None,
        row=len(changed) - 1,
    )
