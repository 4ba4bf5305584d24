"""Pages: what may be asked, and cursors that survive nothing but themselves."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2s
from uuid import UUID

import pytest

from balcao.base.errors import Invalid
from balcao.base.paging import (
    Count,
    Page,
    PageAsk,
    PageParameters,
    Position,
    Sort,
    ask_page,
    next_cursor,
)

UPDATED = Sort("lastUpdate", "k.last_update_us")
NAME = Sort("name", "k.name", str)
SORTS = (UPDATED, NAME)
SCOPE = ("stocks", "sellerId", None)
ROW = UUID("01890000-0000-7000-8000-000000000001")


def asked(*, scope: tuple[object, ...] = SCOPE, **sent: object) -> PageAsk:
    return ask_page(PageParameters(**sent), SORTS, scope=scope)  # type: ignore[arg-type]


def cursor_of(ask: PageAsk, value: int | str = 1_700_000_000_000_001) -> str:
    return next_cursor(ask, Count(41, False), Position(value, ROW))


def resealed(content: bytes) -> str:
    return urlsafe_b64encode(blake2s(content, digest_size=6).digest() + content).decode().rstrip("=")


def test_nothing_said_is_the_first_twenty_by_the_first_sort() -> None:
    ask = asked()
    assert (ask.page, ask.per_page, ask.sort, ask.ascending, ask.offset) == (1, 20, UPDATED, True, 0)
    assert (ask.after, ask.count) == (None, None)


def test_page_and_sort_as_sent() -> None:
    ask = asked(page=3, per_page=50, sort_field="NAME", sort_ascending=False)
    assert (ask.page, ask.per_page, ask.sort, ask.ascending, ask.offset) == (3, 50, NAME, False, 100)


def test_more_than_two_hundred_a_page_are_two_hundred() -> None:
    assert asked(per_page=1000).per_page == 200


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"page": 0}, {"page": ["must be 1 or more"]}),
        ({"page": 1_000_000_001}, {"page": ["must be 1 or more"]}),
        ({"per_page": 0}, {"perPage": ["must be 1 or more"]}),
        ({"sort_field": "price"}, {"sortField": ["must be one of lastUpdate, name"]}),
        ({"page": -1, "per_page": -1}, {"page": ["must be 1 or more"], "perPage": ["must be 1 or more"]}),
    ],
)
def test_refused(sent: dict[str, object], errors: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(**sent)  # type: ignore[arg-type]
    assert refusal.value.errors == errors


def test_a_cursor_continues_with_its_own_sort_page_and_count() -> None:
    cursor = cursor_of(asked(page=2, per_page=20, sort_field="name", sort_ascending=False), "Camisa")
    ask = asked(cursor=cursor, per_page=10)
    assert (ask.page, ask.per_page, ask.sort, ask.ascending, ask.offset) == (3, 10, NAME, False, 0)
    assert (ask.after, ask.count) == (Position("Camisa", ROW), Count(41, False))


def test_a_cursor_may_come_with_its_own_sort_named_again() -> None:
    cursor = cursor_of(asked(sort_ascending=False))
    assert asked(cursor=cursor, sort_field="lastupdate", sort_ascending=False).page == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"scope": ("stocks", "sellerId", ROW)},
        {"scope": ("prices", "sellerId", None)},
        {"sort_field": "name"},
        {"sort_ascending": False},
    ],
)
def test_a_cursor_of_another_list_is_refused(sent: dict[str, object]) -> None:
    cursor = cursor_of(asked())
    with pytest.raises(Invalid) as refusal:
        asked(cursor=cursor, **sent)  # type: ignore[arg-type]
    assert refusal.value.code == "invalid_cursor"
    assert list(refusal.value.errors) == ["cursor"]


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_cursor_with_one_character_changed_is_refused(place: int) -> None:
    cursor = cursor_of(asked())
    changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
    with pytest.raises(Invalid, match="cursor"):
        asked(cursor=changed)


@pytest.mark.parametrize("text", ["x", "é", "=", "%00", "a" * 3000, "AAAA", "//\x00"])
def test_no_cursor_at_all_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"is not one of ours|is damaged"):
        asked(cursor=text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b",2,41,", b",1,41,"),  # a page that no cursor leads to
        (b",2,41,", b",2,-1,"),  # fewer rows than none
        (b"1700000000000001", b'"1700000000000001"'),  # a text where the sort has numbers
        (b"1700000000000001", b"1.5"),
        (str(ROW).encode(), b"no-id"),
        (b'"lastUpdate"', b'"price"'),
        (b"]", b",1]"),
    ],
)
def test_a_forged_cursor_is_refused(old: bytes, new: bytes) -> None:
    cursor = cursor_of(asked())
    content = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[6:]
    assert old in content
    assert asked(cursor=resealed(content)).page == 2
    with pytest.raises(Invalid) as refusal:
        asked(cursor=resealed(content.replace(old, new)))
    assert refusal.value.code == "invalid_cursor"


@pytest.mark.parametrize(("rows", "pages"), [(0, 0), (1, 1), (20, 1), (21, 2)])
def test_the_last_page(rows: int, pages: int) -> None:
    assert Page(rows=[], ask=asked(), count=Count(rows, False), next=None).max_page == pages


def test_rows_are_converted_in_place() -> None:
    page = Page(rows=[1, 2], ask=asked(), count=Count(2, False), next=None)
    assert page.map(str).rows == ["1", "2"]
    assert page.map(str).count == page.count
