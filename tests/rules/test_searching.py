"""What orders are searched by, and what a query may mean."""

import pytest

from balcao.base.errors import Invalid
from balcao.base.values import OrderId, new_id
from balcao.orders.rules.searching import Term, TermKind, Traits, terms_of, understand

ORDER = OrderId(new_id())


def traits(**over: object) -> Traits:
    """An order without anything to be found by, but for what is told."""
    none: dict[str, object] = {"names": (), "documents": (), "email": None, "phone": None, "tracking": None}
    return Traits(ORDER, **(none | over))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        (
            {"names": ("João da Conceição", None)},
            [Term(TermKind.NAME, word, " joao da conceicao") for word in ("joao", "conceicao")],
        ),
        ({"names": ("???", "")}, []),
        ({"documents": ("55570403906", None, "555.704.039-06", "")}, [Term(TermKind.DOCUMENT, "55570403906")]),
        ({"documents": ("12abc34501de35",)}, [Term(TermKind.DOCUMENT, "12ABC34501DE35")]),
        ({"email": " Ana@Example.com"}, [Term(TermKind.EMAIL, "ana@example.com")]),
        ({"phone": "+55 (41) 99999-9999"}, [Term(TermKind.PHONE, "41999999999")]),
        ({"phone": "041 99999-9999"}, [Term(TermKind.PHONE, "41999999999")]),
        ({"phone": "55 9999-9999"}, [Term(TermKind.PHONE, "5599999999")]),
        ({"phone": "none"}, []),
        ({"tracking": "br123BR"}, [Term(TermKind.TRACKING, "br123br")]),
    ],
)
def test_what_finds_an_order(given: dict[str, object], found: list[Term]) -> None:
    assert terms_of(traits(**given)) == found


def test_long_names_are_cut() -> None:
    assert len(terms_of(traits(names=(" ".join(f"nome{n}" for n in range(50)),)))) == 10


@pytest.mark.parametrize(
    ("query", "numbers", "key", "words"),
    [
        ("Neo-1", ("Neo-1", "NEO-1", "neo-1"), "", ("neo",)),
        (" 123 ", ("123",), "", ("123",)),
        ("3526 0804" + "1" * 36, None, "35260804" + "1" * 36, None),
        ("maria da SÍLVA", None, "", ("maria", "silva")),
        ("mari maria m", None, "", ("maria",)),
        ("m", ("m", "M"), "", ()),
        ("da", None, "", ("da",)),
        ("ana@example.com", None, "", ()),
    ],
)
def test_what_a_query_means(
    query: str, numbers: tuple[str, ...] | None, key: str, words: tuple[str, ...] | None
) -> None:
    sought = understand(query)
    assert sought is not None
    assert numbers is None or sought.numbers == numbers
    assert sought.access_key == key
    assert words is None or sought.words == words


def test_a_query_of_digits_may_be_a_document_or_a_phone_number() -> None:
    sought = understand("+55 41 99999-9999")
    assert sought is not None
    assert Term(TermKind.PHONE, "41999999999") in sought.terms
    sought = understand("555.704.039-06")
    assert sought is not None
    assert Term(TermKind.DOCUMENT, "55570403906") in sought.terms


def test_blank_and_long_queries() -> None:
    assert understand("  ") is None
    with pytest.raises(Invalid) as refused:
        understand("x" * 201)
    assert list(refused.value.errors) == ["query"]
