"""Calls to the world outside: nothing that hangs, nothing without end, no address that only we can reach.

A name is resolved once for a connection, its addresses are checked, and the connection goes to one of those checked: no
second look-up could say something else. Redirects are answers like any other, never followed.
"""

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from types import TracebackType
from typing import Final, NamedTuple

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from balcao.base.addresses import is_address, refuse_address, refuse_url

CONNECT_TIMEOUT_S: Final = 5
KEEP_ALIVE_S: Final = 30
LOOKUPS_MAX: Final = 32
"""Names looked up at once: one that its server does not answer holds up no other."""
HEADER_MAX: Final = 8 * 1024


class Answer(NamedTuple):
    """What came back: the status, headers by lower-case name, and the first bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool


class Unanswered(Exception):
    """No answer: the address is refused, nobody is there, or it took too long. The text may be shown to the caller."""


class Http:
    """A client for calls outside, with connections that are kept alive: one a process.

    allow_private: whether calls may go to private and loopback addresses.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Http":
        self._resolver = _CheckedResolver(allow_private=self._allow_private)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            limit=0,  # each caller limits its own: a common limit would let one slow address delay the others
            keepalive_timeout=KEEP_ALIVE_S,
            ttl_dns_cache=10,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a small answer could unpack to gigabytes
            max_line_size=HEADER_MAX,
            max_field_size=HEADER_MAX,
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            await self._resolver.close()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, answer_max: int
    ) -> Answer:
        """Send the body and read at most `answer_max` bytes of what is answered, all within `timeout_s` seconds.

        Raises Unanswered, whose text says why.
        """
        return await self._ask(_Asked("POST", url, body, headers), timeout_s, answer_max)

    async def get(self, url: str, headers: Mapping[str, str], *, timeout_s: float, answer_max: int) -> Answer:
        """What the address answers, as `post` reads it. Raises Unanswered, whose text says why."""
        return await self._ask(_Asked("GET", url, None, headers), timeout_s, answer_max)

    async def _ask(self, asked: "_Asked", timeout_s: float, answer_max: int) -> Answer:
        if self._session is None:
            raise RuntimeError("the client is not open")
        checked = _checked(asked.url, allow_private=self._allow_private)
        if isinstance(checked, str):
            raise Unanswered(f"the address is refused: {checked}")
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(CONNECT_TIMEOUT_S, timeout_s))
        try:
            async with self._session.request(
                asked.method, checked, data=asked.body, headers=asked.headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await _read(response, answer_max)
        except TimeoutError as error:
            raise Unanswered(f"no answer within {timeout_s:g} seconds") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(_reason(error)) from error


class _Asked(NamedTuple):
    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]


@lru_cache(maxsize=4096)
def _checked(url: str, *, allow_private: bool) -> URL | str:
    """The address to be called, as it is spelled, or why it is refused. Kept: some microseconds of every call."""
    return refuse_url(url, allow_private=allow_private) or URL(url, encoded=True)


async def _read(response: aiohttp.ClientResponse, answer_max: int) -> Answer:
    body = bytearray()
    while len(body) <= answer_max and (chunk := await response.content.read(answer_max + 1 - len(body))):
        body += chunk
    is_whole = len(body) <= answer_max
    if not is_whole:
        response.close()  # whatever else comes is not waited for, at the price of the connection
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, bytes(body[:answer_max]), is_whole)


def _reason(error: Exception) -> str:
    inner: object = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(inner, _AddressRefusedError):
        return f"the address is refused: {inner}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return f"no secure connection: {str(error)[:300]}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error.strerror or type(inner).__name__}"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return "the connection was closed before an answer came"
    return f"no proper answer: {type(error).__name__}: {str(error)[:300]}"


class _AddressRefusedError(OSError):
    """Every address of the name is one that no call may go to."""


class _CheckedResolver(AbstractResolver):
    """Looks names up in threads of its own, and gives only addresses that a call may go to."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._threads = ThreadPoolExecutor(LOOKUPS_MAX, thread_name_prefix="lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The name's addresses; raises OSError when there are none, or none that may be called."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        refusals = {address: refuse_address(address, allow_private=self._allow_private) for address, _ in found}
        good = [(address, kind) for address, kind in found if refusals[address] is None]
        if not good:
            raise _AddressRefusedError(next((reason for reason in refusals.values() if reason), "it has no address"))
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, kind in good
        ]

    async def close(self) -> None:
        """Wait for no look-up under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: int) -> list[tuple[str, int]]:
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    return [
        (str(address[0]), kind) for kind, _, _, _, address in found if is_address(str(address[0]).partition("%")[0])
    ]
