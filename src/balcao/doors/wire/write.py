"""Write answers: structs and lists to JSON in one pass, decimals as exact numbers."""

from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.serialization import default_serializer
from litestar.types import Serializer

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder(enc_hook=default_serializer, decimal_format="number")
_AS_THEY_ARE = (str, bytes)


def to_json(document: Any) -> bytes:
    """The document as JSON: names in the structs' documented casing, a `Decimal` as the number it is, to the digit."""
    return _ENCODER.encode(document)


class WireResponse(Response[T]):
    """What handlers answer with, by returning a document or `WireResponse(document, status_code=…, headers=…)`."""

    def render(self, content: Any, media_type: str, enc_hook: Serializer = default_serializer) -> bytes:
        """JSON by `to_json`; text, bytes and everything else as Litestar does."""
        if media_type.endswith("json") and not isinstance(content, _AS_THEY_ARE):
            return to_json(content)
        return super().render(content, media_type, enc_hook)
