import time
from datetime import date
from decimal import Decimal
from typing import Any

from balcao.freight.rules.model import Combination, Line
from balcao.freight.rules.split import split
from tests.rules.freight_samples import (
    Shelf,
    World,
    desk_of,
    draw,
    finish,
    line,
    means,
    missed,
    offered,
    room_of,
    seller,
    tariff,
)

NORMAL = [tariff(None, "NORMAL", (0, 50_000, "10", 2))]


def combine(lines: list[Line], world: World) -> list[Combination]:
    desk = desk_of(lines, world)
    return finish(split(desk, sorted(lines), room_of(lines, world, desk)))


def parts(combination: Combination) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each package as (store's number, what of which SKU)."""
    return [
        (package.sellers[0].cnpj.lstrip("0"), [(one.sku, one.quantity) for one in package.lines])
        for package in combination.packages
    ]


def test_the_fewest_packages_then_the_lowest_total() -> None:
    shelves = [
        Shelf(seller(1), {"A": 1, "B": 1}),
        Shelf(seller(2), {"C": 1}),
        Shelf(seller(3), {"B": 1, "C": 1}),
        Shelf(seller(4), {"A": 1}),
    ]
    tariffs = [tariff(n, "NORMAL", (0, 50_000, price, days)) for n, price, days in
               [(1, "10", 2), (2, "10", 7), (3, "15", 1), (4, "1", 3)]]  # fmt: skip
    found = combine([line("A"), line("B"), line("C")], means(shelves, tariffs))
    assert [(one.total_amount, one.delivery_time, one.delivery_date, parts(one)) for one in found] == [
        (Decimal(16), 3, date(2026, 7, 6), [("3", [("B", 1), ("C", 1)]), ("4", [("A", 1)])]),
        (Decimal(20), 7, date(2026, 7, 10), [("1", [("A", 1), ("B", 1)]), ("2", [("C", 1)])]),
        (Decimal(25), 2, date(2026, 7, 3), [("1", [("A", 1), ("B", 1)]), ("3", [("C", 1)])]),
    ]


def test_a_line_is_parted_only_where_no_store_of_the_set_has_all_of_it() -> None:
    whole = [Shelf(seller(1), {"A": 3}), Shelf(seller(2), {"A": 5, "B": 1})]
    assert [parts(one) for one in combine([line("A", 3), line("B")], means(whole, NORMAL))] == [
        [("1", [("A", 3)]), ("2", [("B", 1)])],
    ]
    parted = [Shelf(seller(1), {"A": 3}), Shelf(seller(2), {"A": 5})]
    assert [parts(one) for one in combine([line("A", 7)], means(parted, NORMAL))] == [
        [("1", [("A", 2)]), ("2", [("A", 5)])],
    ]


def test_lines_of_one_sku_share_its_stock() -> None:
    shelves = [Shelf(seller(1), {"A": 2}), Shelf(seller(2), {"A": 2})]
    lines = [line("A", 2, "1"), line("A", 2, "3")]
    assert [parts(one) for one in combine(lines, means(shelves, NORMAL))] == [
        [("1", [("A", 2)]), ("2", [("A", 2)])],
    ]
    short = [Shelf(seller(1), {"A": 2}), Shelf(seller(2), {"A": 1})]
    assert combine(lines, means(short, NORMAL)) == []


def test_more_packages_where_fewer_cannot_be_sent() -> None:
    # Two stores cover the cart, but what they would send together is too heavy for their carrier.
    shelves = [Shelf(seller(1), {"A": 1, "B": 1}), Shelf(seller(2), {"C": 1}), Shelf(seller(3), {"B": 1})]
    tariffs = [tariff(None, "LIGHT", (0, 1000, "10", 2))]
    found = combine([line("A"), line("B"), line("C")], means(shelves, tariffs))
    assert [parts(one) for one in found] == [[("1", [("A", 1)]), ("2", [("C", 1)]), ("3", [("B", 1)])]]


def test_a_store_that_nothing_leaves_is_not_asked() -> None:
    shelves = [
        Shelf(seller(1), {"A": 1}),
        Shelf(seller(2, delivery_enabled=False), {"B": 1}),
        Shelf(seller(3), {"B": 1}),
    ]
    assert [parts(one) for one in combine([line("A"), line("B")], means(shelves, NORMAL))] == [
        [("1", [("A", 1)]), ("3", [("B", 1)])],
    ]


def test_totals_are_of_deliveries_where_a_store_delivers() -> None:
    shelves = [Shelf(seller(1, pickup_enabled=True), {"A": 1}),
               Shelf(seller(2, pickup_enabled=True, delivery_enabled=False), {"B": 1})]  # fmt: skip
    found = combine([line("A"), line("B")], means(shelves, NORMAL, results_max=1))
    assert [(one.total_amount, one.delivery_time) for one in found] == [(Decimal(10), 2)]
    assert [[option.reference for option in package.options] for package in found[0].packages] == [
        ["PICKUP"],
        ["PICKUP"],
    ]


def test_the_quote_is_the_best_combination() -> None:
    shelves = [Shelf(seller(1), {"A": 1}), Shelf(seller(2), {"B": 1}), Shelf(seller(3), {"B": 1})]
    given: dict[str, Any] = {"allow_split": True, "allow_unavailable": True}
    quote = draw([line("A"), line("B"), line("C")], [], means(shelves, NORMAL, **given))
    assert offered(quote) == [[("1", "NORMAL", "10", 2)], [("2", "NORMAL", "10", 2)]]
    assert missed(quote) == [("C", 1, 0, "OutOfStock")]
    assert quote.combinations[0].packages == quote.packages
    assert len(quote.combinations) == 2
    only = draw([line("A"), line("B")], [], means(shelves, NORMAL, allow_split=True, results_max=1))
    assert len(only.combinations) == 1


def test_no_split_where_one_store_has_it_all() -> None:
    shelves = [Shelf(seller(1), {"A": 1, "B": 1}), Shelf(seller(2), {"A": 1}), Shelf(seller(3), {"B": 1})]
    quote = draw([line("A"), line("B")], [], means(shelves, NORMAL, allow_split=True))
    assert (len(quote.packages), quote.combinations) == (1, ())


def test_of_many_stores_the_only_one_with_a_sku_is_asked() -> None:
    shelves = [Shelf(seller(n), {"A": 9, "B": 9}) for n in range(1, 40)] + [Shelf(seller(40), {"C": 1})]
    found = combine([line("A"), line("B"), line("C")], means(shelves, NORMAL))
    assert len(found) == 10
    assert {parts(one)[1] == ("40", [("C", 1)]) for one in found} == {True}


def test_a_large_cart_in_many_stores_takes_no_long_time() -> None:
    shelves = [Shelf(seller(n), {f"S{sku}": 1 + (sku * n) % 2 for sku in range(500) if sku % n}) for n in range(1, 60)]
    lines = sorted(line(f"S{sku}", 2, "0.01") for sku in range(1, 500))
    began = time.perf_counter()
    found = combine(lines, means(shelves, NORMAL))
    assert time.perf_counter() - began < 10
    assert [len(one.packages) for one in found] == [3] * 10
