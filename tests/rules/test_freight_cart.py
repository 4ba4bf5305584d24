from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from balcao.base.errors import Invalid
from balcao.base.values import Tenant
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.cart import check_items, choose_places, read_cart
from balcao.freight.rules.index import Parcel
from balcao.freight.rules.model import AskedItem, Line, QuoteFreight, Reason, SkuFact, Terms, Unavailable
from balcao.freight.rules.parcels import Load, Oversize, parcels_for
from tests.rules.freight_samples import WEDNESDAY, line, network, seller

FLAT = (0, 0, 0)
PLAIN = Carrier(reference="A", description="A")


def ask(*items: AskedItem, **given: Any) -> QuoteFreight:
    facts: dict[str, Any] = {
        "tenant": Tenant("t"),
        "quote_id": UUID(int=9),
        "platform": "web",
        "cep": "01001000",
        "items": items,
    }
    return QuoteFreight(**(facts | {"terms": Terms(now=WEDNESDAY)} | given))


def item(sku: str = "A", quantity: int = 1, weight_kg: str | None = None, **given: Any) -> AskedItem:
    weight_mg = None if weight_kg is None else int(Decimal(weight_kg) * 1_000_000)
    return AskedItem(sku=sku, quantity=quantity, price=Decimal(5), weight_mg=weight_mg, **given)


def sku(weight_mg: int | None = 500_000, **given: Any) -> SkuFact:
    facts: dict[str, Any] = {"is_sold": True, "is_deleted": False, "pickup_only": False, "sides_um": FLAT, "held": {}}
    return SkuFact(weight_mg=weight_mg, **(facts | given))


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
    assert [int(one.seller.cnpj) for one in choose_places(network(stores, []), ask(**given))] == expected


@pytest.mark.parametrize("origin", [f"{4:014d}", "99999999999999"])
def test_a_forced_origin_has_to_be_an_active_store(origin: str) -> None:
    with pytest.raises(Invalid) as refusal:
        choose_places(network([seller(1), seller(4, is_active=False)], []), ask(origin_cnpj=origin))
    assert refusal.value.errors == {"originIdentifier": ["is not the CNPJ of an active store"]}


def test_lines_are_weighed_added_up_and_sorted() -> None:
    sent: dict[str, Any] = {"sides_um": (1, 2, 3)}
    items = [item("B"), item("A", 2), item("A", 3, "9", **sent), item("C", weight_kg="0.7", **sent), item("D")]
    skus = {"A": sku(sides_um=(9, 9, 9)), "B": sku(2_000_000, pickup_only=True), "C": sku(None), "D": sku(None)}
    lines, gone = read_cart(ask(*items), skus)
    five = Decimal(5)
    assert lines == [
        Line("A", 5, five, 500_000, (9, 9, 9)),
        Line("B", 1, five, 2_000_000, FLAT, pickup_only=True),
        Line("C", 1, five, 700_000, (1, 2, 3)),
        Line("D", 1, five, 0, FLAT),
    ]
    assert gone == []
    assert read_cart(ask(*items[::-1]), skus) == (lines, gone)


def test_given_measures_beat_the_catalogue_when_asked_to() -> None:
    items = [item("A", 2, "0.25", sides_um=(1, 2, 3)), item("A", 3, "9")]
    lines, _ = read_cart(ask(*items, use_catalog_measure=False), {"A": sku(sides_um=(9, 9, 9))})
    assert lines == [Line("A", 2, Decimal(5), 250_000, (1, 2, 3)), Line("A", 3, Decimal(5), 9_000_000, FLAT)]


def test_what_the_catalogue_does_not_sell() -> None:
    skus = {"A": sku(), "OFF": sku(is_sold=False), "GONE": sku(is_deleted=True)}
    lines, gone = read_cart(ask(item("X", 2), item("OFF"), item("A"), item("GONE"), item("X", 3)), skus)
    assert [one.sku for one in lines] == ["A"]
    assert gone == [
        Unavailable("GONE", 1, 0, Reason.UNKNOWN_SKU),
        Unavailable("OFF", 1, 0, Reason.INACTIVE_SKU),
        Unavailable("X", 5, 0, Reason.UNKNOWN_SKU),
    ]


