"""Write prices: one batch, each row a product's price in one store or in every store."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.columns import places_in
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.catalog.match import match_products
from balcao.catalog.rules.drafts import PriceDraft, check_price
from balcao.catalog.rules.match import Matches, ProductMatch, ProductRef
from balcao.catalog.rules.model import EVERY_SELLER, Price
from balcao.catalog.store import prices as store
from balcao.catalog.store import products
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers.match import match_sellers
from balcao.sellers.rules.match import SellerMatch
from balcao.sellers.rules.model import Seller


class PutPrices(msgspec.Struct, frozen=True, kw_only=True):
    """only_cnpj: the one store whose prices the credential may write, where it is bound to one."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[PriceDraft]]
    sellers_by: SellerMatch = SellerMatch.CNPJ
    products_by: ProductMatch = ProductMatch.CODE
    only_cnpj: str | None = None


class PricedRow(msgspec.Struct, frozen=True, gc=False):
    """A row whose product and store are known."""

    price: Price
    product_code: str


class Names(NamedTuple):
    """What the rows' codes name: stores, those of them that the credential may write, and products."""

    sellers: dict[str, Seller]
    allowed: dict[str | None, SellerId]
    """With None for every store, where the credential may write that."""
    products: Matches[ProductRef]


Differing = tuple[list[tuple[PricedRow, store.Place]], list[PricedRow]]
"""Prices that are there otherwise, with where, and prices that are not there."""


async def put_prices(tx: Tx, cmd: PutPrices, now: Micros) -> BatchResult:
    """Insert or replace the prices; one that is as sent already is neither written nor ticked.

    Rows fail alone, also for a product or store that nobody knows and for another store than the credential's. The
    products of changed prices get new instants too. One event `prices.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_price, lambda draft: draft.product)
    names = await _match(tx, cmd, rows)
    old, new = await _differing(tx, cmd.tenant, _keep_known(rows, names, cmd.only_cnpj, tally), names, tally=tally)
    if old or new:
        await _write(tx, cmd, old, new, now=now)
    return tally.result(len(cmd.rows), inserted=len(new), updated=len(old))


async def _match(tx: Tx, cmd: PutPrices, rows: Sequence[Sent[PriceDraft]]) -> Names:
    codes = {row.value.seller for row in rows}
    sellers = await match_sellers(tx, cmd.tenant, cmd.sellers_by, [code for code in codes if code])
    products = await match_products(tx, cmd.tenant, cmd.products_by, {row.value.product for row in rows})
    allowed: dict[str | None, SellerId] = {
        code: seller.seller_id for code, seller in sellers.items() if cmd.only_cnpj in (None, seller.cnpj)
    }
    if cmd.only_cnpj is None:
        allowed[None] = allowed[""] = SellerId(EVERY_SELLER)
    return Names(sellers, allowed, products)


def _keep_known(
    rows: Sequence[Sent[PriceDraft]], names: Names, only_cnpj: str | None, tally: Tally
) -> Sequence[Sent[PriceDraft]]:
    """The rows whose store and product are known; what is wrong with the others is told."""
    allowed, found = names.allowed, names.products.found
    known = [sent for sent in rows if sent.value.seller in allowed and sent.value.product in found]
    if len(known) < len(rows):
        there = {sent.row for sent in known}
        for sent in rows:
            if sent.row not in there:
                tally.fail(sent, *_wrong_in(sent.value, names, only_cnpj), code=sent.value.product)
    return known


def _wrong_in(draft: PriceDraft, names: Names, only_cnpj: str | None) -> tuple[str, str]:
    if draft.seller and draft.seller not in names.sellers:
        return "SellerCode", "names no store"
    if draft.seller not in names.allowed:
        return "SellerCode", f"this credential may only write the prices of store {only_cnpj}"
    return "ProductCode", names.products.why_not(draft.product, "product")


async def _differing(
    tx: Tx, tenant: Tenant, rows: Sequence[Sent[PriceDraft]], names: Names, *, tally: Tally
) -> Differing:
    """Most rows of most batches say what is there already: those are left out before anything else is made of them."""
    allowed, found = names.allowed, names.products.found
    drafts = [sent.value for sent in rows]
    products = places_in({code: each.product_id for code, each in found.items()}, [each.product for each in drafts])
    sellers = places_in(
        {code: each for code, each in allowed.items() if code is not None}, [each.seller or "" for each in drafts]
    )
    keys = list(zip(products.places, sellers.places, strict=True))
    if len(set(keys)) < len(keys):
        return await _differing(tx, tenant, _keep_last(rows, keys, found, tally), names, tally=tally)
    amounts = [(draft.price, draft.old_price) for draft in drafts]
    other, missing = await store.find_changed(tx, tenant, products, sellers, amounts)

    def priced(n: int) -> PricedRow:
        draft, product = drafts[n], found[drafts[n].product]
        price = Price(
            product_id=product.product_id,
            seller_id=allowed[draft.seller],
            price=draft.price,
            old_price=draft.old_price,
            last_update_us=Micros(0),
        )
        return PricedRow(price, product.code)

    return [(priced(n), at) for n, at in other.items()], [priced(n) for n in missing]


def _keep_last(
    rows: Sequence[Sent[PriceDraft]], keys: Sequence[tuple[int, int]], found: Mapping[str, ProductRef], tally: Tally
) -> list[Sent[PriceDraft]]:
    """Of rows for one price the last one counts."""
    keyed = [Sent(sent.row, (key, sent)) for key, sent in zip(keys, rows, strict=True)]
    last = tally.keep_last(
        keyed, lambda each: each[0], field="ProductCode", code=lambda each: found[each[1].value.product].code
    )
    return [each.value[1] for each in last]


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
    await products.touch_products(tx, cmd.tenant, touched, ticks, len(changed))
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
