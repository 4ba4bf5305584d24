"""An order's amounts (contract, section 3.1): exact decimals, BRL."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from balcao.base.values import money_sum
from balcao.orders.rules.new_order import NewItem, NewOrder
from balcao.tenants.rules import DiscountBasis

_SMALLEST: Final = Decimal("0.0001")


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """sub − discount + freight = without fee; that + fee − bonus = total."""

    sub_total_amount: Decimal
    discount_amount: Decimal
    freight_amount: Decimal
    fee_amount: Decimal
    bonus_amount: Decimal

    @property
    def total_without_fee_amount(self) -> Decimal:
        """What the goods and their freight come to."""
        return self.sub_total_amount - self.discount_amount + self.freight_amount

    @property
    def total_amount(self) -> Decimal:
        """What the payments have to come to."""
        return self.total_without_fee_amount + self.fee_amount - self.bonus_amount


def discount_of(item: NewItem, basis: DiscountBasis) -> Decimal:
    """A line's whole discount: `DiscountPrice` is per unit or for the line, as the channel says."""
    if item.discount_amount is not None:
        return item.discount_amount
    return item.discount_price * item.quantity if basis is DiscountBasis.UNIT else item.discount_price


def discount_price_of(item: NewItem, basis: DiscountBasis) -> Decimal:
    """A line's `DiscountPrice`; per unit, a discount of the whole line is told to the hundredth of a centavo."""
    if item.discount_amount is None or basis is DiscountBasis.LINE:
        return item.discount_price if item.discount_amount is None else item.discount_amount
    return (item.discount_amount / item.quantity).quantize(_SMALLEST)


def totals_of(new: NewOrder, basis: DiscountBasis) -> Totals:
    """The amounts of an order to create."""
    return Totals(
        sub_total_amount=money_sum(item.unit_price * item.quantity for item in new.items),
        discount_amount=money_sum(discount_of(item, basis) for item in new.items),
        freight_amount=new.freight.amount,
        fee_amount=new.fee_amount,
        bonus_amount=new.bonus_amount,
    )


def paid_difference(amounts: Iterable[Decimal], total: Decimal) -> Decimal:
    """By how much the payments exceed (positive) or miss (negative) the total."""
    return money_sum(amounts) - total
