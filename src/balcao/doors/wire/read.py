"""Read a JSON body: at full speed when it is written as documented, tolerantly when it is not, and never fail otherwise
than with `Invalid`."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

import msgspec

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.table import Coded
from balcao.doors.wire.compile import compile_type
from balcao.doors.wire.leaves import NUL_REFUSED, say
from balcao.doors.wire.nodes import WHOLE
from balcao.doors.wire.shared import SharedReader

T = TypeVar("T")

ESCAPED_NUL = b"\\u0000"
"""The only way in which JSON can write the character that PostgreSQL's text cannot hold."""
_BOM = b"\xef\xbb\xbf"
_REFUSALS = (ValueError, ArithmeticError, RecursionError)
"""All that msgspec raises on bytes from outside; `DecodeError` and `UnicodeDecodeError` are kinds of ValueError."""
_GENERIC: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


class Reader(Generic[T]):
    """Reads bodies of one type; make one with `reader(type)` and keep it.

    Member names are matched in any casing, unknown ones are ignored, aliases are known, the last of several spellings
    wins. Numbers are exact: no binary float comes between the wire and a `Decimal`.
    """

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(annotation, float_hook=Decimal)
        self._node = compile_type(annotation)
        self._check = self._node.check

    def read(self, body: bytes) -> T:
        """The body as the type; raises `Invalid` that names every wrong field in its documented casing."""
        if ESCAPED_NUL not in body:
            try:
                value = self._decoder.decode(body)
                if self._check is None or self._check(value):
                    return value
            except _REFUSALS:
                # Another casing, an extra field or a mistake: the tolerant path tells which.
                pass
        return self._read_tolerantly(body)

    def _read_tolerantly(self, body: bytes) -> T:
        generic = parse(body)
        try:
            return self.take(generic, clean=ESCAPED_NUL not in body)
        except RecursionError:
            raise _too_deep() from None

    def take(self, generic: Any, *, clean: bool = False) -> T:
        """A generically decoded value as the type; `clean` when it is known to hold no NUL. Raises as `read` does."""
        tidied = self._node.tidy(generic)
        if clean and (value := self._convert(tidied)) is not None:
            return value
        errors: FieldErrors = {}
        self._node.explain(tidied, "", errors)
        if errors:
            raise Invalid(errors=errors)
        try:
            value = msgspec.convert(tidied, self._annotation)
        except _REFUSALS as error:
            raise Invalid(errors={WHOLE: [str(error)]}) from None
        return cast("T", value)

    def take_form(self, fields: dict[str, Any]) -> T:
        """The fields of a form, where numbers and booleans come as text and files as they are; raises `Invalid`."""
        tidied = self._node.tidy(fields)
        nul = [name for name, text in tidied.items() if isinstance(text, str) and "\0" in text]
        if nul:
            raise Invalid(errors={name: [NUL_REFUSED] for name in nul})
        try:
            value = msgspec.convert(tidied, self._annotation, strict=False, dec_hook=_as_it_is)
        except _REFUSALS as error:
            raise Invalid(errors=_name_field(str(error))) from None
        if self._check is not None and not self._check(value):
            raise Invalid(errors={WHOLE: ["has a value that is out of range"]})
        return cast("T", value)

    def _convert(self, tidied: Any) -> T | None:
        try:
            value: T = msgspec.convert(tidied, self._annotation)
        except _REFUSALS:
            return None
        return value if self._check is None or self._check(value) else None


class Rows(Generic[T]):
    """A bare array in which each row stands for itself: the good ones are read, the bad ones explained.

    As a handler's annotation (`data: Rows[PriceRow]`) it is documented as an array of `PriceRow`.
    """

    def __init__(
        self,
        indexes: Sequence[int],
        values: Sequence[T],
        bad: dict[int, FieldErrors],
        shared: Mapping[str, Coded[Any]] | None = None,
    ) -> None:
        self._shared = shared or {}
        self.indexes = indexes
        """Of the readable rows, from 0."""
        self.values = values
        """The readable rows, in the order sent."""
        self.bad = bad
        """By index: the messages by field, without the `[index].` before it."""

    def column(self, name: str, tidied: Callable[[Any], Any] | None = None) -> Coded[Any]:
        """A field of the readable rows, as `tidied` makes it."""
        return self._shared.get(name) or Coded.of([*map(attrgetter(name), self.values)], tidied)

    @property
    def total(self) -> int:
        """How many rows came."""
        return len(self.values) + len(self.bad)

    @property
    def good(self) -> Iterator[tuple[int, T]]:
        """The readable rows with their indexes."""
        return zip(self.indexes, self.values, strict=True)

    def __iter__(self) -> Iterator[T]:
        return iter(self.values)


