"""Tidy a query string before it is read: names in any casing, blanks as if not sent, instants and numbers in bounds."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar, cast, get_args
from urllib.parse import parse_qsl, unquote_plus, urlencode

import msgspec
from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from balcao.base.errors import Invalid
from balcao.doors.wire.compile import unwrap
from balcao.doors.wire.leaves import NUL_REFUSED, parse_instant, sound_int

T = TypeVar("T")

_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")
"""The sign of a zone that somebody forgot to encode: a `+` in a query is a blank."""
_DIGITS = re.compile(r"[+-]?[0-9]+")


class Query:
    """The query parameters that one route documents."""

    def __init__(self, fields: Iterable[tuple[str, Any]]) -> None:
        self._known: dict[str, tuple[str, frozenset[Any]]] = {
            name.lower(): (name, frozenset(_kinds(annotation))) for name, annotation in fields
        }

    @classmethod
    def of(cls, handler: BaseRouteHandler) -> "Query":
        """Of a handler's own signature, its dependencies' and its layers'."""
        return cls(_documented(handler))

    def tidy(self, query_string: bytes) -> bytes:
        """The query with documented names, `Name[]` and `Name[0]` as `Name`, without blanks.

        Raises `Invalid` that names the parameter for a NUL, for what is no UTF-8 and for a number beyond 64 bits.
        """
        try:
            text = query_string.decode()
        except UnicodeDecodeError:
            raise Invalid(errors={"query": ["is not valid UTF-8"]}) from None
        pairs = [pair for part in text.split("&") if part for pair in self._tidy_part(part)]
        return urlencode(pairs).encode()

    def _tidy_part(self, part: str) -> Iterator[tuple[str, str]]:
        raw_name, _, raw_value = part.partition("=")
        sent = unquote_plus(raw_name)
        known = self._known.get(sent.lower()) or self._known.get(sent.partition("[")[0].lower())
        if known is None:
            yield sent, unquote_plus(raw_value)
            return
        name, kinds = known
        value = _decode(name, raw_value)
        if value:
            yield name, _bounded(name, value, kinds)


class PlainQuery(Generic[T]):
    """Reads a query into a struct of a route's parameters, named in camelCase, as Litestar's route reads it."""

    def __init__(self, kind: type[T]) -> None:
        fields = msgspec.structs.fields(cast("Any", kind))
        self._kind = kind
        self._names = frozenset(field.encode_name for field in fields)
        self._query = Query((field.encode_name, field.type) for field in fields)

    def read(self, query: bytes) -> T:
        """Raises Invalid, naming nothing, for what is unknown, repeated or wrong: the route reads that, or explains."""
        pairs = parse_qsl(self._query.tidy(query).decode("ascii")) if query else []
        sent = dict(pairs)
        if len(sent) < len(pairs) or not self._names >= sent.keys():
            raise Invalid
        try:
            return msgspec.convert(sent, self._kind, strict=False)
        except msgspec.ValidationError:
            raise Invalid from None


def _decode(name: str, raw: str) -> str:
    try:
        value = unquote_plus(raw, errors="strict")
    except UnicodeDecodeError:
        raise Invalid(errors={name: ["is not valid UTF-8"]}) from None
    if "\0" in value:
        raise Invalid(errors={name: [NUL_REFUSED]})
    return value


def _bounded(name: str, value: str, kinds: frozenset[Any]) -> str:
    if str in kinds:
        return value
    if datetime in kinds:
        at = parse_instant(_LOST_PLUS.sub("+", value))
        return at.isoformat() if at is not None else value
    # Twenty characters are enough for any number of 64 bits, and Python would not read one of thousands.
    if int in kinds and _DIGITS.fullmatch(value) and (len(value) > 20 or not sound_int(int(value))):
        raise Invalid(errors={name: ["is too large"]})
    return value


def _kinds(annotation: Any) -> Iterator[Any]:
    bare, _ = unwrap(annotation)
    yield bare
    for inner in get_args(bare):
        yield from _kinds(inner)


def _documented(handler: BaseRouteHandler) -> Iterator[tuple[str, Any]]:
    layered = handler.resolve_layered_parameters()
    signatures = [handler.parsed_fn_signature]
    signatures += [provided.parsed_fn_signature for provided in handler.resolve_dependencies().values()]
    fields: list[tuple[str, FieldDefinition]] = [*layered.items()]
    for signature in signatures:
        fields += signature.parameters.items()
    for attribute, field in fields:
        kwarg = field.kwarg_definition
        if isinstance(kwarg, ParameterKwarg) and kwarg.param_type == ParamType.QUERY:
            yield kwarg.name or attribute, field.annotation
