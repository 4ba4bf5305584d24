"""The console's style sheets, scripts and pictures: our own, and those that set-up fetches into `static/vendor`.

Their addresses hold a hash of their content, so that a browser keeps them for a year and never shows an old one.
"""

import gzip
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import NotFound
from balcao.doors.console.headers import OPEN, SECURITY

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class Asset(NamedTuple):
    """A file as it is served."""

    content: bytes
    zipped: bytes
    media_type: str
    digest: str


def asset_url(name: str) -> str:
    """The address of a file, by its path below `static`; one that set-up has not fetched answers 404 there."""
    found = _assets().get(name)
    return f"/console/static/{found.digest if found else 'missing'}/{name}"


@get("/static/{digest:str}/{name:path}", opt=OPEN, media_type="application/octet-stream", sync_to_thread=False)
def get_asset(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[Path]) -> Response[bytes]:
    """A style sheet, a script or a picture."""
    found = _assets().get(str(name).lstrip("/"))
    if found is None:
        raise NotFound("There is no such file.")
    forever = "public, max-age=31536000, immutable" if digest == found.digest else "no-cache"
    headers = SECURITY | {"Cache-Control": forever, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.content, media_type=found.media_type, headers=headers)
    return Response(found.zipped, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})


@cache
def _assets() -> dict[str, Asset]:
    paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {str(path.relative_to(FOLDER)): _load(path) for path in paths}


def _load(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, gzip.compress(content, 9, mtime=0), TYPES[path.suffix], digest)


routes: Sequence[HTTPRouteHandler] = (get_asset,)
