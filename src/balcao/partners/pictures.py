"""Products' pictures: fetched once from where the catalogue says they are, kept small, served from here.

Their addresses are the ERP's and lead anywhere, so that pages never load them: a browser would tell those hosts who
looks at what, and wait for them. What is fetched is trusted with nothing: few formats, few bytes, few pixels.
"""

import asyncio
import hashlib
import io
import time
from collections.abc import Callable
from typing import Final

from PIL import Image

from balcao.base.errors import NotFound
from balcao.base.files import Files
from balcao.base.http import Http, Unanswered
from balcao.base.values import Tenant

SIDE: Final = 96
"""Pixels: twice what pages show, for screens with small ones."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
BYTES_MAX: Final = 8 * 1024 * 1024
PIXELS_MAX: Final = 50_000_000
TIMEOUT_S: Final = 5.0
AT_ONCE_MAX: Final = 8
FORGIVEN_AFTER_S: Final = 600.0
"""So long an address that gave no picture is not asked again."""
FAILED_MAX: Final = 10_000


class Pictures:
    """The small pictures of a process, in the store of files; clock: seconds that only grow."""

    def __init__(self, http: Http, files: Files, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._files = files
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE_MAX)
        self._failed: dict[str, float] = {}

    async def small(self, tenant: Tenant, url: str) -> bytes | None:
        """The picture at that address as WebP, at most 96 pixels wide and high; None where there is none to be had.

        Raises Unavailable when the store of files is away.
        """
        path = f"pictures/{tenant}/{hashlib.sha256(url.encode()).hexdigest()[:40]}.webp"
        try:
            return (await self._files.get(path)).content
        except NotFound:
            pass
        if self._failed.get(url, 0.0) > self._clock():
            return None
        made = await self._fetch(url)
        if made is None:
            if len(self._failed) >= FAILED_MAX:
                self._failed.clear()
            self._failed[url] = self._clock() + FORGIVEN_AFTER_S
            return None
        await self._files.put(path, made)
        return made

    async def _fetch(self, url: str) -> bytes | None:
        async with self._free:
            try:
                answer = await self._http.get(url, {"Accept": "image/*"}, timeout_s=TIMEOUT_S, answer_max=BYTES_MAX)
            except Unanswered:
                return None
        if answer.status != 200 or not answer.is_whole:
            return None
        return await asyncio.to_thread(shrink, answer.body)


def shrink(content: bytes) -> bytes | None:
    """The picture as a small WebP; None for what is none, or too large to be looked at."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                return None
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
            small.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            small.save(out, "WEBP", quality=70)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
