"""Small values that every noun shares: ids, money, documents, postal codes and instants."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import NewType
from uuid import UUID

from stdnum.br import cnpj as _cnpj
from stdnum.br import cpf as _cpf
from uuid_utils.compat import uuid7

Tenant = NewType("Tenant", str)
"""A tenant's short name: lower-case letters, digits and hyphens, chosen at creation and never changed."""
OrderId = NewType("OrderId", UUID)
SellerId = NewType("SellerId", UUID)
ProductId = NewType("ProductId", UUID)
SkuId = NewType("SkuId", UUID)
CategoryId = NewType("CategoryId", UUID)
CollectionId = NewType("CollectionId", UUID)
Micros = NewType("Micros", int)
"""An instant as whole microseconds since 1970-01-01T00:00:00Z: how the clock and every table keep time."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
MONEY_MAX = Decimal("999999999999.9999")
QUANTITY_MAX = 1_000_000_000
_EXACT = Context(prec=16, traps=[Inexact, InvalidOperation])
_SMALLEST = Decimal("0.0001")
_MICROSECOND = timedelta(microseconds=1)
_NOT_DOCUMENT = re.compile(r"[\s./-]")
_CNPJ_FORMAT = re.compile(r"[0-9A-Z]{12}[0-9]{2}")


def new_id() -> UUID:
    """A UUIDv7: unique, and increasing with time so that indexes grow at their end."""
    return uuid7()


def to_micros(at: datetime) -> Micros:
    """Whole microseconds since the epoch; an instant without a zone is UTC (contract, section 1)."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Micros((aware - EPOCH) // _MICROSECOND)


def from_micros(at_us: int) -> datetime:
    """The UTC instant of that many microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=at_us)


def iso(at: datetime | int) -> str:
    """ISO 8601 in UTC with `Z` and always six digits of microseconds, as every answer writes an instant."""
    seconds, rest = divmod(at if isinstance(at, int) else to_micros(at), 1_000_000)
    return f"{_iso_seconds(seconds)}.{rest:06d}Z"


@lru_cache(maxsize=4096)
def _iso_seconds(seconds: int) -> str:
    """Remembered: an order's instants share their seconds, and writing one down costs five times the rest."""
    return (_NAIVE_EPOCH + timedelta(seconds=seconds)).isoformat()


def is_money(amount: Decimal) -> bool:
    """Finite, not negative, at most four decimals and twelve digits before them."""
    try:
        return 0 <= _EXACT.quantize(amount, _SMALLEST) <= MONEY_MAX
    except ArithmeticError:  # more decimals, more digits, or no number
        return False


def are_money(amounts: Iterable[Decimal]) -> bool:
    """Whether each `is_money`; one object is looked at once, a batch has the same few again and again."""
    return all(map(is_money, {id(amount): amount for amount in amounts}.values()))


def money_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum, `Decimal(0)` when there is none."""
    return sum(amounts, Decimal(0))


def strip_document(text: str) -> str:
    """A CPF or CNPJ without dots, slashes, hyphens and blanks, letters in upper case."""
    return _NOT_DOCUMENT.sub("", text).upper()


def cpf_has_format(stripped: str) -> bool:
    """Eleven ASCII digits."""
    return len(stripped) == 11 and stripped.isascii() and stripped.isdigit()


def cnpj_has_format(stripped: str) -> bool:
    """Fourteen characters, alphanumeric ones included (in force since July 2026), the check digits numeric."""
    return _CNPJ_FORMAT.fullmatch(stripped) is not None


def document_checks(stripped: str) -> bool:
    """Whether the check digits of a CPF (11) or CNPJ (14) are right."""
    module = _cpf if len(stripped) == 11 else _cnpj
    return bool(module.is_valid(stripped))


def parse_cep(text: str) -> str | None:
    """The eight digits of a CEP sent with or without hyphen, or None when it is not one."""
    digits = re.sub(r"[\s.-]", "", text)
    return digits if len(digits) == 8 and digits.isascii() and digits.isdigit() else None
