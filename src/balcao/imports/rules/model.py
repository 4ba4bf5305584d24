"""What a batch is, how its rows name things, and which batches wait for which."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from balcao.base.batch import RowIssue, Sent
from balcao.base.paging import Sort
from balcao.base.values import Micros
from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.sellers.rules.match import SellerMatch

KEPT_DAYS: Final = 30
ISSUES_MAX: Final = 100_000
"""Of each kind (errors, warnings) and batch: two for every row of the largest one."""


class Lane(StrEnum):
    """What is applied one batch after the other, in the order received; lanes run side by side."""

    STORES = "stores"
    CATALOGUE = "catalogue"
    PRICES = "prices"
    STOCKS = "stocks"


class Kind(StrEnum):
    """What a batch's rows are."""

    SELLERS = "sellers"
    CATEGORIES = "categories"
    PRODUCTS = "products"
    SKUS = "skus"
    PRICES = "prices"
    STOCKS = "stocks"

    @property
    def lane(self) -> Lane:
        """Categories, products and SKUs write each other's records, so they share one."""
        return _LANES[self]


_LANES: Final = {
    Kind.SELLERS: Lane.STORES,
    Kind.CATEGORIES: Lane.CATALOGUE,
    Kind.PRODUCTS: Lane.CATALOGUE,
    Kind.SKUS: Lane.CATALOGUE,
    Kind.PRICES: Lane.PRICES,
    Kind.STOCKS: Lane.STOCKS,
}
WAITS_FOR: Final[Mapping[Lane, frozenset[Lane]]] = {
    Lane.STORES: frozenset(),
    Lane.CATALOGUE: frozenset(),
    Lane.PRICES: frozenset({Lane.STORES, Lane.CATALOGUE}),
    Lane.STOCKS: frozenset({Lane.STORES, Lane.CATALOGUE}),
}
"""Prices and stocks name products and stores: what was sent before them must be there first."""


class State(StrEnum):
    """`received` and not begun, `processing` when a part of it is applied, `finished`."""

    RECEIVED = "received"
    PROCESSING = "processing"
    FINISHED = "finished"


class How(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By which codes the rows name stores, products and SKUs; counted_us: when its counts were taken."""

    sellers_by: SellerMatch = SellerMatch.CNPJ
    products_by: ProductMatch = ProductMatch.CODE
    skus_by: SkuMatch = SkuMatch.CODE
    counted_us: Micros | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it stands; rows = inserted + updated + unchanged + failed once it is finished."""

    batch_id: UUID
    number: int
    kind: Kind
    actor: str
    seller_cnpj: str | None
    how: How
    bytes: int
    rows: int
    position: int
    done: int
    inserted: int
    updated: int
    failed: int
    received_us: Micros
    started_us: Micros | None
    finished_us: Micros | None

    @property
    def state(self) -> State:
        """How far it is."""
        if self.finished_us is not None:
            return State.FINISHED
        return State.RECEIVED if self.started_us is None else State.PROCESSING

    @property
    def unchanged(self) -> int:
        """Rows done that were as they should be already, or that a later or newer one stood in for."""
        return max(self.done - self.inserted - self.updated - self.failed, 0)


BATCH_SORTS: Final = (Sort("received", "received_us"),)


class BatchFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which batches to list; seller_cnpj: those of credentials that are bound to this store."""

    kind: Kind | None = None
    state: State | None = None
    seller_cnpj: str | None = None


class RowsRead(msgspec.Struct, frozen=True, kw_only=True):
    """A body's records, and what is to be said about the rows that could not be read."""

    sent: Sequence[Sent[Any]]
    unread: Sequence[RowIssue]
    are_distinct: bool = False
    """Known to be each for another record than all others."""


STANDING: Final = object()
"""In place of a record that is known to be what its row says already: nothing is done about it."""


class Skimmed(Protocol):
    """A body of which it is known which records its rows are for, and by their digests what they say."""

    codes: Sequence[str]
    digests: Sequence[str]


class ReadRows(Protocol):
    """Reads a batch's body. The doors give it: they know what is on the wire."""

    def skim(self, batch: Batch, body: bytes) -> Skimmed | None:
        """What can be known of the rows without reading them; None where that is nothing."""
        ...

    def __call__(
        self, batch: Batch, body: bytes, skimmed: Skimmed | None = None, standing: Collection[int] = ()
    ) -> RowsRead:
        """The records; of the skimmed rows that stand (from 0) only the mark. Raises Invalid for what is no array."""
        ...


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a part of a batch came to; `position` counts records, `done` rows."""

    position: int
    done: int
    inserted: int = 0
    updated: int = 0
    failed: int = 0
