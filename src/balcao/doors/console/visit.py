"""One request of the console: who looks, in which language and light, and what is answered."""

import gzip
import json
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, cast
from urllib.parse import quote, unquote, urlsplit

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, FormMultiDict
from litestar.di import NamedDependency

from balcao.base.db import Database
from balcao.base.errors import Invalid, Unauthenticated
from balcao.base.now import now_us
from balcao.base.settings import Settings
from balcao.base.values import Tenant
from balcao.doors.console.csrf import make_token
from balcao.doors.console.headers import SECURITY
from balcao.doors.console.render import render
from balcao.doors.console.words import Lang, Words, preferred
from balcao.doors.house import House, house_of
from balcao.tenants.rules import Caller
from balcao.users.rules import Session

SESSION_COOKIE: Final = "balcao_session"
LANG_COOKIE: Final = "balcao_lang"
THEME_COOKIE: Final = "balcao_theme"
NOTICE_COOKIE: Final = "balcao_notice"
PATH: Final = "/console"
THEMES: Final = ("light", "dark")
ZIPPED_FROM: Final = 800
"""Bytes: what is shorter gains nothing."""
NOTICE_LENGTH_MAX: Final = 900
YEAR_S: Final = 365 * 24 * 3600
Tone = Literal["success", "danger", "warning", "info"]


class Notice(NamedTuple):
    """What became of something, shown once on the next page."""

    tone: Tone
    text: str


class Visit:
    """What a page's handler gets."""

    def __init__(self, request: Request[Any, Any, Any], session: Session | None, cookie: str) -> None:
        self.request = request
        self.house: House = house_of(request)
        self._session = session
        self.cookie = cookie
        self.now = now_us()
        chosen = request.cookies.get(LANG_COOKIE, "")
        lang = Lang(chosen) if chosen in tuple(Lang) else preferred(request.headers.get("accept-language", ""))
        self.words = Words(lang, self.now)
        self.t = self.words.t
        theme = request.cookies.get(THEME_COOKIE, "")
        self.theme = theme if theme in THEMES else ""

    @property
    def session(self) -> Session:
        """Who is logged in; raises Unauthenticated on an open page that nobody is logged in on."""
        if self._session is None:
            raise Unauthenticated("Log in first.", code="login_needed")
        return self._session

    @property
    def is_known(self) -> bool:
        """Whether somebody is logged in."""
        return self._session is not None

    @property
    def caller(self) -> Caller:
        """The user as verbs know who asks."""
        return self.session.caller

    @property
    def tenant(self) -> Tenant:
        """The user's tenant."""
        return self.session.user.tenant

    @property
    def db(self) -> Database:
        """The database."""
        return self.house.db

    @property
    def settings(self) -> Settings:
        """The process's settings."""
        return self.house.settings

    @property
    def is_secure(self) -> bool:
        """Whether the browser came by TLS, so that its cookies need never go without."""
        return (self.settings.public_url or str(self.request.base_url)).startswith("https:")

    @property
    def query(self) -> dict[str, str]:
        """The address's own parameters that are not empty, the first of each name."""
        found: dict[str, str] = {}
        for name, value in self.request.query_params.multi_items():
            if value.strip():
                found.setdefault(name, value.strip())
        return found

    async def form(self) -> FormMultiDict:
        """The fields that were sent; raises Invalid for what is no form, or not UTF-8."""
        try:
            return await self.request.form()
        except (UnicodeDecodeError, LookupError, ValueError):
            raise Invalid("The form cannot be read.") from None

    async def field(self, name: str, *, length_max: int = 1000) -> str:
        """One field as text without blanks around, empty when it was not sent; longer than that is cut."""
        value = (await self.form()).get(name)
        text = value if isinstance(value, str) else ""
        return text.replace("\0", "").strip()[:length_max]

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
        """A whole page, or the part of it that the template is."""
        notice = self._notice()
        content = render(
            template,
            {
                "visit": self,
                "say": self.words,
                "t": self.t,
                "notice": notice,
                "csrf": make_token(self.settings, self.cookie),
                **context,
            },
        ).encode()
        headers = SECURITY | {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language, Accept-Encoding"}
        if len(content) > ZIPPED_FROM and "gzip" in self.request.headers.get("accept-encoding", ""):
            content = gzip.compress(content, 5, mtime=0)
            headers |= {"Content-Encoding": "gzip"}
        cookies = [] if notice is None else [self.cookie_of(NOTICE_COOKIE, "", max_age=0)]
        return Response(content, status_code=status, media_type=MediaType.HTML, headers=headers, cookies=cookies)

    def go(self, path: str, notice: Notice | None = None, cookies: list[Cookie] | None = None) -> Response[bytes]:
        """Send the browser on with GET, the notice to be shown there."""
        cookies = list(cookies or [])
        if notice is not None:
            text = notice.text[:NOTICE_LENGTH_MAX]
            cookies.append(self.cookie_of(NOTICE_COOKIE, quote(json.dumps([notice.tone, text])), max_age=60))
        headers = SECURITY | {"Location": path, "Cache-Control": "no-store"}
        return Response(b"", status_code=303, media_type=MediaType.HTML, headers=headers, cookies=cookies)

    def done(self, path: str, text: str) -> Response[bytes]:
        """Go there and say that it worked."""
        return self.go(path, Notice("success", text))

    def cookie_of(self, name: str, value: str, *, max_age: int | None = None) -> Cookie:
        """A cookie of ours, which scripts and other sites' forms never get."""
        return Cookie(
            key=name,
            value=value,
            path=PATH,
            max_age=max_age,
            httponly=True,
            samesite="lax",
            secure=self.is_secure,
        )

    def back(self) -> str:
        """The page of the console that the request came from, by its path, or the first one."""
        return own_path(self.request.headers.get("referer", ""), host=self.request.headers.get("host", ""))

    def _notice(self) -> Notice | None:
        try:
            tone, text = json.loads(unquote(self.request.cookies.get(NOTICE_COOKIE, "")))
        except (ValueError, TypeError):
            return None
        known = tone in ("success", "danger", "warning", "info") and isinstance(text, str)
        return Notice(tone, text) if known else None


def own_path(address: str, *, host: str = "") -> str:
    """The path and query of an address of this console; its first page for any other address."""
    parts = urlsplit(address.replace("\\", "/"))
    is_ours = parts.path == PATH or parts.path.startswith(f"{PATH}/")
    if not is_ours or parts.netloc not in ("", host) or not address.isprintable() or not address.isascii():
        return PATH
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def visit_of(request: Request[Any, Any, Any]) -> Visit:
    """The visit that the guard let in, or a stranger's."""
    found = cast("Mapping[str, Any]", request.scope["state"]).get("visit")
    return found if isinstance(found, Visit) else Visit(request, None, "")


View = NamedDependency[Visit]
"""What handlers write: `async def page(visit: View)`."""
