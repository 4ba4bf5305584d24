"""Count stock: one batch, each row how many units of a SKU a store has."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, TooManyChanges, announcement
from balcao.base.clock import tick
from balcao.base.columns import Pairs, in_order, pair, places_in, places_of
from balcao.base.db import Tx
from balcao.base.spans import Ids, Span, meanwhile
from balcao.base.table import Table
from balcao.base.turn import take_turn
from balcao.base.values import Micros, ProductId, SellerId, Tenant, iso, new_id
from balcao.catalog.match import match_skus
from balcao.catalog.rules.match import SkuMatch, SkuRef
from balcao.catalog.rules.named import Named, Wording
from balcao.catalog.touch import touch_products
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers.match import match_sellers
from balcao.sellers.rules.match import SellerMatch
from balcao.stock.ledger import write_counts
from balcao.stock.rules.ledger import CountLine, CountSet, pack_lines
from balcao.stock.rules.model import StockCount, StockKey, are_counts_right, check_count
from balcao.stock.store import counts as store

_WORDING: Final = Wording(column="sku", field="SkuCode", noun="SKU", written="stock")


class CountStock(msgspec.Struct, frozen=True, kw_only=True):
    """only_cnpj: the one store whose stock the credential may write, where it is bound to one; changes_max: of rows
    that differ from what is there.
    """

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[StockCount]]
    sellers_by: SellerMatch = SellerMatch.CNPJ
    skus_by: SkuMatch = SkuMatch.CODE
    only_cnpj: str | None = None
    batch_id: UUID | None = None
    changes_max: int | None = None


class CountedRow(msgspec.Struct, frozen=True, gc=False):
    """A row whose store and SKU are known."""

    key: StockKey
    sku: SkuRef
    quantity: int
    counted_us: Micros | None
    safety_stock: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """A count that changes its row; held: the row as it was."""

    row: CountedRow
    held: store.Held

    @property
    def turns(self) -> bool:
        """Whether there is something to sell now that was nothing before, or the other way round."""
        kept = self.held.reserved + self.row.safety_stock
        return (self.row.quantity > kept) != (self.held.on_hand > kept)


async def count_stock(tx: Tx, cmd: CountStock, now: Micros) -> BatchResult:
    """Set how many units lie in the stores; what orders hold is untouched, equal counts are neither written nor ticked.

    Rows fail alone, also for a store or SKU that nobody knows and for another store than the credential's; one that was
    counted before the count that is there is passed over. Each change leaves a line in the ledger. Products of which
    there is something to sell now, or nothing any more, get new instants too. One event `stocks.counted`, none when
    nothing changed. Raises TooManyChanges beyond `changes_max`.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    sent = Table.of(StockCount, cmd.rows)
    names = await _match(tx, cmd, sent)
    stores, skus = names.allowed.values(), (sku.sku_id for sku in names.records.found.values())
    asked = store.find_span(tx, cmd.tenant, Ids(in_order(skus), in_order(stores), len(sent)))
    span, keyed = await meanwhile(asked, lambda: _key(sent, names, tally))
    other, missing = await _differing(tx, cmd.tenant, keyed, span, names, tally=tally)
    if cmd.changes_max is not None and len(other) + len(missing) > cmd.changes_max:
        raise TooManyChanges
    changes = await _lock_changes(tx, cmd.tenant, other)
    if changes or missing:
        await _write(tx, cmd, changes, missing, now=now)
    return tally.result(len(cmd.rows), inserted=len(missing), updated=len(changes))


Keyed = tuple[Table[StockCount], Pairs]
"""Rows of known stores and SKUs, and the keys of their levels: SKU and store."""


def _key(sent: Table[StockCount], names: Named[SkuRef], tally: Tally) -> Keyed:
    rows = names.keep_known(_keep_right(sent, tally), tally)
    skus = places_in({code: sku.sku_id for code, sku in names.records.found.items()}, rows.coded("sku"))
    return rows, pair(skus, places_in(names.allowed, rows.coded("seller")))


def _keep_right(rows: Table[StockCount], tally: Tally) -> Table[StockCount]:
    if are_counts_right(rows.distinct("seller"), rows.distinct("sku"), rows.column("quantity")):
        return rows
    return Table.of(StockCount, tally.keep_good(rows, check_count, lambda count: count.sku))


async def _match(tx: Tx, cmd: CountStock, rows: Table[StockCount]) -> Named[SkuRef]:
    stores = await match_sellers(tx, cmd.tenant, cmd.sellers_by, rows.distinct("seller"))
    skus = await match_skus(tx, cmd.tenant, cmd.skus_by, rows.distinct("sku"))
    allowed: dict[str | None, SellerId] = {
        code: store.seller_id for code, store in stores.items() if cmd.only_cnpj in (None, store.cnpj)
    }
    return Named(stores, allowed, skus, cmd.only_cnpj, _WORDING)


Differing = tuple[list[CountedRow], list[CountedRow]]
"""Counts whose levels are there and hold another quantity, and counts whose levels are missing."""


async def _differing(
    tx: Tx, tenant: Tenant, keyed: Keyed, span: Span | None, names: Named[SkuRef], *, tally: Tally
) -> Differing:
    """Most rows of most batches say what is there already: where it can be, those are left out before anything else."""
    rows, keys = keyed
    if not keys.are_distinct or any(rows.column("counted_us")):
        sent = [Sent(row, counted) for row, counted in zip(rows.rows, _resolve(rows, names), strict=True)]
        return await _differing_newest(tx, tenant, sent, tally)
    other, missing = await store.find_differing(tx, tenant, keys, rows.column("quantity"), span)
    return _resolve(rows.pick(other), names), _resolve(rows.pick(missing), names)


