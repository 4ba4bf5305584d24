"""How a request names products and SKUs: by code, one of the other codes, or id."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from balcao.base.values import ProductId, SkuId
from balcao.sellers.rules.match import read_id

R = TypeVar("R")


class ProductMatch(StrEnum):
    """`ProductMatchCode`, also spelt `ProcuctMatchCode` (contract, section 6)."""

    CODE = "code"
    AUX_CODE = "auxcode"
    REFERENCE_CODE = "referencecode"
    ID = "id"


class SkuMatch(StrEnum):
    """`SkuMatchCode` (contract, section 6)."""

    CODE = "code"
    AUX_CODE = "auxcode"
    BARCODE = "barcode"
    ID = "id"


class ProductRef(NamedTuple):
    """A product that a code names."""

    product_id: ProductId
    code: str
    name: str


class SkuRef(NamedTuple):
    """A SKU that a code names."""

    sku_id: SkuId
    product_id: ProductId
    code: str


class Matches(NamedTuple, Generic[R]):
    """What codes name, by the code as sent; only `code` and `id` are unique, so some may name several records."""

    found: dict[str, R]
    ambiguous: frozenset[str]

    def why_not(self, code: str, noun: str) -> str:
        """What to say about a code that is not among `found`."""
        return f"names several {noun}s" if code in self.ambiguous else f"names no {noun}"


def match_records(sent: dict[str, str | UUID], named: Iterable[tuple[str | UUID, R]]) -> Matches[R]:
    """Matches of the codes as sent (with what each is kept as) to the records that were found under those."""
    records: dict[str | UUID, R] = {}
    several: set[str | UUID] = set()
    for name, record in named:
        if records.setdefault(name, record) != record:
            several.add(name)
    found = {code: records[kept] for code, kept in sent.items() if kept in records and kept not in several}
    return Matches(found, frozenset(code for code, kept in sent.items() if kept in several))


def read_codes(codes: Iterable[str], *, ids: bool) -> dict[str, str | UUID]:
    """Each code as sent, and as it is kept: without blanks around, or as the id it is; what is none is left out."""
    kept = ((code, read_id(code) if ids else code.strip()) for code in set(codes))
    return {code: read for code, read in kept if read}
