import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from balcao.freight.rules.draw import key_options
from balcao.freight.rules.model import OptionType, Reason, Unavailable
from tests.rules.freight_samples import Shelf, draw, line, means, missed, offered, seller, tariff

LIGHT = (0, 1000, "10", 2)
HEAVY = (1001, 5000, "20", 4)


def test_options_are_the_cheapest_then_fastest_then_by_priority_and_cnpj() -> None:
    stores = [seller(3, priority=1), seller(1, priority=2), seller(2, priority=2), seller(4, handling_days=1)]
    tariffs = [
        tariff(None, "NORMAL", LIGHT),
        tariff(2, "EXPRESS", (0, 1000, "30", 1)),
        tariff(1, "SLOW", (0, 1000, "9", 9)),
    ]
    quote = draw([line("A")], [], means([Shelf(one, None) for one in stores], tariffs))
    assert offered(quote) == [
        [
            ("1", "SLOW", "9", 9),
            ("3", "NORMAL", "10", 2),
            ("1", "NORMAL", "10", 2),
            ("2", "NORMAL", "10", 2),
            ("4", "NORMAL", "10", 3),
            ("2", "EXPRESS", "30", 1),
        ]
    ]
    assert [one.cnpj[-1] for one in quote.packages[0].sellers] == ["4", "3", "1", "2"]
    assert (quote.unavailables, quote.combinations) == ((), ())


def test_delivery_and_pickup_count_the_stores_handling_days() -> None:
    store = seller(1, pickup_enabled=True, handling_days=2, holidays=(date(2026, 7, 2),))
    quote = draw([line("A", 2)], [], means([Shelf(store, {"A": 2})], [tariff(1, "SEDEX", LIGHT, HEAVY)]))
    pickup, delivery = quote.packages[0].options
    assert (pickup.type, pickup.reference, pickup.amount) == (OptionType.PICKUP, "PICKUP", Decimal(0))
    assert (pickup.delivery_time, pickup.handling_time, pickup.delivery_date) == (2, 2, date(2026, 7, 6))
    assert (delivery.type, delivery.reference, delivery.description) == (OptionType.DELIVERY, "SEDEX", "Sedex")
    assert (delivery.amount, delivery.delivery_time, delivery.handling_time) == (Decimal(20), 6, 2)
    assert delivery.delivery_date == date(2026, 7, 10)
    assert delivery.calculation_key is None


def test_a_stores_own_table_beats_the_one_for_every_store_even_where_it_does_not_go() -> None:
    tariffs = [tariff(None, "NORMAL", LIGHT), tariff(1, "NORMAL", (0, 1000, "12", 2)), tariff(2, "NORMAL")]
    shelves = [Shelf(seller(n), None) for n in (1, 2, 3)]
    assert offered(draw([line("A")], [], means(shelves, tariffs))) == [
        [("3", "NORMAL", "10", 2), ("1", "NORMAL", "12", 2)]
    ]


def test_a_store_that_does_not_deliver_only_lets_collect() -> None:
    shelves = [Shelf(seller(1, delivery_enabled=False, pickup_enabled=True), None)]
    assert offered(draw([line("A")], [], means(shelves, [tariff(None, "NORMAL", LIGHT)]))) == [
        [("1", "PICKUP", "0", 0)]
    ]


def test_individual_packages_are_priced_one_by_one() -> None:
    shelves, tariffs = [Shelf(seller(1), None)], [tariff(None, "NORMAL", LIGHT, HEAVY)]
    lines = [line("A", 3, "1"), line("B", 1, "1.5")]
    assert offered(draw(lines, [], means(shelves, tariffs))) == [[("1", "NORMAL", "20", 4)]]
    assert offered(draw(lines, [], means(shelves, tariffs, package_individually=True))) == [[("1", "NORMAL", "50", 4)]]


def test_results_max_and_unique_slas() -> None:
    shelves = [Shelf(seller(n, pickup_enabled=True), None) for n in (2, 1)]
    tariffs = [tariff(None, "NORMAL", LIGHT), tariff(2, "NORMAL", (0, 1000, "8", 5))]
    unique = draw([line("A")], [], means(shelves, tariffs, unique_slas=True))
    assert offered(unique) == [[("1", "PICKUP", "0", 0), ("2", "NORMAL", "8", 5)]]
    assert len(unique.packages[0].sellers) == 2
    assert offered(draw([line("A")], [], means(shelves, tariffs, results_max=3))) == [
        [("1", "PICKUP", "0", 0), ("2", "PICKUP", "0", 0), ("2", "NORMAL", "8", 5)]
    ]
    assert offered(draw([line("A")], [], means(shelves, tariffs, results_max=1, unique_slas=True))) == [
        [("1", "PICKUP", "0", 0)]
    ]


SHELVES = [Shelf(seller(1), {"A": 5, "B": 0}), Shelf(seller(2), {"A": 1, "B": 2}), Shelf(seller(3), {"C": 9})]
NORMAL = [tariff(None, "NORMAL", (0, 50_000, "10", 2))]


