"""Products' pictures as pages show them: small, from here, and letters where there is none."""

import zlib
from collections.abc import Sequence
from html import escape
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.catalog.find import find_picture
from balcao.doors.console.headers import SECURITY, STAFF
from balcao.doors.console.visit import View

KEPT_S: Final = 24 * 3600
LETTERS_KEPT_S: Final = 600
"""A picture that is not there now may be there soon."""
TONES: Final = ("#0f766e", "#1d4ed8", "#7c2d92", "#9a3412", "#3f6212", "#9f1239", "#155e75", "#5b4636")
"""All of them dark enough for white letters."""


@get("/pictures/{thing_id:uuid}", opt=STAFF, media_type="image/webp")
async def get_picture(visit: View, thing_id: FromPath[UUID]) -> Response[bytes]:
    """The picture of a product or a SKU; two letters of its name where it has none that can be fetched."""
    async with visit.db.read() as tx:
        name, url = await find_picture(tx, visit.tenant, thing_id)
    found = await visit.house.pictures.small(visit.tenant, url) if url else None
    content = letters(name) if found is None else found
    kept_s = LETTERS_KEPT_S if found is None else KEPT_S
    headers = SECURITY | {"Cache-Control": f"private, max-age={kept_s}"}
    return Response(content, media_type="image/svg+xml" if found is None else "image/webp", headers=headers)


def letters(name: str) -> bytes:
    """A picture of the name's first letters; the same name has the same colour."""
    words = [word for word in name.split() if word[:1].isalnum()] or ["?"]
    text = escape("".join(word[0] for word in words[:2]).upper())
    tone = TONES[zlib.crc32(name.encode("utf-8", "replace")) % len(TONES)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" '
        f'fill="{tone}"/><text x="24" y="31" text-anchor="middle" font-family="sans-serif" font-size="19" '
        f'font-weight="600" fill="#fff">{text}</text></svg>'
    ).encode("utf-8", "replace")


routes: Sequence[HTTPRouteHandler] = (get_picture,)
