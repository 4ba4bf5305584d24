"""Words to search by, and which products come first."""

from uuid import UUID

import pytest

from balcao.base.values import ProductId
from balcao.catalog.rules.words import (
    Hit,
    asked_words,
    is_comparable,
    rank,
    swapped,
    tsquery,
    url_key,
    url_keys,
    words_of,
)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["Calça “Coração” 42/44"], ["calca", "coracao", "42", "44"]),
        (["VESTIDO midi", None, "", "vestido Midi"], ["vestido", "midi"]),
        (["CAM-01_M"], ["cam", "01", "m"]),
        (["decomposed: ac\u0327a\u0303o"], ["decomposed", "acao"]),
        (["Nº 5 ½ ²"], ["no", "5", "1", "2"]),
        (["Straße Ñandú İ"], ["strasse", "nandu", "i"]),
        (["日本 кофе"], ["日本", "кофе"]),
        (["'x':* & !(y)\\"], ["x", "y"]),
        (["--- \u0301 '"], []),
        (["a" * 70], ["a" * 64]),
    ],
)
def test_words(texts: list[str | None], words: list[str]) -> None:
    assert words_of(texts) == words


def test_so_many_words_count() -> None:
    assert len(words_of([" ".join(map(str, range(2000)))])) == 1000
    assert asked_words("a b c d e f g h i j") == list("abcdefgh")


def test_what_is_compared() -> None:
    assert [word for word in ("tv", "saia", "123", "7890000000001", "a1b") if is_comparable(word)] == ["saia", "a1b"]


def test_swapped_letters() -> None:
    assert swapped("saia") == ["asia", "siaa", "saai"]
    assert swapped("oo") == []


def test_query() -> None:
    assert tsquery(["azul"], {}) == "('azul':*)"
    assert tsquery(["vestdo", "p"], {"vestdo": {"vestido": 0.5, "veste": 0.4}}) == (
        "('vestdo':* | 'vestido' | 'veste') & ('p':*)"
    )


def test_the_best_come_first() -> None:
    def hit(n: int, words: str) -> Hit:
        return Hit(ProductId(UUID(int=n)), words.split())

    hits = [
        hit(1, "vestidos azul longo"),
        hit(2, "vestido azul longo midi"),
        hit(3, "vestido azul"),
        hit(4, "vestir azulado"),
        hit(5, "vestido azul"),
    ]
    ranked = rank(hits, ["vestido", "azul"], {"vestido": {"vestir": 0.5}})
    assert [id_.int for id_ in ranked] == [3, 5, 2, 1, 4]
    assert rank([], ["x"], {}) == []


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://loja.example/vestido-midi/", "/vestido-midi"),
        ("/vestido-midi", "/vestido-midi"),
        ("HTTPS://loja.example/a?id=5#top", "/a?id=5"),
        ("vestido%20midi", "vestido midi"),
        ("https://loja.example/", None),
        ("", None),
        (None, None),
        ("/" + "é" * 600, "/" + "é" * 499),
    ],
)
def test_addresses(url: str | None, key: str | None) -> None:
    assert url_key(url) == key


def test_an_asked_address_with_and_without_its_query() -> None:
    assert url_keys("https://loja.example/a?utm_source=x") == ["/a?utm_source=x", "/a"]
    assert url_keys("/a") == ["/a"]
    assert url_keys("https://loja.example") == []
