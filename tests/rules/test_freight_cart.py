from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from balcao.base.errors import Invalid
from balcao.base.values import ProductId, SkuId, Tenant
from balcao.catalog.rules import SkuFacts
from balcao.freight.rules.cart import (
    check_items,
    choose_sellers,
    parcels_of,
    shelves_to_price,
    weigh_items,
    weight_window,
)
from balcao.freight.rules.model import AskedItem, Line, QuoteFreight, Reason, Shelf, Terms, Unavailable
from tests.rules.freight_samples import WEDNESDAY, line, seller


def ask(*items: AskedItem, **given: Any) -> QuoteFreight:
    facts: dict[str, Any] = {
        "tenant": Tenant("t"),
        "quote_id": UUID(int=9),
        "platform": "web",
        "cep": "01001000",
        "items": items,
    }
    return QuoteFreight(**(facts | {"terms": Terms(today=WEDNESDAY)} | given))


def item(sku: str = "A", quantity: int = 1, weight_kg: str | None = None) -> AskedItem:
    return AskedItem(
        sku=sku, quantity=quantity, price=Decimal(5), weight_kg=None if weight_kg is None else Decimal(weight_kg)
    )


def sku(code: str, weight_kg: str | None = "0.5", **given: Any) -> SkuFacts:
    facts: dict[str, Any] = dict.fromkeys(SkuFacts.__struct_fields__)
    facts |= {"sku_id": SkuId(UUID(int=1)), "product_id": ProductId(UUID(int=1)), "code": code, "is_active": True}
    facts |= {"is_deleted": False, "weight_kg": None if weight_kg is None else Decimal(weight_kg), "attributes": ()}
    return SkuFacts(**(facts | given))


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        (ask(), {"items": ["must have 1 to 500 items"]}),
        (ask(*[item()] * 501), {"items": ["must have 1 to 500 items"]}),
        (ask(item(), item(quantity=0)), {"items[1].quantity": ["must be 1 to 1000000000"]}),
        (
            ask(item(weight_kg="0"), item(), use_catalog_measure=False),
            {"items[1].dimensions": ["is required with its weight when UseCatalogMeasure is false"]},
        ),
    ],
)
def test_bad_items(asked: QuoteFreight, errors: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_items(asked)
    assert refusal.value.errors == errors


def test_good_items() -> None:
    check_items(ask(*[item()] * 500))
    check_items(ask(item(weight_kg="0"), use_catalog_measure=False))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [2, 1, 3]),
        ({"origin_cnpj": f"{3:014d}"}, [3]),
        ({"seller_cnpjs": frozenset({f"{1:014d}", f"{3:014d}", "unknown"})}, [1, 3]),
        ({"ignored_cnpjs": frozenset({f"{1:014d}"})}, [2, 3]),
        ({"seller_cnpjs": frozenset({f"{1:014d}"}), "ignored_cnpjs": frozenset({f"{1:014d}"})}, []),
        ({"origin_cnpj": f"{3:014d}", "ignored_cnpjs": frozenset({f"{3:014d}"})}, []),
        ({"bound_cnpj": f"{1:014d}"}, [1]),
        ({"bound_cnpj": f"{1:014d}", "origin_cnpj": f"{2:014d}"}, []),
        ({"bound_cnpj": f"{4:014d}"}, []),
    ],
)
def test_which_stores_may_send(given: dict[str, Any], expected: list[int]) -> None:
    stores = [seller(3, priority=5), seller(2), seller(1, priority=5), seller(4, is_active=False)]
    assert [int(one.cnpj) for one in choose_sellers(stores, ask(**given))] == expected


@pytest.mark.parametrize("origin", [f"{4:014d}", "99999999999999"])
def test_a_forced_origin_has_to_be_an_active_store(origin: str) -> None:
    with pytest.raises(Invalid) as refusal:
        choose_sellers([seller(1), seller(4, is_active=False)], ask(origin_cnpj=origin))
    assert refusal.value.errors == {"originIdentifier": ["is not the CNPJ of an active store"]}


