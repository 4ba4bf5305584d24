"""Write prices: one batch, each row a product's price in one store or in every store."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, TooManyChanges, announcement
from balcao.base.clock import tick
from balcao.base.columns import Pairs, in_order, pair, places_in
from balcao.base.db import Tx
from balcao.base.spans import Ids, Span, meanwhile
from balcao.base.table import Table
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.catalog.match import match_products
from balcao.catalog.rules.drafts import PriceDraft, are_prices_right, check_price
from balcao.catalog.rules.match import ProductMatch, ProductRef
from balcao.catalog.rules.model import EVERY_SELLER, Price
from balcao.catalog.rules.named import Named, Wording
from balcao.catalog.store import prices as store
from balcao.catalog.store import products
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers.match import match_sellers
from balcao.sellers.rules.match import SellerMatch

_WORDING: Final = Wording(column="product", field="ProductCode", noun="product", written="prices")


class PutPrices(msgspec.Struct, frozen=True, kw_only=True):
    """only_cnpj: the one store whose prices the credential may write, where it is bound to one; changes_max: of rows
    that differ from what is there.
    """

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[PriceDraft]]
    sellers_by: SellerMatch = SellerMatch.CNPJ
    products_by: ProductMatch = ProductMatch.CODE
    only_cnpj: str | None = None
    changes_max: int | None = None


class PricedRow(msgspec.Struct, frozen=True, gc=False):
    """A row whose product and store are known."""

    price: Price
    product_code: str


Differing = tuple[list[tuple[PricedRow, store.Place]], list[PricedRow]]
"""Prices that are there otherwise, with where, and prices that are not there."""


async def put_prices(tx: Tx, cmd: PutPrices, now: Micros) -> BatchResult:
    """Insert or replace the prices; one that is as sent already is neither written nor ticked.

    Rows fail alone, also for a product or store that nobody knows and for another store than the credential's. The
    products of changed prices get new instants too. One event `prices.changed`, none when nothing changed. Raises
    TooManyChanges beyond `changes_max`.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    sent = Table.of(PriceDraft, cmd.rows)
    names = await _match(tx, cmd, sent)
    asked = store.find_span(tx, cmd.tenant, _ids(sent, names))
    span, keyed = await meanwhile(asked, lambda: _key(names.keep_known(_keep_right(sent, tally), tally), names))
    old, new = await _differing(tx, cmd.tenant, keyed, span, names, tally=tally)
    if cmd.changes_max is not None and len(old) + len(new) > cmd.changes_max:
        raise TooManyChanges
    if old or new:
        await _write(tx, cmd, old, new, now=now)
    return tally.result(len(cmd.rows), inserted=len(new), updated=len(old))


def _keep_right(rows: Table[PriceDraft], tally: Tally) -> Table[PriceDraft]:
    if are_prices_right(rows.distinct("product"), rows.column("price"), rows.column("old_price")):
        return rows
    return Table.of(PriceDraft, tally.keep_good(rows, check_price, lambda draft: draft.product))


async def _match(tx: Tx, cmd: PutPrices, rows: Table[PriceDraft]) -> Named[ProductRef]:
    stores = await match_sellers(tx, cmd.tenant, cmd.sellers_by, [code for code in rows.distinct("seller") if code])
    products = await match_products(tx, cmd.tenant, cmd.products_by, rows.distinct("product"))
    allowed: dict[str | None, SellerId] = {
        code: store.seller_id for code, store in stores.items() if cmd.only_cnpj in (None, store.cnpj)
    }
    if cmd.only_cnpj is None:
        allowed[None] = allowed[""] = SellerId(EVERY_SELLER)
    return Named(stores, allowed, products, cmd.only_cnpj, _WORDING)


Keyed = tuple[Table[PriceDraft], Pairs]
"""Rows of known stores and products, and the keys of their prices: product and store."""


def _ids(rows: Table[PriceDraft], names: Named[ProductRef]) -> Ids:
    stores = (names.allowed[code] for code in rows.distinct("seller") & names.allowed.keys())
    return Ids(in_order(each.product_id for each in names.records.found.values()), in_order(stores), len(rows))


def _key(rows: Table[PriceDraft], names: Named[ProductRef]) -> Keyed:
    products = {code: each.product_id for code, each in names.records.found.items()}
    return rows, pair(places_in(products, rows.coded("product")), places_in(names.allowed, rows.coded("seller")))


async def _differing(
    tx: Tx, tenant: Tenant, keyed: Keyed, span: Span | None, names: Named[ProductRef], *, tally: Tally
) -> Differing:
    """Most rows of most batches say what is there already: those are left out before anything else is made of them."""
    rows, keys = keyed
    if not keys.are_distinct:
        last = _keep_last(rows, keys.cells, names.records.found, tally)
        return await _differing(tx, tenant, _key(last, names), span, names, tally=tally)
    amounts = store.Amounts(rows.coded("price"), rows.coded("old_price"))
    other, missing = await store.find_changed(tx, tenant, keys, amounts, span)
    old, new = _resolve(rows.pick(list(other)), names), _resolve(rows.pick(missing), names)
    return list(zip(old, other.values(), strict=True)), new


def _keep_last(
    rows: Table[PriceDraft], cells: Sequence[int], found: Mapping[str, ProductRef], tally: Tally
) -> Table[PriceDraft]:
    """Of rows for one price the last one counts."""
    keyed = [Sent(sent.row, (key, sent)) for key, sent in zip(cells, rows, strict=True)]
    last = tally.keep_last(
        keyed, lambda each: each[0], field="ProductCode", code=lambda each: found[each[1].value.product].code
    )
    return Table.of(PriceDraft, [each.value[1] for each in last])


def _resolve(rows: Table[PriceDraft], names: Named[ProductRef]) -> list[PricedRow]:
    """Rows of known stores and products."""
    allowed, found = names.allowed, names.records.found
    columns = (rows.column(name) for name in ("product", "seller", "price", "old_price"))
    return [
        PricedRow(
            Price(
                product_id=product.product_id,
                seller_id=allowed[seller],
                price=price,
                old_price=old_price,
                last_update_us=Micros(0),
            ),
            product.code,
        )
        for code, seller, price, old_price in zip(*columns, strict=True)
        for product in (found[code],)
    ]


async def _write(
    tx: Tx, cmd: PutPrices, old: Sequence[tuple[PricedRow, store.Place]], new: Sequence[PricedRow], *, now: Micros
) -> None:
    replaced = [row.price for row, _ in old]
    changed = [*(row for row, _ in old), *new]
    touched = sorted({row.price.product_id for row in changed})
    rows = len(changed) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await store.replace_prices(tx, cmd.tenant, cmd.actor, [at for _, at in old], replaced, ticks.at(0))
    await store.insert_prices(tx, cmd.tenant, cmd.actor, [row.price for row in new], ticks.at(len(old)))
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(changed), row_stands=True)
    data = announcement((row.product_code for row in changed), inserted=len(new), updated=len(old))
    sellers = {row.price.seller_id for row in changed}
    event = Event(
        type="prices.changed",
        subject=str(new_id()),
        actor=cmd.actor,
        data=data,
        seller_id=sellers.pop() if len(sellers) == 1 and EVERY_SELLER not in sellers else None,
        row=rows - 1,
    )
    await append(tx, cmd.tenant, [event], ticks)