class RowsReader(Generic[T]):
    """Reads `Rows[T]`: the whole array at full speed when every row is as documented."""

    def __init__(self, row: Any, shared: Collection[str] = ()) -> None:
        """shared: optional or required amounts that many rows have in common."""
        self._whole: Reader[list[T]] = reader(list[row])
        self._row: Reader[T] = reader(row)
        self._shared = SharedReader(row, shared) if shared else None

    def read(self, body: bytes) -> Rows[T]:
        """Raises `Invalid` only when the body is no JSON array."""
        if ESCAPED_NUL not in body:
            with suppress(*_REFUSALS):
                if (rows := self._read_whole(body)) is not None:
                    return rows
        return self._read_each(parse(body), clean=ESCAPED_NUL not in body)

    def _read_whole(self, body: bytes) -> Rows[T] | None:
        if self._shared is not None:
            found = self._shared.read(body)
            return found and Rows(range(len(found.rows)), found.rows, {}, found.columns)
        whole = self._whole
        rows = whole._decoder.decode(body)
        return Rows(range(len(rows)), rows, {}) if whole._check is None or whole._check(rows) else None

    def _read_each(self, generic: Any, *, clean: bool) -> Rows[T]:
        if not isinstance(generic, list):
            raise Invalid(errors={WHOLE: ["must be an array"]})
        good: dict[int, T] = {}
        bad: dict[int, FieldErrors] = {}
        for index, row in enumerate(generic):
            try:
                good[index] = self._row.take(row, clean=clean)
            except Invalid as error:
                bad[index] = error.errors
            except RecursionError:
                bad[index] = {WHOLE: ["is nested too deeply"]}
        return Rows(list(good), list(good.values()), bad)


def parse(body: bytes) -> Any:
    """Any JSON, decimals exact; raises `Invalid` for what is no JSON."""
    text = body.removeprefix(_BOM)
    if not text.strip():
        raise _malformed("A JSON body is required.")
    try:
        text.decode()
        return _GENERIC.decode(text)
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not valid UTF-8 (byte {error.start}).") from None
    except RecursionError:
        raise _too_deep() from None
    except ArithmeticError:
        raise _malformed("The body has a number that is out of range.") from None
    except ValueError as error:
        raise _malformed(f"The body is not valid JSON: {_why(error)}.") from None


@cache
def reader(annotation: Any) -> Reader[Any]:
    """The one reader of a type, compiled at its first use."""
    return Reader(annotation)


def _as_it_is(kind: Any, value: Any) -> Any:
    """An uploaded file stays one."""
    if isinstance(value, kind):
        return value
    raise ValueError(f"Expected `{kind.__name__}`")


def _name_field(message: str) -> FieldErrors:
    path = re.search(r"`\$\.(.+)`$", message)
    missing = re.search(r"missing required field `(.+?)`", message)
    if missing:
        return {missing[1]: ["is required"]}
    return {path[1] if path else WHOLE: [say(message).removesuffix(", not a string")]}


def _why(error: ValueError) -> str:
    reason = str(error).split(" - at `", maxsplit=1)[0].removeprefix("JSON is malformed: ")
    reasons = {"Input data was truncated": "it ends too early", "Integer value out of range": "a number is too long"}
    return reasons.get(reason, reason)


def _too_deep() -> Invalid:
    return _malformed("The body is nested too deeply.")


def _malformed(detail: str) -> Invalid:
    return Invalid(detail, errors={WHOLE: [detail]}, code="malformed_body")
