"""Numbers and addresses of pages that go on."""

from collections.abc import Callable
from urllib.parse import urlencode

from balcao.doors.console.visit import Visit

DIGITS_MAX = 9


def number_of(text: str | None, *, default: int = 1) -> int:
    """A whole number from 1 of the address; whatever is none is the default."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > DIGITS_MAX:
        return default
    return max(int(text), 1)


def address_of(visit: Visit, path: str) -> Callable[..., str]:
    """`address(page=2)`: the visit's own address with these parameters instead of its own; None takes one out."""

    def address(**changed: object) -> str:
        asked: dict[str, object] = {name: value for name, value in visit.query.items() if name != "page"}
        told = {name: value for name, value in (asked | changed).items() if value not in (None, "")}
        return f"{path}?{urlencode(told)}" if told else path

    return address