@pytest.mark.parametrize(
    ("lines", "given", "packages", "gone"),
    [
        # one store has it all
        ([line("A", 5)], {}, [[("1", "NORMAL", "10", 2)]], []),
        ([line("A", 1), line("B", 2)], {}, [[("2", "NORMAL", "10", 2)]], []),
        # nobody has so many
        ([line("A", 6)], {}, [], [("A", 6, 5, "OutOfStock")]),
        ([line("A", 1), line("B", 3)], {}, [], [("B", 3, 2, "OutOfStock")]),
        ([line("A", 3), line("A", 3, "2")], {}, [], [("A", 6, 5, "OutOfStock")]),
        ([line("A", 1), line("B", 3)], {"allow_unavailable": True},
         [[("1", "NORMAL", "10", 2), ("2", "NORMAL", "10", 2)]], [("B", 3, 2, "OutOfStock")]),
        ([line("A", 6)], {"allow_unavailable": True}, [], [("A", 6, 5, "OutOfStock")]),
        # each is somewhere, but not together
        ([line("A", 5), line("B", 1)], {}, [], [("A", 5, 5, "NoCommonStore"), ("B", 1, 2, "NoCommonStore")]),
        ([line("A", 5), line("B", 2)], {"allow_unavailable": True}, [[("1", "NORMAL", "10", 2)]],
         [("B", 2, 2, "NoCommonStore")]),
        ([line("A", 1), line("B", 2), line("C", 9)], {"allow_unavailable": True}, [[("2", "NORMAL", "10", 2)]],
         [("C", 9, 9, "NoCommonStore")]),
        # more than all stores together
        ([line("A", 7)], {"allow_split": True}, [], [("A", 7, 6, "OutOfStock")]),
    ],
)  # fmt: skip
def test_what_is_missing(lines: Any, given: Any, packages: Any, gone: Any) -> None:
    quote = draw(lines, [], means(SHELVES, NORMAL, **given))
    assert (offered(quote), missed(quote)) == (packages, gone)


def test_an_unknown_sku_stops_the_quote_unless_it_may_be_incomplete() -> None:
    unknown = [Unavailable("X", 1, 0, Reason.UNKNOWN_SKU)]
    stopped = draw([line("A", 5)], unknown, means(SHELVES, NORMAL))
    assert (offered(stopped), missed(stopped)) == ([], [("X", 1, 0, "UnknownSku")])
    went_on = draw([line("A", 5)], unknown, means(SHELVES, NORMAL, allow_unavailable=True))
    assert (offered(went_on), missed(went_on)) == ([[("1", "NORMAL", "10", 2)]], [("X", 1, 0, "UnknownSku")])
    assert missed(draw([], unknown, means(SHELVES, NORMAL))) == [("X", 1, 0, "UnknownSku")]


def test_nobody_to_ask() -> None:
    assert missed(draw([line("A", 2)], [], means([], NORMAL))) == [("A", 2, 0, "NoStore")]


@pytest.mark.parametrize("tariffs", [[], [tariff(None, "NORMAL")], [tariff(None, "NORMAL", (0, 999, "10", 2))]])
@pytest.mark.parametrize("given", [{}, {"allow_unavailable": True}, {"allow_split": True}])
def test_nobody_goes_there(tariffs: Any, given: Any) -> None:
    quote = draw([line("A", 2)], [], means(SHELVES, tariffs, **given))
    assert (offered(quote), missed(quote)) == ([], [("A", 2, 5, "NoDelivery")])


def test_a_part_goes_from_another_store_when_the_fullest_does_not_deliver() -> None:
    shelves = [Shelf(seller(1, delivery_enabled=False), {"A": 1, "B": 1}), Shelf(seller(2), {"A": 1, "C": 1})]
    quote = draw([line("A"), line("B"), line("C")], [], means(shelves, NORMAL, allow_unavailable=True))
    assert offered(quote) == [[("2", "NORMAL", "10", 2)]]
    assert missed(quote) == [("B", 1, 1, "NoCommonStore")]


def test_the_same_question_in_any_order_has_the_same_answer() -> None:
    dice = random.Random(3)  # noqa: S311
    lines = sorted(line(sku, dice.randint(1, 3)) for sku in "ABCDE")
    shelves = [Shelf(seller(n), {sku: dice.randint(0, 3) for sku in "ABCDE"}) for n in range(1, 8)]
    tariffs = [tariff(n, "NORMAL", (0, 90_000, str(dice.randint(5, 20)), dice.randint(1, 5))) for n in range(1, 8)]
    for given in ({"allow_unavailable": True}, {"allow_split": True}):
        first = draw(lines, [], means(shelves, tariffs, **given))
        assert first.packages
        dice.shuffle(tariffs)
        assert draw(lines, [], means(shelves, tariffs, **given)) == first


def test_every_option_of_a_kept_quote_has_a_key_of_its_own() -> None:
    shelves = [Shelf(seller(1), {"A": 1}), Shelf(seller(2), {"B": 1}), Shelf(seller(3), {"B": 1})]
    quote = draw([line("A"), line("B")], [], means(shelves, NORMAL, allow_split=True))
    assert len(quote.combinations) == 2
    keys = iter(range(100))
    keyed, options = key_options(quote, lambda: str(next(keys)))
    assert [option.calculation_key for option in options] == ["0", "1", "2", "3"]
    assert keyed.packages == keyed.combinations[0].packages
    shown = [
        option.calculation_key for one in keyed.combinations for package in one.packages for option in package.options
    ]
    assert shown == ["0", "1", "2", "3"]
