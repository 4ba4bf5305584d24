"""Write prices: one batch, each row a product's price in one store or in every store."""

from collections.abc import Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.catalog.match import match_products
from balcao.catalog.rules.drafts import PriceDraft, check_price
from balcao.catalog.rules.match import Matches, ProductMatch, ProductRef
from balcao.catalog.rules.model import EVERY_SELLER, Price
from balcao.catalog.store import price_changes, products
from balcao.catalog.store import prices as store
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


async def put_prices(tx: Tx, cmd: PutPrices, now: Micros) -> BatchResult:
    """Insert or replace the prices; one that is as sent already is neither written nor ticked.

    Rows fail alone, also for a product or store that nobody knows and for another store than the credential's. The
    products of changed prices get new instants too. One event `prices.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, check_price, lambda draft: draft.product)
    priced = await _resolve(tx, cmd, rows, tally)
    priced = tally.keep_last(priced, _key, field="ProductCode", code=lambda row: row.product_code)
    other, missing = await store.find_changed(tx, cmd.tenant, [sent.value.price for sent in priced])
    if other or missing:
        await _write(tx, cmd, [priced[n].value for n in other], [priced[n].value for n in missing], now=now)
    return tally.result(len(cmd.rows), inserted=len(missing), updated=len(other))


def _key(row: PricedRow) -> store.PriceKey:
    return row.price.product_id, row.price.seller_id


async def _resolve(tx: Tx, cmd: PutPrices, rows: Sequence[Sent[PriceDraft]], tally: Tally) -> list[Sent[PricedRow]]:
    sellers = await match_sellers(
        tx, cmd.tenant, cmd.sellers_by, [row.value.seller for row in rows if row.value.seller]
    )
    named = await match_products(tx, cmd.tenant, cmd.products_by, [row.value.product for row in rows])
    resolved: list[Sent[PricedRow]] = []
    for sent in rows:
        wrong = _wrong_seller(sent.value, sellers, cmd.only_cnpj) or _wrong_product(sent.value, named)
        if wrong:
            tally.fail(sent, *wrong, code=sent.value.product)
        else:
            resolved.append(Sent(sent.row, _priced(sent.value, sellers, named)))
    return resolved


def _wrong_seller(draft: PriceDraft, sellers: dict[str, Seller], only_cnpj: str | None) -> tuple[str, str] | None:
    seller = sellers.get(draft.seller) if draft.seller else None
    if draft.seller and seller is None:
        return "SellerCode", "names no store"
    if only_cnpj is not None and (seller is None or seller.cnpj != only_cnpj):
        return "SellerCode", f"this credential may only write the prices of store {only_cnpj}"
    return None


def _wrong_product(draft: PriceDraft, named: Matches[ProductRef]) -> tuple[str, str] | None:
    return None if draft.product in named.found else ("ProductCode", named.why_not(draft.product, "product"))


def _priced(draft: PriceDraft, sellers: dict[str, Seller], named: Matches[ProductRef]) -> PricedRow:
    product = named.found[draft.product]
    seller_id = sellers[draft.seller].seller_id if draft.seller else SellerId(EVERY_SELLER)
    price = Price(
        product_id=product.product_id,
        seller_id=seller_id,
        price=draft.price,
        old_price=draft.old_price,
        last_update_us=Micros(0),
    )
    return PricedRow(price, product.code)


async def _write(tx: Tx, cmd: PutPrices, old: Sequence[PricedRow], new: Sequence[PricedRow], *, now: Micros) -> None:
    changed = [*old, *new]
    touched = sorted({row.price.product_id for row in changed})
    rows = len(changed) + len(touched)
    ticks = await tick(tx, cmd.tenant, events=1, rows=rows, now=now)
    await store.replace_prices(tx, cmd.tenant, [row.price for row in old], ticks.at(0))
    await store.insert_prices(tx, cmd.tenant, [row.price for row in new], ticks.at(len(old)))
    await price_changes.insert_prices(tx, cmd.tenant, [row.price for row in changed], ticks, cmd.actor)
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
