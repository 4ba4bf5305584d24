"""Of the rows for one record the last one counts, also where a batch is applied in several parts. Pure.

The verbs settle this within what they are given at a time; here it is settled for the whole batch beforehand, by what
the rows say themselves. Rows that name one record in two spellings are applied one after the other: the last one wins.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import add
from typing import Any, Final, NamedTuple

import msgspec

from balcao.base.batch import RowIssue, Sent, Tally
from balcao.base.table import Coded, Table
from balcao.base.values import strip_document
from balcao.catalog.rules.drafts import ProductDraft, check_price, check_product, check_sku
from balcao.imports.rules.model import Kind
from balcao.stock.rules.model import check_count


class Kept(NamedTuple):
    """The records that count, in their order, and a word for each row that a later one replaces."""

    sent: Sequence[Sent[Any]]
    warnings: Sequence[RowIssue]


_stripped = lru_cache(10_000)(strip_document)
"""A batch names the same few stores again and again."""


class _Key(NamedTuple):
    check: Callable[[Any], Iterable[object]]
    key: Callable[[Any], Hashable]
    field: str
    code: Callable[[Any], str]


def _code(draft: Any) -> str:
    return str(draft.code)


_KEYS: Final[Mapping[Kind, _Key]] = {
    Kind.PRODUCTS: _Key(check_product, _code, "code", _code),
    Kind.SKUS: _Key(check_sku, _code, "code", _code),
    Kind.PRICES: _Key(
        check_price,
        lambda price: (price.product, _stripped(price.seller or "")),
        "ProductCode",
        lambda price: price.product,
    ),
    Kind.STOCKS: _Key(
        check_count, lambda count: (count.sku, _stripped(count.seller)), "SkuCode", lambda count: count.sku
    ),
}
"""Categories and stores are applied whole: their verbs see every row."""

_NAMED: Final[Mapping[Kind, str]] = {Kind.PRICES: "product", Kind.STOCKS: "sku"}


def keep_last(kind: Kind, sent: Sequence[Sent[Any]]) -> Kept:
    """The rows without those that a later one replaces."""
    rule = _KEYS.get(kind)
    if rule is None:
        return Kept(sent, ())
    if _all_differ(kind, sent, rule.key):
        return Kept(sent, ())
    tally = Tally()
    bad = [row for row in sent if any(True for _ in rule.check(row.value))]  # fails alone, and replaces nothing
    rows = {row.row for row in bad}
    good = [row for row in sent if row.row not in rows] if bad else sent
    kept = tally.keep_last(good, rule.key, field=rule.field, code=rule.code)
    if kind is Kind.PRODUCTS:
        kept = _keep_last_skus(kept, tally)
    return Kept(sorted([*kept, *bad], key=lambda row: row.row), tally.result(0).warnings)


def _all_differ(kind: Kind, sent: Sequence[Sent[Any]], key: Callable[[Any], Hashable]) -> bool:
    """Whether no two rows, nor two SKUs of products, are for one record: then nothing replaces anything."""
    if isinstance(sent, Table):
        return _cells_differ(sent.coded(_NAMED[kind]), sent.coded("seller"))
    if len({key(each) for each in [row.value for row in sent]}) < len(sent):
        return False
    skus = [sku.code for row in sent for sku in row.value.skus] if kind is Kind.PRODUCTS else []
    return len(set(skus)) == len(skus)


def _cells_differ(codes: Coded[str], sellers: Coded[str | None]) -> bool:
    """What the rule's `key` says of prices and counts, by columns."""
    stripped: dict[str, int] = {}
    stores = [stripped.setdefault(strip_document(seller or ""), len(stripped)) for seller in sellers.values]
    begins = range(0, len(codes.values) * len(stripped), len(stripped) or 1)
    cells = map(add, map(begins.__getitem__, codes.places), map(stores.__getitem__, sellers.places))
    return len(set(cells)) == len(codes)


def _keep_last_skus(sent: Sequence[Sent[ProductDraft]], tally: Tally) -> list[Sent[ProductDraft]]:
    """A SKU that several products name belongs to the last of them."""
    placed = [Sent(row.row, (row.row, n, sku), f"skus[{n}].") for row in sent for n, sku in enumerate(row.value.skus)]
    last = tally.keep_last(placed, lambda place: place[2].code, field="code", code=lambda place: place[2].code)
    standing = {place.value[:2] for place in last}
    return [
        Sent(
            row.row,
            msgspec.structs.replace(
                row.value, skus=tuple(sku for n, sku in enumerate(row.value.skus) if (row.row, n) in standing)
            ),
            row.part,
        )
        for row in sent
    ]
