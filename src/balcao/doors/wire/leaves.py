"""Single values: what is wrong with one that msgspec let through, and how to say so to a person."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from balcao.doors.wire.shapes import INT64_MAX, Bounds

Check = Callable[[Any], bool]
"""Whether a decoded value is sound; what it does not know is sound."""

_KINDS = {
    "int": "an integer",
    "float": "a number",
    "decimal": "a number",
    "str": "a string",
    "bool": "a boolean",
    "object": "an object",
    "array": "an array",
    "datetime": "an instant",
    "date": "a date",
    "uuid": "a UUID",
    "bytes": "a Base64 string",
    "null": "null",
    "UploadFile": "a file",
}
_EXPECTED = re.compile(r"Expected `(?P<want>[^`]+)`(?:, got `(?P<got>[^`]+)`)?(?P<rest>.*)", re.DOTALL)
_BOUND = re.compile(r"\s*(?P<of>of length)?\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>\S+)")
_SIGNS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_FIXED = {
    "Invalid RFC3339 encoded datetime": "must be an ISO 8601 instant, such as 2026-07-01T12:00:00Z",
    "Invalid RFC3339 encoded date": "must be an ISO 8601 date, such as 2026-07-01",
    "Invalid decimal string": "must be a number",
    "Invalid UUID": "must be a UUID",
    "Invalid base64 encoded string": "must be Base64",
    "Integer value out of range": "is too large",
    "Number out of range": "is too large",
}
NUL_REFUSED = "must not contain the NUL character"


def sound_int(value: int) -> bool:
    """Fits the database's `bigint`."""
    return -INT64_MAX <= value <= INT64_MAX


def sound_instant(value: datetime) -> bool:
    """Aware, and far enough from both ends of the calendar to be moved to any zone."""
    return value.tzinfo is not None and 1 < value.year < 9999


def sound_decimal(bounds: Bounds) -> Check:
    """A check for one field: finite, and within its digits, places and limits."""
    # One quantize does it all: the context traps a value with more digits or more places than it can hold exactly.
    context = Context(prec=bounds.digits + bounds.places, traps=[Inexact, InvalidOperation])
    unit = Decimal(1).scaleb(-bounds.places)
    quantize = context.quantize
    low = -(Decimal(10) ** bounds.digits) if bounds.minimum is None else bounds.minimum
    high = Decimal(10) ** bounds.digits if bounds.maximum is None else bounds.maximum

    def check(value: Decimal) -> bool:
        try:
            return low <= quantize(value, unit) <= high
        except ArithmeticError:
            return False

    def check_low(value: Decimal) -> bool:
        try:
            return quantize(value, unit) >= low
        except ArithmeticError:
            return False

    # Where the digits already keep a value under the maximum, comparing it once more is time for nothing.
    return check if high < Decimal(10) ** bounds.digits - unit else check_low


def explain_decimal(value: Decimal, bounds: Bounds) -> str:
    """Why `sound_decimal` refused the value."""
    if not value.is_finite():
        return "must be a finite number"
    if bounds.minimum is not None and value < bounds.minimum:
        return f"must be at least {bounds.minimum}"
    if bounds.maximum is not None and value > bounds.maximum:
        return f"must be at most {bounds.maximum}"
    return f"must have at most {bounds.digits} digits before the point and {bounds.places} after it"


def parse_instant(text: str) -> datetime | None:
    """An ISO 8601 instant or date, aware (UTC where it names no zone), or None when it is none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware if sound_instant(aware) else None


def say(message: str, annotation: Any = None) -> str:
    """msgspec's complaint about one value as a sentence that goes on from the field's name: "must be an integer"."""
    plain = message.split(" - at `", maxsplit=1)[0]
    if plain.startswith("Invalid enum value"):
        return _say_choices(annotation)
    if plain in _FIXED:
        return _FIXED[plain]
    found = _EXPECTED.fullmatch(plain)
    if found is None:
        return plain[:1].lower() + plain[1:]
    return _say_expected(found["want"], found["got"], found["rest"])


def _say_expected(want: str, got: str | None, rest: str) -> str:
    if got is None and (bound := _BOUND.fullmatch(rest)):
        return _say_bound(want, bound)
    if got is None and rest:
        return f"must be {_kinds(want)}{rest}"
    if got is None:
        return f"must be {_kinds(want)}"
    return f"must be {_kinds(want)}, not {_kinds(got)}"


def _say_bound(want: str, bound: re.Match[str]) -> str:
    amount = f"{_SIGNS[bound['sign']]} {bound['limit']}"
    if not bound["of"]:
        return f"must be {amount}"
    pieces = "items" if "array" in want else "entries" if "object" in want else "characters"
    return f"must have {amount} {pieces}"


def _kinds(names: str) -> str:
    kinds = dict.fromkeys(_KINDS.get(name, name) for name in names.split(" | "))
    shown = [kind for kind in kinds if kind != "null"] or ["null"]
    return " or ".join(shown)


def _say_choices(annotation: Any) -> str:
    choices = choices_of(annotation)
    return f"must be one of {', '.join(map(str, choices))}" if choices else "is not one of the allowed values"


def choices_of(annotation: Any) -> list[Any]:
    """The values that a `Literal` or an `Enum` allows, anywhere inside the annotation."""
    if get_origin(annotation) is Literal:
        return [choice for choice in get_args(annotation) if choice is not None]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    return [choice for part in get_args(annotation) for choice in choices_of(part)]
