"""Every refusal as an RFC 9457 problem: one table from kinds of error to HTTP, and nothing of our insides on the wire.

Body (`application/problem+json`): `type, title, status, detail, traceId, code`, on 400 `errors` by field, and the
error's facts as further members.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from traceback import format_exception
from types import MappingProxyType
from typing import Any, ClassVar

import structlog
from litestar import Request, Response
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import ParameterKwarg
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from balcao.base.errors import (
    BalcaoError,
    Conflict,
    FieldErrors,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from balcao.doors.wire.leaves import say
from balcao.doors.wire.nodes import WHOLE
from balcao.doors.wire.shapes import Wire
from balcao.doors.wire.write import to_json

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[BalcaoError], int] = MappingProxyType(
    {
        Invalid: 400,
        Unauthenticated: 401,
        Forbidden: 403,
        NotFound: 404,
        Conflict: 409,
        TooLarge: 413,
        TooMany: 429,
        Unavailable: 503,
    }
)
"""The one table from what went wrong to HTTP."""

_CODES = {status: kind.code for kind, status in STATUS.items()} | {
    405: "method_not_allowed",
    415: "unsupported_media_type",
    500: "internal_error",
}
_TITLES = {
    400: "The request is not valid",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not available now",
}
_DESCRIPTIONS = {
    400: "The request is wrong in itself; `errors` names the fields.",
    401: "No token, or one that is wrong, expired or revoked.",
    403: "A good token, but not for this.",
    404: "Not in this tenant, or not for this caller.",
    409: "Well-formed, but the state of things refuses it; `detail` says why.",
    413: "More bytes or rows than one request may carry.",
    429: "Asked too often; `Retry-After` says when to ask again.",
    503: "The database is away or the house is full; `Retry-After` says when to ask again.",
}
_MISSING = re.compile(r"Missing required \w+ parameter '(?P<name>.+?)'")
_log = structlog.get_logger()


class Problem(Wire, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem, as documented; a refusal's own facts come as further members."""

    __example__: ClassVar[Any] = {
        "type": "urn:balcao:problem:invalid",
        "title": "The request is not valid",
        "status": 400,
        "detail": "The request has invalid fields.",
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "code": "invalid",
        "errors": {"Items[0].Quantity": ["must be at least 1"]},
    }

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str | None = None
    errors: dict[str, list[str]] | None = None


def problem_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """What a handler documents beside its success: `@post(..., responses=problem_responses(401, 403, 409))`.

    400 (and 413 where there is a body) documents itself on every route.
    """
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=_DESCRIPTIONS.get(status) or HTTPStatus(status).description,
            media_type=MEDIA_TYPE,
        )
        for status in statuses
    }


class ProblemsPlugin(InitPlugin, ReceiveRoutePlugin):
    """Puts the table into a Litestar application, for our errors, for Litestar's own and for everything unexpected."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Set the exception handlers that every route inherits."""
        app_config.exception_handlers.update(
            {
                BalcaoError: answer_refusal,
                HTTPException: answer_framework,
                ValidationException: answer_framework,
                Exception: answer_unexpected,
            }
        )
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Document 400 as the problem that it is, and 413 where a body is read."""
        if not isinstance(route, HTTPRoute):
            return
        for handler in route.route_handlers:
            statuses = (400, 413) if handler.parsed_data_field is not None else (400,)
            handler.responses = problem_responses(*statuses) | dict(handler.responses or {})


def answer_refusal(request: Request[Any, Any, Any], error: BalcaoError) -> Response[bytes]:
    """One of our own refusals."""
    return _respond(*render(error, trace_id_of(request), challenged="authorization" in request.headers))


def answer_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar refuses by itself: no such address or method, bad parameters, too large a body."""
    if error.status_code >= 500 and error.status_code != 503:
        return answer_unexpected(request, error)
    refusal = _translate(request, error)
    status, body, headers = render(refusal, trace_id_of(request), status=error.status_code)
    if isinstance(error, MethodNotAllowedException):
        methods = (error.headers or {}).get("allow", "")
        headers["Allow"] = ", ".join(sorted(method.strip() for method in methods.split(",")))
    return _respond(status, body, headers)


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: logged with its traceback, answered without any of it."""
    return _respond(*render(mishap(request.method, request.scope["path"], error), trace_id_of(request)))


def mishap(method: str, path: str, error: Exception) -> BalcaoError:
    """What is said of a mistake of ours, once it is logged."""
    if getattr(error, "detail", "") != "client disconnected prematurely":
        # The traceback as plain text: no renderer may add the frames' variables, which hold tokens and people's data.
        traceback = "".join(format_exception(error))
        _log.error("unexpected_error", method=method, path=path, traceback=traceback)
    return BalcaoError("An unexpected error happened; it was logged under this trace id.", code="internal_error")


def render(
    error: BalcaoError, trace_id: str | None, *, status: int | None = None, challenged: bool = False
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of a refusal; `status` where the table's is not meant, `challenged` with a bad token."""
    status = status or status_of(error)
    code = error.code if type(error) is not BalcaoError or status == 500 else _CODES.get(status, "error")
    members: dict[str, Any] = {
        "type": f"urn:balcao:problem:{code}",
        "title": _TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": error.detail,
        "traceId": trace_id,
        "code": code,
    }
    if isinstance(error, Invalid) and error.errors:
        members["errors"] = error.errors
    for name, fact in error.facts.items():
        members.setdefault(_camel(name), fact)
    return status, _to_json(members), _headers(error, challenged=challenged)


