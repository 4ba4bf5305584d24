"""Skim the products of a batch: which they are and whether their rows are the same as ever, before any is read.

Most products of most batches are sent as they were the last time. Their rows need not be read: what a row says is known
by its digest.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from balcao.base.batch import Sent
from balcao.catalog.rules.drafts import ProductDraft
from balcao.doors.batches import convert_rows
from balcao.doors.neomode.catalog.understand import product_of
from balcao.doors.wire import Rows, RowsReader
from balcao.doors.wire.read import ESCAPED_NUL
from balcao.imports.rules.model import STANDING, RowsRead

READING: Final = b"1"
"""Part of every digest. Change it whenever the same bytes come to mean another product, or rows sent before would be
taken for what they are no longer: `tests/doors/test_skim.py` notices when what is read of a product changes."""

_Codes = tuple[str, tuple[str, ...]]
"""A product's and its SKUs'."""


class _SkuKey(msgspec.Struct, gc=False):
    code: str


class _ProductKey(msgspec.Struct, gc=False):
    code: str
    skus: list[_SkuKey] | None = None


_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_keys = msgspec.json.Decoder(list[_ProductKey]).decode


class SkimmedProducts:
    """The rows of products, each by itself, with the codes in it; no two are for the same product or SKU."""

    def __init__(self, rows: Sequence[msgspec.Raw], codes: Sequence[_Codes]) -> None:
        self._rows = rows
        self._codes = codes
        self.codes: Sequence[str] = [code for code, _ in codes]
        self.digests: Sequence[str] = [sha256(READING + bytes(row)).hexdigest()[:32] for row in rows]

    def read(self, reader: RowsReader[Any], standing: Collection[int]) -> RowsRead | None:
        """The records of the rows (from 0) that do not stand, each with its digest, and a mark for those that do; None
        where a row names others than it seemed to, so that all have to be seen together.
        """
        rest = [n for n in range(len(self._rows)) if n not in standing]
        rows = reader.read(b"[%b]" % b",".join([bytes(self._rows[n]) for n in rest]))
        bad = {rest[n]: errors for n, errors in rows.bad.items()}
        read = convert_rows(Rows([rest[n] for n in rows.indexes], rows.values, bad), product_of)
        if any(_codes_in(sent.value) != self._codes[sent.row - 1] for sent in read.sent):
            return None
        by_row: dict[int, Sent[Any]] = {sent.row: Sent(sent.row, self._noted(sent)) for sent in read.sent}
        by_row.update((n + 1, Sent(n + 1, STANDING)) for n in standing)
        return RowsRead(sent=[by_row[row] for row in sorted(by_row)], unread=read.unread, are_distinct=True)

    def _noted(self, sent: Sent[ProductDraft]) -> ProductDraft:
        return msgspec.structs.replace(sent.value, row_digest=self.digests[sent.row - 1])


def skim_products(body: bytes) -> SkimmedProducts | None:
    """The rows of an array of products; None where they have to be read to know which they are."""
    if ESCAPED_NUL in body:
        return None
    try:
        rows, keys = _split(body), _keys(body)
    except (ValueError, RecursionError):
        return None
    codes = [(key.code.strip(), tuple([sku.code.strip() for sku in key.skus or ()])) for key in keys]
    skus = [code for _, inside in codes for code in inside]
    if len({code for code, _ in codes}) < len(codes) or len(set(skus)) < len(skus):
        return None
    return SkimmedProducts(rows, codes)


def _codes_in(draft: ProductDraft) -> _Codes:
    return draft.code, tuple([sku.code for sku in draft.skus])
