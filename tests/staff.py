"""People at the console, without a browser: they log in, read pages, and send the forms that stand on them."""

import re
from html import unescape
from typing import Any

import httpx

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.users.create import CreateUser, create_user
from balcao.users.rules import User, UserRole

PASSWORD = "senha-de-teste"
SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
"""What an attacker would send as a name."""
BARE = ("<script>alert", "<img src=x")
"""What must not stand in a page then."""
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


async def add_user(
    db: Database, tenant: str, email: str = "ana@loja.example", role: UserRole = UserRole.ADMIN, sellers: Any = ()
) -> User:
    """A user whose password is `PASSWORD`."""
    cmd = CreateUser(tenant=tenant, email=email, role=role, sellers=sellers, password=PASSWORD, actor="test")
    async with db.transaction() as tx:
        return await create_user(tx, cmd, now_us())


def token_of(page: str) -> str:
    """The token of a page's forms."""
    found = _TOKEN.search(page)
    assert found is not None, page
    return found[1]


def text_of(page: str) -> str:
    """What people read of a page."""
    return " ".join(unescape(_TAGS.sub(" ", page)).split())


class Staff:
    """Somebody with a browser's habits: keeps cookies, follows redirects, sends Origin and Referer."""

    def __init__(self, url: str, verify: Any = True, **headers: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, timeout=30, verify=verify, headers=headers)

    async def __aenter__(self) -> "Staff":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """A page, or where it leads."""
        return await self.http.get(path, **({"follow_redirects": True} | more))

    async def post(self, path: str, on: str = "/console", **fields: Any) -> httpx.Response:
        """Send a form as it stands on the page `on`, and follow where that leads; files as `(name, bytes)`."""
        token = token_of((await self.get(on)).text)
        files = {name: value for name, value in fields.items() if isinstance(value, tuple)}
        data = {name: value for name, value in fields.items() if name not in files} | {"csrf": token}
        headers = {"Origin": self.url, "Referer": f"{self.url}{on}"}
        return await self.http.post(path, data=data, files=files or None, headers=headers, follow_redirects=True)

    async def log_in(self, email: str = "ana@loja.example", password: str = PASSWORD, **more: str) -> httpx.Response:
        """Through the form."""
        return await self.post("/console/login", on="/console/login", email=email, password=password, **more)
