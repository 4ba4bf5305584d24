"""Read the ledger of stock over HTTP: what changed a level, or what a batch changed."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Forbidden, Invalid, NotFound
from balcao.base.values import Micros, iso, strip_document
from balcao.catalog.match import match_skus
from balcao.catalog.rules.match import SkuMatch
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Instant, Wire, WireResponse
from balcao.imports.keep import DAY_US
from balcao.imports.report import get_batch
from balcao.imports.rules.model import KEPT_DAYS
from balcao.orders.ledger import read_ledger
from balcao.sellers.find import find_sellers
from balcao.sellers.rules.match import read_id
from balcao.sellers.rules.model import Seller
from balcao.stock.ledger import find_batch_lines
from balcao.stock.rules.ledger import LedgerLine, ShownLine
from balcao.tenants.rules import Role

LINES_DEFAULT: Final = 200
LINES_MAX: Final = 1_000


class StockChangeShown(Wire, kw_only=True):
    """One change of one level. cause: `counted` (by the ERP), `reserved`, `released` or `consumed` (by an order).

    `who` is the credential that acted. The reserved quantities are null where a batch is asked for.
    """

    at: Instant
    sku_id: UUID
    seller_id: UUID
    cause: str
    who: str
    batch_id: UUID | None
    order_id: UUID | None
    on_hand_before: int
    on_hand_after: int
    reserved_before: int | None
    reserved_after: int | None


class StockLedger(Wire, kw_only=True):
    """Lines of the ledger; `next`: of a batch with more lines, the instant to go on `after`."""

    next: str | None
    lines: list[StockChangeShown]


@get(
    "/management/catalog/stocks/ledger",
    opt=roles(Role.ERP, Role.OPERATOR, Role.ADMIN),
    tags=["catalogue"],
    operation_id="readStockLedger",
    responses=problem_responses(401, 403, 404, 503),
)
async def read_stock_ledger(
    door: Door,
    sku_code: Annotated[str | None, QueryParameter(name="skuCode")] = None,
    seller_id: Annotated[str | None, QueryParameter(name="sellerId", description="The store's id or CNPJ.")] = None,
    batch_id: Annotated[str | None, QueryParameter(name="batchId")] = None,
    after: Annotated[int, QueryParameter(description="Of a batch: lines after that `next`.")] = 0,
    limit: Annotated[int, QueryParameter(description="At most 1,000.")] = LINES_DEFAULT,
) -> WireResponse[StockLedger]:
    """Who changed what stock, when and why, in the last 90 days.

    Of one level (`skuCode` with `sellerId`), newest first: counts, what orders reserved, released and consumed, each
    with the level before and after. Or of one batch (`batchId`), oldest first, a page at a time.
    """
    if limit < 1 or after < 0:
        raise Invalid(errors={"limit" if limit < 1 else "after": ["is too small"]})
    limit = min(limit, LINES_MAX)
    async with door.db.transaction() as tx:
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if batch_id is not None:
            return WireResponse(await _of_batch(tx, door, batch_id, after=Micros(after), limit=limit))
        missing = {
            name: ["is required"] for name, given in (("skuCode", sku_code), ("sellerId", seller_id)) if not given
        }
        if missing:
            raise Invalid("Say of which SKU and store, or of which batch.", errors=missing)
        return WireResponse(await _of_level(tx, door, sku_code or "", seller_id or "", limit=limit))


async def _of_level(tx: Tx, door: Door, sku_code: str, seller: str, *, limit: int) -> StockLedger:
    store = await _find_seller(tx, door, seller)
    sku = (await match_skus(tx, door.tenant, SkuMatch.CODE, [sku_code])).found.get(sku_code)
    if sku is None:
        raise NotFound(f"There is no SKU {sku_code}.", code="sku_not_found")
    lines = await read_ledger(tx, door.tenant, (store.seller_id, sku.sku_id), limit=limit)
    return StockLedger(next=None, lines=[_show(line) for line in lines])


async def _find_seller(tx: Tx, door: Door, text: str) -> Seller:
    id_, cnpj = read_id(text), strip_document(text)
    found = await find_sellers(tx, door.tenant, cnpjs=[cnpj], ids=[id_] if id_ else [])
    if not found:
        raise NotFound(f"There is no store {text}.", code="seller_not_found")
    if door.caller.seller_cnpj not in (None, found[0].cnpj):
        raise Forbidden("This credential is bound to another store.", code="bound_credential")
    return found[0]


async def _of_batch(tx: Tx, door: Door, text: str, *, after: Micros, limit: int) -> StockLedger:
    batch_id = read_id(text)
    if batch_id is None:
        raise NotFound(f"There is no batch {text}.", code="batch_not_found")
    between = await _when_applied(tx, door, batch_id)
    lines = await find_batch_lines(tx, door.tenant, batch_id, between=between, after=after, limit=limit)
    last = str(lines[-1].at_us) if len(lines) == limit else None
    return StockLedger(next=last, lines=[_show_count(line) for line in lines])


async def _when_applied(tx: Tx, door: Door, batch_id: UUID) -> tuple[Micros, Micros]:
    """The ledger keeps a batch's lines for longer than its report is kept: its id tells when it was received."""
    try:
        batch = await get_batch(tx, door.tenant, batch_id, seller_cnpj=door.caller.seller_cnpj)
    except NotFound:
        received_us = Micros((batch_id.int >> 80) * 1_000)
        is_forgotten = batch_id.version == 7 and received_us < door.now - KEPT_DAYS * DAY_US
        if not is_forgotten or door.caller.seller_cnpj is not None:
            raise
        return received_us, door.now
    return batch.received_us, batch.finished_us or door.now


def _show(shown: ShownLine) -> StockChangeShown:
    before, after = shown.before, shown.after
    return _changed(shown.line, (before.on_hand, after.on_hand), reserved=(before.reserved, after.reserved))


def _show_count(line: LedgerLine) -> StockChangeShown:
    on_hand = line.on_hand or 0
    return _changed(line, (on_hand - line.on_hand_change, on_hand), reserved=(None, None))


def _changed(
    line: LedgerLine, on_hand: tuple[int, int], *, reserved: tuple[int | None, int | None]
) -> StockChangeShown:
    is_count = line.on_hand is not None
    return StockChangeShown(
        at=iso(line.at_us),
        sku_id=line.sku_id,
        seller_id=line.seller_id,
        cause=line.cause.name.lower(),
        who=line.actor,
        batch_id=line.subject_id if is_count else None,
        order_id=None if is_count else line.subject_id,
        on_hand_before=on_hand[0],
        on_hand_after=on_hand[1],
        reserved_before=reserved[0],
        reserved_after=reserved[1],
    )


routes: Sequence[HTTPRouteHandler] = (read_stock_ledger,)
