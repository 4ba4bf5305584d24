"""What the rows of a batch of counts or prices name: stores, and products or SKUs. Pure."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec

from balcao.base.batch import Tally
from balcao.base.table import Table
from balcao.base.values import SellerId
from balcao.catalog.rules.match import Matches
from balcao.sellers.rules.model import Seller

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)


class Wording(NamedTuple):
    """How rows name a record and how that is told: the draft's field, as documented, of which noun; what is written."""

    column: str
    field: str
    noun: str
    written: str


class Named(NamedTuple, Generic[R]):
    """stores: all that are named; allowed: those of them that the credential may write, by the code as sent, with None
    for every store where it may write that; only_cnpj: the one store that it is bound to, if it is.
    """

    stores: Mapping[str, Seller]
    allowed: Mapping[str | None, SellerId]
    records: Matches[R]
    only_cnpj: str | None
    wording: Wording

    def keep_known(self, rows: Table[T], tally: Tally) -> Table[T]:
        """The rows whose store and record are known; what is wrong with the others is told."""
        column = self.wording.column
        if self.allowed.keys() >= rows.distinct("seller") and self.records.found.keys() >= rows.distinct(column):
            return rows
        stores, codes = rows.column("seller"), rows.column(column)
        known: list[int] = []
        for n, (store, code) in enumerate(zip(stores, codes, strict=True)):
            if store in self.allowed and code in self.records.found:
                known.append(n)
            else:
                tally.fail(rows[n], *self._wrong_in(store, code), code=code)
        return rows.pick(known)

    def _wrong_in(self, store: str | None, code: str) -> tuple[str, str]:
        if store and store not in self.stores:
            return "SellerCode", "names no store"
        if store not in self.allowed:
            return "SellerCode", f"this credential may only write the {self.wording.written} of store {self.only_cnpj}"
        return self.wording.field, self.records.why_not(code, self.wording.noun)