def test_lines_are_weighed_added_up_and_sorted() -> None:
    items = [item("B"), item("A", 2), item("A", 3, "9"), item("C", weight_kg="0.7"), item("D")]
    skus = {"A": sku("A"), "B": sku("B", "2"), "C": sku("C", None), "D": sku("D", None)}
    lines, gone = weigh_items(items, skus, use_catalog_measure=True)
    five = Decimal(5)
    assert lines == [
        Line("A", 5, five, Decimal("0.5")),
        Line("B", 1, five, Decimal(2)),
        Line("C", 1, five, Decimal("0.7")),
        Line("D", 1, five, Decimal(0)),
    ]
    assert gone == []
    assert weigh_items(items[::-1], skus, use_catalog_measure=True) == (lines, gone)


def test_given_weights_beat_the_catalogue_when_asked_to() -> None:
    items = [item("A", 2, "0.25"), item("A", 3, "9")]
    lines, _ = weigh_items(items, {"A": sku("A")}, use_catalog_measure=False)
    assert lines == [Line("A", 2, Decimal(5), Decimal("0.25")), Line("A", 3, Decimal(5), Decimal(9))]


def test_what_the_catalogue_does_not_sell() -> None:
    skus = {"A": sku("A"), "OFF": sku("OFF", is_active=False), "GONE": sku("GONE", is_deleted=True)}
    lines, gone = weigh_items(
        [item("X", 2), item("OFF"), item("A"), item("GONE"), item("X", 3)], skus, use_catalog_measure=True
    )
    assert [one.sku for one in lines] == ["A"]
    assert gone == [
        Unavailable("GONE", 1, 0, Reason.UNKNOWN_SKU),
        Unavailable("OFF", 1, 0, Reason.INACTIVE_SKU),
        Unavailable("X", 5, 0, Reason.UNKNOWN_SKU),
    ]


@pytest.mark.parametrize(
    ("lines", "individually", "expected"),
    [
        ([line("A", 3, "0.0004")], False, [(2, 1)]),
        ([line("A", 3, "0.0004")], True, [(1, 3)]),
        ([line("A", 2, "1"), line("B", 1, "0.5")], False, [(2500, 1)]),
        ([line("A", 2, "1"), line("B", 1, "0.5"), line("C", 1, "1")], True, [(500, 1), (1000, 3)]),
        ([line("A", 7, "0")], False, [(1, 1)]),
        ([line("A", 7, "0")], True, [(1, 7)]),
        ([line("A", 10**9, "100000")], False, [(2**31, 1)]),
    ],
)
def test_what_the_carrier_weighs(lines: list[Line], individually: bool, expected: list[tuple[int, int]]) -> None:
    assert parcels_of(lines, individually=individually) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (2500, 2500)),
        ({"allow_split": True}, (500, 2500)),
        ({"allow_unavailable": True}, (500, 2500)),
        ({"package_individually": True}, (500, 1000)),
        ({"package_individually": True, "allow_split": True}, (500, 1000)),
    ],
)
def test_between_which_weights_tables_are_read(given: dict[str, bool], expected: tuple[int, int]) -> None:
    lines = [line("A", 2, "1"), line("B", 1, "0.5")]
    assert weight_window(lines, Terms(today=WEDNESDAY, **given)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, [1, 4]), ({"allow_split": True}, [1, 2, 4]), ({"allow_unavailable": True}, [1, 2, 4])],
)
def test_whose_tables_are_read(given: dict[str, bool], expected: list[int]) -> None:
    shelves = [
        Shelf(seller(1), {"A": 2, "B": 1}),
        Shelf(seller(2), {"A": 1}),
        Shelf(seller(3), {"A": 0, "B": -5}),
        Shelf(seller(4), None),
    ]
    asked = shelves_to_price(shelves, [line("A", 2), line("B")], Terms(today=WEDNESDAY, **given))
    assert [int(one.seller.cnpj) for one in asked] == expected
