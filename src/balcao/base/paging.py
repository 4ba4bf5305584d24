"""Pages of lists: what was asked, what comes back, and the cursor between two pages. Pure.

A page is asked by number or by the cursor of the page before. A number costs the rows that it skips; a cursor continues
where the last page ended, at constant cost, and neither repeats nor skips a row that stayed where it was. The count is
exact up to `COUNT_MAX` and capped there, and a cursor carries it along, so that it is paid once.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import blake2s
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from balcao.base.errors import Invalid

T = TypeVar("T")
U = TypeVar("U")

PER_PAGE_DEFAULT = 20
PER_PAGE_MAX = 200
COUNT_MAX = 10_000
PAGE_MAX = 1_000_000_000
_DIGEST_SIZE = 6
_CURSOR_LENGTH_MAX = 2_000


class Sort(NamedTuple):
    """One way to sort a list: the field's name on the wire, its SQL (never null), and what its values are."""

    field: str
    column: str
    kind: type[int] | type[str] = int


class Position(NamedTuple):
    """Where a row stands in its list: its value of the sort field, then its id, which settles ties."""

    value: int | str
    id: UUID


class Count(NamedTuple):
    """How many rows there are; `capped` when there are more than that."""

    rows: int
    capped: bool


class PageAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One page, as asked: by number, or (`after`, `count`) by cursor."""

    sort: Sort
    ascending: bool = True
    page: int = 1
    per_page: int = PER_PAGE_DEFAULT
    scope: str = ""
    after: Position | None = None
    count: Count | None = None

    @property
    def offset(self) -> int:
        """Rows to skip: none where a cursor says where to start."""
        return 0 if self.after else (self.page - 1) * self.per_page


def continues(ask: PageAsk) -> bool:
    """Whether the page goes on upwards from a cursor: what came before the list need not be excluded again.

    Two lower bounds on one column make PostgreSQL begin at the first of them and read its way to the other.
    """
    return ask.after is not None and ask.ascending


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of rows; `next` is the cursor of the one after it, None at the end."""

    rows: Sequence[T]
    ask: PageAsk
    count: Count
    next: str | None

    @property
    def max_page(self) -> int:
        """The last page's number, as far as rows were counted."""
        return -(-self.count.rows // self.ask.per_page)

    def map(self, convert: Callable[[T], U]) -> "Page[U]":
        """The same page with its rows converted."""
        return self.replace_rows([convert(row) for row in self.rows])

    def replace_rows(self, rows: Sequence[U]) -> "Page[U]":
        """The same page with other rows in the place of its own."""
        return Page(rows=rows, ask=self.ask, count=self.count, next=self.next)


class PageParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The paging parameters of a request, None where it leaves them out."""

    page: int | None = None
    per_page: int | None = None
    sort_field: str | None = None
    sort_ascending: bool | None = None
    cursor: str | None = None


def ask_page(
    sent: PageParameters, sorts: Sequence[Sort], *, ascending: bool = True, scope: Sequence[object] = ()
) -> PageAsk:
    """What a request asks for. `sorts`: the list's own, its default first; `scope`: the list's name and its filters.

    More than 200 a page are answered as 200 (the envelope says so). Raises Invalid for a page below 1, an unknown sort
    field, and a cursor that is damaged or comes from another list, other filters or another sort.
    """
    errors: dict[str, list[str]] = {}
    if sent.page is not None and not 1 <= sent.page <= PAGE_MAX:
        errors["page"] = ["must be 1 or more"]
    if sent.per_page is not None and sent.per_page < 1:
        errors["perPage"] = ["must be 1 or more"]
    sort = _find_sort(sent.sort_field, sorts)
    if sort is None:
        errors["sortField"] = [f"must be one of {', '.join(each.field for each in sorts)}"]
    if sort is None or errors:
        raise Invalid(errors=errors)
    ask = PageAsk(
        sort=sort,
        ascending=ascending if sent.sort_ascending is None else sent.sort_ascending,
        page=sent.page or 1,
        per_page=min(sent.per_page or PER_PAGE_DEFAULT, PER_PAGE_MAX),
        scope=_fingerprint(scope),
    )
    return _continue(ask, sent, sorts) if sent.cursor else ask


def _find_sort(field: str | None, sorts: Sequence[Sort]) -> Sort | None:
    if not field:
        return sorts[0]
    return next((sort for sort in sorts if sort.field.lower() == field.lower()), None)


def _fingerprint(scope: Sequence[object]) -> str:
    return blake2s("\0".join(map(str, scope)).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a cursor says; array-like, so that it stays short."""

    scope: str
    sort_field: str
    ascending: bool
    page: int
    count: int
    capped: bool
    value: int | str
    id: UUID


_decoder = msgspec.json.Decoder(_Cursor)


def _continue(ask: PageAsk, sent: PageParameters, sorts: Sequence[Sort]) -> PageAsk:
    cursor = _read_cursor(sent.cursor or "")
    sort = next((sort for sort in sorts if sort.field == cursor.sort_field), None)
    same_sort = not sent.sort_field or sort == ask.sort
    same_way = sent.sort_ascending in (None, cursor.ascending)
    if sort is None or cursor.scope != ask.scope or not (same_sort and same_way):
        raise _bad_cursor("belongs to another list: send it with the filters and the sort it was given for")
    if not isinstance(cursor.value, sort.kind) or not 2 <= cursor.page <= PAGE_MAX or cursor.count < 0:
        raise _bad_cursor("is not one of ours")
    return msgspec.structs.replace(
        ask,
        sort=sort,
        ascending=cursor.ascending,
        page=cursor.page,
        after=Position(cursor.value, cursor.id),
        count=Count(cursor.count, cursor.capped),
    )


def _read_cursor(text: str) -> _Cursor:
    """The digest shows damage, not forgery: a forged cursor only ever names a place in a list one may read anyway."""
    if len(text) > _CURSOR_LENGTH_MAX or not text.isascii():
        raise _bad_cursor("is not one of ours")
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        digest, content = raw[:_DIGEST_SIZE], raw[_DIGEST_SIZE:]
        if digest != blake2s(content, digest_size=_DIGEST_SIZE).digest():
            raise _bad_cursor("is damaged")
        return _decoder.decode(content)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _bad_cursor("is not one of ours") from error


def _bad_cursor(why: str) -> Invalid:
    return Invalid(f"The cursor {why}.", errors={"cursor": [why]}, code="invalid_cursor")


def next_cursor(ask: PageAsk, count: Count, last: Position) -> str:
    """The cursor of the page after the one that was asked for and ended with `last`."""
    content = msgspec.json.encode(
        _Cursor(ask.scope, ask.sort.field, ask.ascending, ask.page + 1, count.rows, count.capped, last.value, last.id)
    )
    digest = blake2s(content, digest_size=_DIGEST_SIZE).digest()
    return urlsafe_b64encode(digest + content).decode().rstrip("=")