def status_of(error: BalcaoError) -> int:
    """From the table, by the nearest kind; 500 for what is none."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def trace_id_of(request: Request[Any, Any, Any]) -> str | None:
    """The request's trace id, set at the front (`paths`)."""
    trace_id: str | None = request.scope["state"].get("trace_id")
    return trace_id


def _respond(status: int, body: bytes, headers: Mapping[str, str]) -> Response[bytes]:
    return Response(body, status_code=status, headers=dict(headers), media_type=MEDIA_TYPE)


def _headers(error: BalcaoError, *, challenged: bool) -> dict[str, str]:
    if isinstance(error, TooMany | Unavailable):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, Unauthenticated):
        # RFC 6750, section 3.1: the error is named only to those who tried.
        return {"WWW-Authenticate": 'Bearer realm="balcao"' + (', error="invalid_token"' if challenged else "")}
    return {}


def _to_json(members: Mapping[str, Any]) -> bytes:
    try:
        return to_json(members)
    except (TypeError, ValueError):
        return to_json(
            {name: value if isinstance(value, int | dict) else str(value) for name, value in members.items()}
        )


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _translate(request: Request[Any, Any, Any], error: HTTPException) -> BalcaoError:
    """Litestar's refusal in our words."""
    words: dict[int, Callable[[], BalcaoError]] = {
        401: lambda: Unauthenticated(error.detail),
        404: lambda: NotFound("There is nothing at this address."),
        405: lambda: BalcaoError(f"This address does not take {request.method}."),
        413: lambda: TooLarge("The body is larger than this address takes."),
        429: lambda: TooMany(error.detail),
        503: lambda: Unavailable(error.detail),
    }
    if error.status_code in words:
        return words[error.status_code]()
    if error.status_code != 400:
        return BalcaoError(error.detail)
    errors = _field_errors(request, error)
    if "data" in errors or WHOLE in errors:
        return Invalid("A JSON body is required.", errors={WHOLE: ["A JSON body is required."]}, code="malformed_body")
    return Invalid(errors=errors) if errors else Invalid(error.detail)


def _field_errors(request: Request[Any, Any, Any], error: HTTPException) -> FieldErrors:
    if missing := _MISSING.match(error.detail):
        return {missing["name"]: ["is required"]}
    errors: FieldErrors = {}
    for entry in error.extra if isinstance(error.extra, list) else ():
        key = entry.get("key", WHOLE)
        field = next(_fields_named(request, key.split(".")[0]), None)
        name = _documented(field, key) if field is not None else key
        reason = say(entry["message"], field.annotation if field is not None else None)
        # Everything in an address and a header is a string; to say so would only puzzle.
        errors.setdefault(name, []).append(reason.removesuffix(", not a string"))
    return errors


def _fields_named(request: Request[Any, Any, Any], name: str) -> Iterator[Any]:
    handler = request.scope["route_handler"]
    signatures = [handler.parsed_fn_signature]
    signatures += [provided.parsed_fn_signature for provided in handler.resolve_dependencies().values()]
    return (signature.parameters[name] for signature in signatures if name in signature.parameters)


def _documented(field: Any, key: str) -> str:
    kwarg = field.kwarg_definition
    return (kwarg.name if isinstance(kwarg, ParameterKwarg) else None) or key
