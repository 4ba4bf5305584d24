"""Refusals as people read them: in their language, on the page they came from where there is one."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from balcao.base.errors import (
    BalcaoError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from balcao.doors.console.reasons import REASONS_PT
from balcao.doors.console.visit import PATH, Notice, Visit, visit_of
from balcao.doors.console.words import Words
from balcao.doors.problems import mishap, status_of, trace_id_of
from balcao.orders.rules.status import parse_status

Say = Callable[[Words, BalcaoError], str]


def answer_refusal(request: Request[Any, Any, Any], error: BalcaoError) -> Response[bytes]:
    """One of our own refusals: after a form the page it stood on says why; elsewhere a page of its own does."""
    visit = visit_of(request)
    if error.code == "login_needed":
        return _to_login(visit)
    text = explain(visit.words, error)
    if request.method == "POST" and visit.is_known and "referer" in request.headers:
        return visit.go(visit.back(), Notice("danger", text))
    return _page(visit, status_of(error), text)


def answer_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar refuses by itself."""
    kinds: dict[int, BalcaoError] = {
        404: NotFound("There is nothing at this address."),
        405: Invalid("This address does not take that."),
        413: TooLarge("That is too large."),
    }
    if error.status_code >= 500:
        return answer_unexpected(request, error)
    visit = visit_of(request)
    return _page(visit, error.status_code, explain(visit.words, kinds.get(error.status_code, Invalid())))


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: logged with its traceback, answered without any of it."""
    said = mishap(request.method, request.scope["path"], error)
    visit = visit_of(request)
    return _page(visit, 500, explain(visit.words, said))


HANDLERS: Final[ExceptionHandlersMap] = {
    BalcaoError: answer_refusal,
    HTTPException: answer_framework,
    Exception: answer_unexpected,
}


def explain(words: Words, error: BalcaoError) -> str:
    """The refusal in a sentence or two of the visitor's language."""
    by_code = _BY_CODE.get(error.code)
    if by_code is not None:
        return by_code(words, error)
    if isinstance(error, Invalid) and error.errors:
        fields = "; ".join(f"{name}: {', '.join(messages)}" for name, messages in error.errors.items())
        return words.t(f"Dados inválidos. {fields}", f"Not valid. {fields}")
    heading = next((_BY_KIND[kind] for kind in type(error).__mro__ if kind in _BY_KIND), _MISTAKE)
    return f"{words.t(*heading)} {error.detail}".strip() if isinstance(error, Conflict) else words.t(*heading)


def _refused_transition(words: Words, error: BalcaoError) -> str:
    """From, to, why, and what is allowed now."""
    names = {key: _status(words, str(error.facts[key])) for key in ("from", "to")}
    reason = str(error.facts.get("reason", ""))
    may = ", ".join(_status(words, str(name)) for name in error.facts.get("allowed", ()))
    return words.t(
        f"O pedido está em «{names['from']}» e não pode passar para «{names['to']}»: {reason_pt(reason)}. "
        f"Agora é possível: {may or 'nada'}.",
        f"The order is in “{names['from']}” and cannot move to “{names['to']}”: {reason}. "
        f"Possible now: {may or 'nothing'}.",
    )


def reason_pt(reason: str) -> str:
    """The reason in Portuguese; those that name statuses are put together from their parts."""
    for english, portuguese in REASONS_PT.items():
        if reason == english:
            return portuguese
        head, gap, tail = english.partition("{}")
        if gap and reason.startswith(head) and reason.endswith(tail) and len(reason) > len(head + tail):
            return portuguese.replace("{}", reason[len(head) : len(reason) - len(tail)])
    return reason


def _status(words: Words, name: str) -> str:
    status = parse_status(name)
    return words.status(status) if status is not None else name


def _too_many(words: Words, error: BalcaoError) -> str:
    minutes = math.ceil(error.retry_after_s / 60) if isinstance(error, TooMany) else 1
    return words.t(
        f"Tentativas demais. Tente de novo em {minutes} min.", f"Too many attempts. Try again in {minutes} min."
    )


_BY_CODE: Final[Mapping[str, Say]] = {
    "refused_transition": _refused_transition,
    "too_many_requests": _too_many,
    "wrong_item": lambda words, error: words.t(
        f"{error.facts.get('scanned', '')}: este item não é deste pedido!",
        f"{error.facts.get('scanned', '')}: this item is not in this order!",
    ),
    "picked_enough": lambda words, error: words.t(
        f"Restam {error.facts.get('left', 0)} deste item para separar.",
        f"{error.facts.get('left', 0)} of this item are left to pick.",
    ),
    "not_to_pick": lambda words, _: words.t(
        "Este pedido não está para separar agora.", "This order is not to be picked now."
    ),
    "wrong_pickup_code": lambda words, _: words.t(
        "O código amigável não é o deste pedido.", "The friendly code is not this order's."
    ),
    "wrong_document": lambda words, _: words.t(
        "O documento não é o do cliente nem o de quem foi indicado para retirar.",
        "The document is neither the buyer's nor that of who was named to collect.",
    ),
    "wrong_password": lambda words, _: words.t("E-mail ou senha incorretos.", "Wrong e-mail address or password."),
    "wrong_role": lambda words, _: words.t("Esta página é para administradores.", "This page is for administrators."),
    "wrong_store": lambda words, _: words.t("Você não trabalha nessa loja.", "You do not work in that store."),
    "bad_csrf": lambda words, _: words.t(
        "A página é antiga demais ou o pedido não veio dela. Abra-a de novo.",
        "The page is too old, or the request did not come from it. Open it again.",
    ),
}
_MISTAKE: Final = (
    "Algo deu errado do nosso lado; ficou registrado.",
    "Something went wrong on our side; it was recorded.",
)
_BY_KIND: Final[Mapping[type[BalcaoError], tuple[str, str]]] = {
    Invalid: ("Dados inválidos.", "Not valid."),
    Unauthenticated: ("Entre primeiro.", "Log in first."),
    Forbidden: ("Você não tem acesso a isto.", "You have no access to this."),
    NotFound: ("Não encontrado.", "Not found."),
    Conflict: ("Recusado:", "Refused:"),
    TooLarge: ("Grande demais.", "Too large."),
    Unavailable: (
        "O sistema está ocupado ou sem banco de dados; tente de novo em instantes.",
        "The system is busy or without its database; try again in a moment.",
    ),
}


def _to_login(visit: Visit) -> Response[bytes]:
    """To the login page and back afterwards; a part of a page that was asked for makes the whole one go there."""
    request = visit.request
    if "hx-request" in request.headers:
        answer = visit.go(PATH)
        return Response(b"", status_code=204, headers={**answer.headers, "HX-Redirect": f"{PATH}/login"})
    here = request.scope["path"] + (f"?{request.scope['query_string'].decode()}" if request.query_params else "")
    wanted = f"?next={quote(here)}" if request.method == "GET" and here != PATH else ""
    return visit.go(f"{PATH}/login{wanted}")


def _page(visit: Visit, status: int, text: str) -> Response[bytes]:
    return visit.page("error.html", status=status, code=status, text=text, trace_id=trace_id_of(visit.request))