def weighed(lines: list[Line], *, individually: bool = False, **limits: Any) -> list[tuple[int, int]] | Oversize:
    """Grams and how many such parcels."""
    carrier = Carrier(reference="A", description="A", **limits)
    parcels = parcels_for(carrier, Load(lines), individually=individually)
    return parcels if isinstance(parcels, Oversize) else [(one.weight_g, one.times) for one in parcels]


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
    assert weighed(lines, individually=individually) == expected


CUBE = (1_000_000, 500_000, 200_000)
"""A metre, half of it and a fifth: a tenth of a cubic metre."""


@pytest.mark.parametrize(
    ("weight_kg", "sides_um", "factor", "expected"),
    [
        ("1", CUBE, 300_000, 30_000),
        ("30", CUBE, 300_000, 30_000),
        ("30.001", CUBE, 300_000, 30_001),
        ("1", CUBE, 0, 1000),
        ("1", (1_000_000, 0, 200_000), 300_000, 1000),
        ("0", (10_000, 10_000, 10_000), 300_000, 1),
        ("0", (30_000, 30_000, 30_000), 300_000, 9),
    ],
)
def test_the_larger_of_weight_and_volumetric_weight_is_charged(
    weight_kg: str, sides_um: tuple[int, int, int], factor: int, expected: int
) -> None:
    assert weighed([line("A", 1, weight_kg, sides_um=sides_um)], volumetric_g_per_m3=factor) == [(expected, 1)]


@pytest.mark.parametrize(
    ("lines", "limits", "expected"),
    [
        # exactly the limit is one parcel
        ([line("A", 3, "1")], {"weight_max_g": 3000}, [(3000, 1)]),
        ([line("A", 7, "1")], {"weight_max_g": 3000}, [(1000, 1), (3000, 2)]),
        ([line("A", 1, "2"), line("B", 2, "1.5")], {"weight_max_g": 3000}, [(2000, 1), (3000, 1)]),
        ([line("A", 2, "1", "60")], {"value_max_e4": 1_000_000}, [(1000, 2)]),
        ([line("A", 4, "1", "50")], {"value_max_e4": 1_000_000}, [(2000, 2)]),
        ([line("A", 10**9, "1")], {"weight_max_g": 3000}, [(1000, 1), (3000, 333_333_333)]),
        ([line("A", 1, "3.001")], {"weight_max_g": 3000}, Oversize("A", "weight")),
        ([line("A", 1, "1", "100.01")], {"value_max_e4": 1_000_000}, Oversize("A", "value")),
        ([line("A", sides_um=CUBE)], {"side_max_um": 1_000_000, "sides_max_um": 1_700_000}, [(1000, 1)]),
        ([line("A"), line("B", sides_um=CUBE)], {"side_max_um": 999_999}, Oversize("B", "side")),
        ([line("A"), line("B", sides_um=CUBE)], {"sides_max_um": 1_699_999}, Oversize("B", "sides")),
    ],
)
def test_beyond_a_carriers_limits_there_are_several_parcels_or_none(
    lines: list[Line], limits: dict[str, Any], expected: Any
) -> None:
    assert weighed(lines, **limits) == expected
    assert weighed(lines[::-1], **limits) == expected


def test_a_parcel_knows_its_volume_and_value() -> None:
    load = Load([line("A", 2, "1", "10.50", sides_um=CUBE)])
    assert parcels_for(PLAIN, load, individually=False) == (Parcel(2000, 2 * 10**17, 210_000, 1),)
    assert parcels_for(PLAIN, load, individually=True) == (Parcel(1000, 10**17, 105_000, 2),)
