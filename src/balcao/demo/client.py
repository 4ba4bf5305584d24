"""One party's HTTP client: asks with its own token, reads numbers exactly, and says what was not as expected."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

import aiohttp
import msgspec
from yarl import URL

from balcao.demo.answers import Pair, Problem, Token
from balcao.demo.failure import StepFailed

T = TypeVar("T")

COMMERCE: Final = "/cp/management/commerce"
CATALOG: Final = "/cp/management/catalog"
ORDERS: Final = f"{COMMERCE}/orders"
TIMEOUT_S: Final = 60
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DETAIL_MAX = 400

_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer(NamedTuple):
    """What came back to `party` for `request` (method and path)."""

    party: str
    request: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    def into(self, kind: type[T]) -> T:
        """The body as that; raises StepFailed when it is something else."""
        try:
            return msgspec.json.decode(self.content, type=kind)
        except msgspec.MsgspecError as error:
            raise StepFailed(f"{self.request} answered what {self.party} cannot read: {error}") from error

    @property
    def reason(self) -> str:
        """Why it was refused, in the API's own words; the body as it is where it has none."""
        words = ""
        with suppress(msgspec.MsgspecError):
            words = msgspec.json.decode(self.content, type=Problem).words
        return (words or self.content.decode("utf-8", "replace"))[:_DETAIL_MAX]


class Client:
    """Calls of one party, named `party` in what is told."""

    def __init__(self, session: aiohttp.ClientSession, url: str, party: str) -> None:
        self.party = party
        self.url = url
        self._session = session
        self._headers: dict[str, str] = {}

    async def sign_in(self, pair: Pair) -> None:
        """Take a token for the pair; it lives longer than the demo plays."""
        asked = {"clientId": pair.client_id, "clientSecret": pair.client_secret, "scope": "lori"}
        answer = await self.call("POST", "/auth/token/anonymous", body=asked)
        self._headers = {"Authorization": f"Bearer {answer.into(Token).access_token}"}

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        expect: Collection[int] = (200,),
    ) -> Answer:
        """Send the body as JSON (bytes as they are, nothing for None); raises StepFailed for any other status.

        `path` may be a whole address that the server gave.
        """
        url = path if path.startswith("http") else f"{self.url}{path}"
        answer = await self._send(method, url, body, query)
        if answer.status not in expect:
            wanted = " or ".join(map(str, expect))
            message = f"{self.party}: {answer.request} answered {answer.status}, not {wanted}: {answer.reason}"
            raise StepFailed(message)
        return answer

    async def _send(self, method: str, url: str, body: Any, query: Mapping[str, str] | None) -> Answer:
        headers, data = dict(self._headers), None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else _encoder.encode(body)
        target = URL(url, encoded=True)
        target = target.update_query(query) if query else target
        request = f"{method} {short(target)}"
        try:
            async with self._session.request(method, target, data=data, headers=headers) as response:
                content = await response.read()
                return Answer(self.party, request, response.status, response.headers, content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StepFailed(f"{self.party}: {request} was not answered ({error or 'timeout'}).") from error


def short(url: URL) -> str:
    """The path as it is told: without what all paths begin with, and `{id}` for an order's id."""
    path = _ID.sub("{id}", url.path_qs if url.path.startswith("/cp/") else url.path)
    return path.replace(COMMERCE, "…").replace(CATALOG, "…")
