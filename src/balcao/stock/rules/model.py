"""What a stock level is, how it moves and how it is counted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

import msgspec

from balcao.base.paging import Sort
from balcao.base.values import QUANTITY_MAX, Micros, SellerId, SkuId

StockKey = tuple[SellerId, SkuId]
"""One store's shelf of one SKU."""


class Level(msgspec.Struct, frozen=True):
    """on_hand: what the ERP counted less what was invoiced since; reserved: what open orders hold; safety_stock: the
    store's units that are never offered.
    """

    on_hand: int
    reserved: int
    safety_stock: int = 0

    @property
    def available(self) -> int:
        """What may still be promised; negative where orders were taken beyond the stock."""
        return self.on_hand - self.reserved - self.safety_stock


class StockMove(msgspec.Struct, frozen=True, kw_only=True):
    """By how much a level changes: reserve is `reserved=+n`, release `reserved=-n`, consume both `-n`."""

    seller_id: SellerId
    sku_id: SkuId
    on_hand: int = 0
    reserved: int = 0


def net_moves(moves: Sequence[StockMove]) -> list[StockMove]:
    """One move a key, in the house's lock order (seller, SKU); those that come to nothing are left out."""
    net: dict[StockKey, tuple[int, int]] = {}
    for move in moves:
        on_hand, reserved = net.get((move.seller_id, move.sku_id), (0, 0))
        net[move.seller_id, move.sku_id] = (on_hand + move.on_hand, reserved + move.reserved)
    return [
        StockMove(seller_id=seller, sku_id=sku, on_hand=on_hand, reserved=reserved)
        for seller, sku in in_lock_order(net)
        for on_hand, reserved in [net[seller, sku]]
        if on_hand or reserved
    ]


def in_lock_order(keys: Iterable[StockKey]) -> list[StockKey]:
    """Each key once, by (seller, SKU): by the ids' numbers, which are compared in a tenth of the ids' own time."""
    return sorted(set(keys), key=lambda key: (key[0].int, key[1].int))


class StockCount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many units of a SKU a store has, as sent: the whole count, not a difference; `counted_us`: taken when."""

    seller: str
    sku: str
    quantity: int
    counted_us: Micros | None = None


STOCK_SORTS = (Sort("lastUpdate", "k.last_update_us"),)


class StockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which levels to list; since: changed later than that."""

    since: Micros | None = None
    seller_id: UUID | None = None
    seller_cnpj: str | None = None
    point_sale_id: str | None = None
    sku_id: UUID | None = None
    sku_code: str | None = None


class StockLine(msgspec.Struct, frozen=True, kw_only=True):
    """A level with the codes of its store and its SKU; is_deleted: whether the SKU is."""

    seller_id: SellerId
    seller_cnpj: str
    sku_id: SkuId
    sku_code: str
    level: Level
    last_update_us: Micros
    is_deleted: bool


def are_counts_right(sellers: Collection[str], skus: Collection[str], quantities: Collection[int]) -> bool:
    """Whether `check_count` has nothing to say about any of these, looked at by columns."""
    return all(sellers) and all(skus) and (not quantities or (min(quantities) >= 0 and max(quantities) <= QUANTITY_MAX))


def check_count(count: StockCount) -> Iterable[tuple[str, str]]:
    """What is wrong with a count by itself: field (in its documented spelling) and message."""
    is_right = count.seller and count.sku and 0 <= count.quantity <= QUANTITY_MAX
    return () if is_right else _wrong_in(count)


def _wrong_in(count: StockCount) -> Iterator[tuple[str, str]]:
    if not count.seller:
        yield "SellerCode", "is required"
    if not count.sku:
        yield "SkuCode", "is required"
    if not 0 <= count.quantity <= QUANTITY_MAX:
        yield "Quantity", f"must be from 0 to {QUANTITY_MAX}"
