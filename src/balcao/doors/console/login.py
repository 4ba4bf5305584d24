"""Log in and out; language and light; which store one works in."""

import secrets
from collections.abc import Sequence
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import NotFound, TooMany, Unauthenticated
from balcao.doors.console.headers import OPEN, STAFF
from balcao.doors.console.refusals import explain
from balcao.doors.console.visit import (
    LANG_COOKIE,
    PATH,
    SESSION_COOKIE,
    THEME_COOKIE,
    THEMES,
    YEAR_S,
    View,
    Visit,
    own_path,
)
from balcao.doors.console.words import Lang
from balcao.doors.problems import status_of
from balcao.tenants.tenants import list_tenants
from balcao.users.sessions import LogIn, choose_store, log_in, log_out

ASKED_MAX: Final = 200


@get("/login", opt=OPEN)
async def show_login(visit: View) -> Response[bytes]:
    """The form; whoever is logged in already goes on."""
    if visit.is_known:
        return visit.go(own_path(visit.query.get("next", "")))
    return await _form(visit)


@post("/login", opt=OPEN)
async def do_login(visit: View) -> Response[bytes]:
    """Open a session and go on, or the form again with why not."""
    tenant = await visit.field("tenant") or await _only_tenant(visit)
    email, form = await visit.field("email"), await visit.form()
    password = form.get("password")
    cmd = LogIn(
        tenant=tenant,
        email=email,
        password=password[: 4 * ASKED_MAX] if isinstance(password, str) else "",
        address=visit.request.client.host if visit.request.client else "",
    )
    try:
        opened = await log_in(visit.db, cmd, visit.now)
    except (Unauthenticated, TooMany) as refusal:
        answer = await _form(visit, status=status_of(refusal), refused=explain(visit.words, refusal), email=email)
        if isinstance(refusal, TooMany):
            answer.headers["Retry-After"] = str(refusal.retry_after_s)
        return answer
    cookie = visit.cookie_of(SESSION_COOKIE, opened.token)
    return visit.go(own_path(await visit.field("next")), cookies=[cookie])


@post("/logout", opt=STAFF)
async def do_logout(visit: View) -> Response[bytes]:
    """End the session."""
    await visit.db.run(lambda tx: log_out(tx, visit.cookie, visit.session))
    return visit.go(f"{PATH}/login", cookies=[visit.cookie_of(SESSION_COOKIE, "", max_age=0)])


@post("/store", opt=STAFF)
async def do_choose_store(visit: View) -> Response[bytes]:
    """Work in another of one's stores."""
    cnpj = await visit.field("seller")
    await visit.db.run(lambda tx: choose_store(tx, visit.cookie, visit.session, cnpj))
    return visit.go(PATH)


@get("/language/{lang:str}", opt=OPEN, sync_to_thread=False)
def set_language(visit: View, lang: FromPath[str]) -> Response[bytes]:
    """Read the console in this language from now on, in this browser."""
    if lang not in tuple(Lang):
        raise NotFound("There is no such language.")
    return visit.go(visit.back(), cookies=[visit.cookie_of(LANG_COOKIE, lang, max_age=YEAR_S)])


@get("/theme/{theme:str}", opt=OPEN, sync_to_thread=False)
def set_theme(visit: View, theme: FromPath[str]) -> Response[bytes]:
    """Light, dark, or (auto) as the device has it."""
    if theme not in (*THEMES, "auto"):
        raise NotFound("There is no such theme.")
    kept = visit.cookie_of(THEME_COOKIE, theme, max_age=YEAR_S if theme != "auto" else 0)
    return visit.go(visit.back(), cookies=[kept])


async def _form(visit: Visit, *, status: int = 200, refused: str = "", email: str = "") -> Response[bytes]:
    fresh = not visit.cookie
    if fresh:  # so that the form has a token; whoever logs in gets another one
        visit.cookie = f"-.{secrets.token_urlsafe(24)}"
    answer = visit.page(
        "login.html",
        status=status,
        refused=refused,
        email=email[:ASKED_MAX],
        next=own_path(visit.query.get("next", "")),
        asks_tenant=not await _only_tenant(visit),
    )
    if fresh:
        answer.cookies.append(visit.cookie_of(SESSION_COOKIE, visit.cookie))
    return answer


async def _only_tenant(visit: Visit) -> str:
    """The installation's one tenant; empty when there are several, whose names are nobody's business."""
    async with visit.db.read() as tx:
        tenants = await list_tenants(tx)
    return tenants[0].tenant if len(tenants) == 1 else ""


routes: Sequence[HTTPRouteHandler] = (show_login, do_login, do_logout, do_choose_store, set_language, set_theme)
