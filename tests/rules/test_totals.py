"""An order's amounts, to the last digit."""

from decimal import Decimal

from balcao.orders.rules.model import Freight
from balcao.orders.rules.totals import Totals, discount_of, paid_difference, totals_of
from balcao.tenants.rules import DiscountBasis
from tests.rules.order_samples import new_item, new_order

THREE = new_item(quantity=3, unit_price=Decimal("0.1"), discount_price=Decimal("0.03"))


def test_the_documented_example() -> None:
    totals = totals_of(new_order(), DiscountBasis.UNIT)
    assert totals == Totals(
        sub_total_amount=Decimal("19.9"),
        discount_amount=Decimal(10),
        freight_amount=Decimal("1.1"),
        fee_amount=Decimal(0),
        bonus_amount=Decimal(0),
    )
    assert totals.total_without_fee_amount == Decimal("11.0")
    assert totals.total_amount == Decimal("11.0")


def test_the_discount_is_a_units_or_a_lines() -> None:
    assert discount_of(THREE, DiscountBasis.UNIT) == Decimal("0.09")
    assert discount_of(THREE, DiscountBasis.LINE) == Decimal("0.03")


def test_lines_fee_and_bonus_add_up_exactly() -> None:
    new = new_order(
        items=(new_item(), THREE),
        fee_amount=Decimal("2.5"),
        bonus_amount=Decimal("0.55"),
        freight=Freight(amount=Decimal("7.77"), delivery_time=1, reference="PAC", description="PAC"),
    )
    unit, line = totals_of(new, DiscountBasis.UNIT), totals_of(new, DiscountBasis.LINE)
    assert str(unit.sub_total_amount) == "20.2"
    assert str(unit.discount_amount) == "10.09"
    assert str(unit.total_without_fee_amount) == "17.88"
    assert str(unit.total_amount) == "19.83"
    assert str(line.discount_amount) == "10.03"
    assert str(line.total_amount) == "19.89"


def test_a_thousand_dimes_are_a_hundred() -> None:
    dimes = new_order(items=tuple(new_item(unit_price=Decimal("0.1"), discount_price=Decimal(0)) for _ in range(1000)))
    assert totals_of(dimes, DiscountBasis.UNIT).sub_total_amount == Decimal(100)


def test_by_how_much_the_payments_differ() -> None:
    assert paid_difference([Decimal(21)], Decimal("11.0")) == Decimal(10)
    assert paid_difference([Decimal("5.5"), Decimal("5.4")], Decimal(11)) == Decimal("-0.1")
    assert paid_difference([], Decimal(11)) == Decimal(-11)
