"""Send hooks as OmniChat does: once, twice, in order or not, and without waiting for what comes of them."""

import asyncio
import json
import time
from typing import Any, Final

import aiohttp

from balcao.partners.omnichat_stand_in.model import HookLine, StandIn, stamp

TIMEOUT_S: Final = 5
"""How long OmniChat waits for an answer (its documentation)."""
ATTEMPTS_MAX: Final = 5
PAUSE_S: Final = 0.3


class Hooks:
    """The way out; hooks under way are finished when it closes."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._session: aiohttp.ClientSession | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the client."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=64))

    async def close(self) -> None:
        """Finish what is under way."""
        await self.drain()
        if self._session is not None:
            await self._session.close()

    @property
    def is_sending(self) -> bool:
        """Whether a hook is under way."""
        return bool(self._sending)

    async def drain(self) -> None:
        """Wait until no hook is under way."""
        while self._sending:
            await asyncio.wait(tuple(self._sending))

    async def send(self, hook: str, object_id: str, body: Any) -> int:
        """Send a hook now and once more where it is not answered with 200; the last answer's status, 0 for none."""
        account = self._stand_in.account
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {account.inbound_secret}", "Content-Type": "application/json"}
        status = 0
        for attempt in range(ATTEMPTS_MAX):
            status = await self._post(f"{account.hook_url}/{hook}", data, headers, hook, object_id)
            if status == 200 or 400 <= status < 500:
                break
            await asyncio.sleep(PAUSE_S * (attempt + 1))
        return status

    def send_aside(self, hook: str, object_id: str, body: Any) -> None:
        """Send a hook, as often and as late as the switches say, and wait for none of it."""
        switches = self._stand_in.switches
        for _ in range(2 if self._stand_in.happens(switches.twice) else 1):
            late = self._stand_in.chance.uniform(0, switches.shuffle_s)
            delay_s = late if self._stand_in.happens(switches.shuffle) else 0
            task = asyncio.create_task(self._later(delay_s, hook, object_id, body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _later(self, delay_s: float, hook: str, object_id: str, body: Any) -> None:
        await asyncio.sleep(delay_s)
        await self.send(hook, object_id, body)

    async def _post(self, url: str, data: bytes, headers: dict[str, str], hook: str, object_id: str) -> int:
        if self._session is None or not self._stand_in.account.hook_url:
            return 0
        began, status = time.perf_counter(), 0
        try:
            async with self._session.post(url, data=data, headers=headers) as answer:
                status = answer.status
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        ms = (time.perf_counter() - began) * 1000
        self._stand_in.note_hook(HookLine(at=stamp(), hook=hook, object_id=object_id, status=status, ms=ms))
        return status
