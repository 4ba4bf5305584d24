"""What the forms of the integrations' pages send."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, TypeVar

from litestar import Response

from balcao.base.errors import Invalid
from balcao.doors.console.visit import Visit

HERE: Final = "/console/integrations"
E = TypeVar("E", bound=StrEnum)


async def choice(visit: Visit, name: str, kind: type[E]) -> E:
    """The value of a choice. Raises Invalid for one that the form does not offer."""
    sent = await visit.field(name)
    if sent not in tuple(kind):
        raise Invalid(errors={name: [f"must be one of {', '.join(kind)}"]})
    return kind(sent)


async def checked(visit: Visit, name: str) -> bool:
    """Whether a box was ticked."""
    return await visit.field(name) == "1"


async def words_of(visit: Visit, name: str) -> tuple[str, ...]:
    """What stands in a field between commas, blanks and line ends."""
    text = await visit.field(name, length_max=20_000)
    return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


async def lines_of(visit: Visit, name: str) -> tuple[str, ...]:
    """What stands in a field line by line, or between commas."""
    text = await visit.field(name, length_max=20_000)
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


async def whole(visit: Visit, name: str, *, default: int | None = None) -> int | None:
    """A whole number from 0; the default when nothing was sent. Raises Invalid for what is no number."""
    text = await visit.field(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Invalid(errors={name: ["must be a whole number"]})
    return int(text)


def show_secret(visit: Visit, *, back: str, title: str, facts: Iterable[tuple[str, str]]) -> Response[bytes]:
    """The one page on which secrets are readable: the answer to the form that made them."""
    return visit.page("integrations/secret.html", here=HERE, back=back, title=title, facts=list(facts))
