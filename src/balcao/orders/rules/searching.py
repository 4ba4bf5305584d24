"""What orders are searched by: their numbers, and who bought. Pure.

Numbers are found as they were given, or in upper or lower case; a buyer by a document, an e-mail address, a phone
number or the beginnings of names, whose accents and case do not matter.
"""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from balcao.base.errors import Invalid
from balcao.base.values import OrderId, strip_document
from balcao.catalog.rules.words import asked_words, words_of

QUERY_LENGTH_MAX: Final = 200
FOUND_MAX: Final = 200
"""So many of the newest orders are looked at when a search finds more."""
NAME_WORDS_MAX: Final = 10
BEGINNING_MIN: Final = 2
"""Letters: shorter beginnings of names are passed over beside longer ones, and alone find nothing."""
PARTICLES: Final = frozenset({"da", "das", "de", "do", "dos", "e"})
"""Between names: everybody has them, nobody is looked for by them."""
_DIGITS: Final = re.compile(r"\d+")
_ACCESS_KEY: Final = re.compile(r"[0-9A-Z]{44}")
_BRAZIL: Final = "55"


class TermKind(IntEnum):
    """What a term is, so that the beginning of a name is not taken for that of an e-mail address."""

    NAME = 1
    DOCUMENT = 2
    EMAIL = 3
    PHONE = 4
    TRACKING = 5


class Term(NamedTuple):
    """One thing that finds an order; name: of a name's word, the whole name as ` maria da silva`, else empty."""

    kind: TermKind
    term: str
    name: str = ""


class Traits(NamedTuple):
    """What an order is found by, as it holds it."""

    order_id: OrderId
    names: tuple[str | None, ...]
    documents: tuple[str | None, ...]
    email: str | None
    phone: str | None
    tracking: str | None


class Sought(NamedTuple):
    """What a query may mean. numbers: an order's or the seller's; words: beginnings of names, all of them wanted."""

    numbers: tuple[str, ...]
    access_key: str
    terms: tuple[Term, ...]
    words: tuple[str, ...]


def terms_of(traits: Traits) -> list[Term]:
    """Everything that finds this order beside its numbers, each once."""
    words = words_of(traits.names)[:NAME_WORDS_MAX]
    name = "".join(f" {word}" for word in words)
    found = [Term(TermKind.NAME, word, name) for word in words if word not in PARTICLES]
    found += [Term(TermKind.DOCUMENT, document) for document in _some(map(_document, traits.documents))]
    found += [Term(TermKind.EMAIL, email) for email in _some([_plain(traits.email)])]
    found += [Term(TermKind.PHONE, phone) for phone in _some([_phone(traits.phone)])]
    found += [Term(TermKind.TRACKING, code) for code in _some([_plain(traits.tracking)])]
    return list(dict.fromkeys(found))


def understand(query: str) -> Sought | None:
    """What the query may mean; None when it is blank. Raises Invalid when it is too long."""
    text = query.strip()
    if len(text) > QUERY_LENGTH_MAX:
        raise Invalid(errors={"query": [f"must have at most {QUERY_LENGTH_MAX} characters"]})
    if not text:
        return None
    key = _document(text)
    terms = [
        Term(TermKind.DOCUMENT, key),
        Term(TermKind.EMAIL, _plain(text)),
        Term(TermKind.PHONE, _phone(text)),
        Term(TermKind.TRACKING, _plain(text)),
    ]
    words = [word for word in asked_words(text) if len(word) >= BEGINNING_MIN]
    words = [word for word in words if word not in PARTICLES] or words
    return Sought(
        numbers=tuple(dict.fromkeys((text, text.upper(), text.lower()))),
        access_key=key if _ACCESS_KEY.fullmatch(key) else "",
        terms=tuple(term for term in terms if term.term),
        words=() if "@" in text else tuple(_longest(words)),
    )


def _longest(words: Iterable[str]) -> Iterator[str]:
    """Without those that another one begins with: who is called Mariana is called Mari."""
    words = sorted(words)
    for word, after in zip(words, [*words[1:], ""], strict=False):
        if not after.startswith(word):
            yield word


def _some(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if text)


def _document(text: str | None) -> str:
    return strip_document(text or "")


def _plain(text: str | None) -> str:
    return (text or "").strip().casefold()


def _phone(text: str | None) -> str:
    """The digits with the area code, without the country's: `+55 (41) 99999-9999` is `41999999999`."""
    digits = "".join(_DIGITS.findall(text or "")).lstrip("0")
    return digits.removeprefix(_BRAZIL) if len(digits) in (12, 13) else digits
