"""How a request names stores: by CNPJ, point of sale id or id."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from balcao.base.errors import Invalid
from balcao.base.values import strip_document

M = TypeVar("M", bound=StrEnum)


class SellerMatch(StrEnum):
    """`SellerMatchCode` (contract, section 6)."""

    CNPJ = "cnpj"
    POINT_SALE_ID = "pointsaleid"
    ID = "id"


def read_match(kind: type[M], text: str | None, parameter: str) -> M:
    """A match code as the query has it, in any case; the kind's first when there is none. Raises Invalid."""
    if not text or not text.strip():
        return next(iter(kind))
    try:
        return kind(text.strip().lower())
    except ValueError:
        raise Invalid(errors={parameter: [f"must be one of {', '.join(kind)}"]}) from None


def read_id(text: str) -> UUID | None:
    """A GUID in any of its spellings, or None."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def read_seller_codes(match: SellerMatch, codes: Iterable[str]) -> dict[str, str | UUID]:
    """Each code as sent, and as it is kept; what can be no code of that kind is left out."""
    distinct = set(codes)
    if match is SellerMatch.ID:
        return {code: read for code in distinct if (read := read_id(code)) is not None}
    if match is SellerMatch.CNPJ:
        return {code: strip_document(code) for code in distinct}
    return {code: code.strip() for code in distinct}
