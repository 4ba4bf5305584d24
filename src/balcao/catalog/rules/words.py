"""Words that products are found by: without accents, in lower case; and which products come first. Pure.

A product's words are those of its name, its codes and its SKUs' names. A word of a query finds a product that has it or
one that begins with it; one that nothing begins with is taken for misspelt and finds what is nearly the same.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import unquote

from balcao.base.values import ProductId

WORD_LENGTH_MAX = 64
WORDS_MAX = 1_000
"""Of one product: the first ones, beginning with its name and codes."""
ASKED_MAX = 8
"""Words of a query that count."""
URL_LENGTH_MAX = 500
LIKE_LENGTH_MIN = 3
"""Shorter words are not compared: everything is nearly the same as they are."""
LIKE_SHARE = 0.8
"""What a word that is only similar counts at most, beside one that is the same."""
SWAPPED = 1.0
"""The likeness of a word that only has two letters swapped."""

_MARKS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_HOST = re.compile(r"^[a-z]+://[^/?#]*|#.*$", re.IGNORECASE | re.DOTALL)

Similar = Mapping[str, Mapping[str, float]]
"""By asked word: words that are nearly the same, each with its likeness from 0 to 1."""


class Hit(NamedTuple):
    """A product that has the words, and all its words."""

    product_id: ProductId
    words: Sequence[str]


def words_of(texts: Iterable[str | None]) -> list[str]:
    """Each word once, in order: `Calça "Coração" 42/44` is `calca coracao 42 44`."""
    text = " ".join(text for text in texts if text)
    if not text.isascii():
        text = _MARKS.sub("", normalize("NFKD", text))
    found = dict.fromkeys(word[:WORD_LENGTH_MAX] for word in _WORD.findall(text.casefold()))
    return list(found)[:WORDS_MAX]


def asked_words(query: str) -> list[str]:
    """The words of a query."""
    return words_of([query])[:ASKED_MAX]


def is_comparable(word: str) -> bool:
    """Whether a misspelt form of it may be recognised: words with a letter, not mere numbers."""
    return len(word) >= LIKE_LENGTH_MIN and not word.isdecimal()


def swapped(word: str) -> list[str]:
    """The word with two neighbours swapped, for each pair: the typo that shares fewest groups of three letters."""
    pairs = ((word[:n], word[n + 1] + word[n], word[n + 2 :]) for n in range(len(word) - 1))
    return [before + pair + after for before, pair, after in pairs if pair[0] != pair[1]]


def tsquery(asked: Sequence[str], similar: Similar) -> str:
    """All of the words, each as the beginning of one, or as one that is similar: PostgreSQL's `tsquery`."""
    return " & ".join(
        "(" + " | ".join([f"'{word}':*", *(f"'{other}'" for other in similar.get(word, ()))]) + ")" for word in asked
    )


def rank(hits: Iterable[Hit], asked: Sequence[str], similar: Similar) -> list[ProductId]:
    """The best first: whose words are the asked ones rather than longer or similar ones, then who has few others."""

    def place(hit: Hit) -> tuple[float, int, ProductId]:
        words = set(hit.words)
        score = sum(_score(word, words, similar.get(word, {})) for word in asked)
        return -score, len(words), hit.product_id

    return [hit.product_id for hit in sorted(hits, key=place)]


def _score(asked: str, words: Collection[str], similar: Mapping[str, float]) -> float:
    if asked in words:
        return 1.0
    begun = max((len(asked) / len(word) for word in words if word.startswith(asked)), default=0.0)
    alike = max((likeness for word, likeness in similar.items() if word in words), default=0.0)
    return max(begun, alike * LIKE_SHARE)


def url_key(url: str | None) -> str | None:
    """An address without host, fragment and closing slash, so that `https://loja.example/vestido/` is `/vestido`."""
    return _HOST.sub("", unquote(url or "").strip()).rstrip("/")[:URL_LENGTH_MAX].replace("\0", "") or None


def url_keys(url: str) -> list[str]:
    """What an asked address may be kept as: with and without its query."""
    return [key for key in dict.fromkeys((url_key(url), url_key(url.partition("?")[0]))) if key]