def _resolve(rows: Table[StockCount], names: Named[SkuRef]) -> list[CountedRow]:
    """Rows of known stores and SKUs."""
    stores, found = names.stores, names.records.found
    columns = (rows.column(name) for name in ("seller", "sku", "quantity", "counted_us"))
    return [
        CountedRow((store.seller_id, sku.sku_id), sku, quantity, counted_us, store.safety_stock)
        for seller, code, quantity, counted_us in zip(*columns, strict=True)
        for store, sku in ((stores[seller], found[code]),)
    ]


async def _differing_newest(tx: Tx, tenant: Tenant, rows: Sequence[Sent[CountedRow]], tally: Tally) -> Differing:
    """Of rows for one level the last one counts, and none that was counted before what is there."""
    counted = tally.keep_last(rows, lambda row: row.key, field="SkuCode", code=lambda row: row.sku.code)
    fresh = [sent.value for sent in await _keep_fresh(tx, tenant, counted, tally)]
    keys = pair(places_of([row.key[1] for row in fresh]), places_of([row.key[0] for row in fresh]))
    other, missing = await store.find_differing(tx, tenant, keys, [row.quantity for row in fresh])
    await _note_times(tx, tenant, fresh, {*other, *missing})
    return [fresh[n] for n in other], [fresh[n] for n in missing]


async def _keep_fresh(
    tx: Tx, tenant: Tenant, rows: Sequence[Sent[CountedRow]], tally: Tally
) -> Sequence[Sent[CountedRow]]:
    """Pass over counts that are older than what is there, where both say when they were taken; note the later times."""
    timed = [sent for sent in rows if sent.value.counted_us is not None]
    if not timed:
        return rows
    stamps = await store.find_stamps(tx, tenant, [sent.value.key for sent in timed])
    stale = {
        sent.row: stamp
        for sent, stamp in zip(timed, stamps, strict=True)
        if stamp is not None and (sent.value.counted_us or 0) < stamp
    }
    for sent in timed:
        if sent.row in stale:
            reason = f"passed over: this SKU was counted there at {iso(stale[sent.row])}, later than this count"
            tally.warn(sent, "Timestamp", reason, code=sent.value.sku.code)
    return [sent for sent in rows if sent.row not in stale]


async def _lock_changes(tx: Tx, tenant: Tenant, rows: Sequence[CountedRow]) -> list[Change]:
    """Rows that are there are locked and read again, since a count replaces them."""
    old = sorted(rows, key=lambda row: row.key)
    held = await store.lock_counted(tx, tenant, [row.key for row in old]) if old else []
    return [Change(row, level) for row, level in zip(old, held, strict=True) if level.on_hand != row.quantity]


async def _note_times(tx: Tx, tenant: Tenant, counted: Sequence[CountedRow], differing: set[int]) -> None:
    """An equal count that says when it was taken is the newest one all the same."""
    equal = sorted(
        (row for n, row in enumerate(counted) if row.counted_us is not None and n not in differing),
        key=lambda row: row.key,
    )
    if equal:
        await store.lock_counted(tx, tenant, [row.key for row in equal])
        await store.save_stamps(tx, tenant, [row.key for row in equal], [row.counted_us for row in equal])


async def _write(tx: Tx, cmd: CountStock, changes: Sequence[Change], new: Sequence[CountedRow], *, now: Micros) -> None:
    rows = [*(change.row for change in changes), *new]
    turned = _turned(changes, new)
    packed = pack_lines([*map(_line, changes), *((row.key[1], row.key[0], 0, row.quantity, None) for row in new)])
    ticks = await tick(tx, cmd.tenant, events=1, rows=len(rows) + len(turned), now=now)
    known = [(each.held.place, each.row.quantity, each.row.counted_us) for each in changes]
    await store.set_counted(tx, cmd.tenant, known, ticks.at(0))
    made = ((row.key, row.quantity, row.counted_us) for row in new)
    await store.make_counted(tx, cmd.tenant, made, ticks.at(len(changes)))
    await write_counts(tx, cmd.tenant, CountSet(ticks.at(0), cmd.batch_id, cmd.actor, packed))
    await touch_products(tx, cmd.tenant, turned, ticks, len(rows))
    data = announcement((row.sku.code for row in rows), inserted=len(new), updated=len(changes))
    sellers = {row.key[0] for row in rows}
    event = Event(
        type="stocks.counted",
        subject=str(cmd.batch_id or new_id()),
        actor=cmd.actor,
        data=data,
        seller_id=sellers.pop() if len(sellers) == 1 else None,
        row=len(rows) + len(turned) - 1,
    )
    await append(tx, cmd.tenant, [event], ticks)


def _turned(changes: Sequence[Change], new: Sequence[CountedRow]) -> list[ProductId]:
    """The products of which a store has something to sell now and had nothing before, or the other way round."""
    turned = {change.row.sku.product_id for change in changes if change.turns}
    return sorted(turned | {row.sku.product_id for row in new if row.quantity > row.safety_stock})


def _line(change: Change) -> CountLine:
    seller_id, sku_id = change.row.key
    return sku_id, seller_id, change.held.on_hand, change.row.quantity, change.held.ledger_us
