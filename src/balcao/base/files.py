"""The store of files (NF-e, DANFE, labels): a local folder or an S3-compatible bucket, by URL."""

import re
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from balcao.base.errors import Invalid, NotFound, Unavailable

_SAFE_PATH: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
PATH_LENGTH_MAX: Final = 512


class File(NamedTuple):
    """A stored file; the content type is what the path's ending says."""

    content: bytes
    content_type: str


CONTENT_TYPES: Final = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".zpl": "application/zpl",
    ".csv": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Files:
    """Files by path; a path is made of letters, digits, `.`, `_`, `-` and `/`, and no part begins with a dot."""

    def __init__(self, url: str) -> None:
        """`file:///folder` (made when missing) or `s3://bucket/prefix` with the usual `AWS_*` variables.

        Raises Invalid when the folder cannot be made or the URL is of another kind.
        """
        self._store = _open(url)

    async def put(self, path: str, content: bytes) -> None:
        """Store the content under the path, in one step: a reader sees the former file or this one, never half.

        Raises Unavailable when the store is away, ValueError for a path that is not safe.
        """
        try:
            await obstore.put_async(self._store, _safe(path), content)
        except (BaseError, OSError) as error:
            raise Unavailable("The file store is not available; try again.", retry_after_s=5) from error

    async def get(self, path: str) -> File:
        """The file under the path; raises NotFound, also for a path that is not safe, and Unavailable."""
        if not is_safe(path):
            raise NotFound("There is no such file.")
        try:
            result = await obstore.get_async(self._store, path)
            content = await result.bytes_async()
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound("There is no such file.") from error
        except (BaseError, OSError) as error:
            raise Unavailable("The file store is not available; try again.", retry_after_s=5) from error
        return File(bytes(content), content_type_of(path))

    async def delete(self, path: str) -> None:
        """Remove the file under the path, if there is one; raises Unavailable."""
        try:
            await obstore.delete_async(self._store, _safe(path))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable("The file store is not available; try again.", retry_after_s=5) from error

    async def exists(self, path: str) -> bool:
        """Whether there is a file under the path; raises Unavailable."""
        try:
            await obstore.head_async(self._store, _safe(path))
        except (NotFoundError, FileNotFoundError):
            return False
        except (BaseError, OSError) as error:
            raise Unavailable("The file store is not available; try again.", retry_after_s=5) from error
        return True


def is_safe(path: str) -> bool:
    """Whether the path can only name a file inside the store."""
    return len(path) <= PATH_LENGTH_MAX and _SAFE_PATH.fullmatch(path) is not None


def content_type_of(path: str) -> str:
    """The media type that the path's ending says; `application/octet-stream` when it says none."""
    return CONTENT_TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")


def _safe(path: str) -> str:
    if not is_safe(path):
        raise ValueError(f"not a path of the file store: {path!r}")
    return path


def _open(url: str) -> LocalStore | S3Store:
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            return LocalStore(prefix=Path(unquote(parts.path)), mkdir=True)
        if parts.scheme == "s3":
            return S3Store(parts.netloc, prefix=parts.path.strip("/") or None)
    except (BaseError, OSError, ValueError) as error:
        raise Invalid(
            f"The file store {url} cannot be used ({error}); correct BALCAO_FILES_URL.",
            errors={"BALCAO_FILES_URL": ["cannot be used"]},
        ) from error
    raise Invalid(f"The file store {url} is neither a folder nor s3://.", errors={"BALCAO_FILES_URL": [url]})
