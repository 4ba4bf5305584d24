"""What a table asks for parcels."""

from collections.abc import Iterable
from typing import TypeAlias

from balcao.freight.rules.calendar import MINUTES
from balcao.freight.rules.index import Parcel, TableIndex

CENTS_MAX = 10**15
"""Ten trillion reais: what would cost more is not delivered. No sum of such amounts is too large to be kept."""
_PER_CENT = 10**8
_HALF_CENT = _PER_CENT // 2

Priced: TypeAlias = tuple[int, int, int]
"""All parcels of a load by one table: centavos, the slowest one's days, the earliest cut-off of their rows. No named
tuple: a cart asks dozens of tables.
"""


def price_parcels(index: TableIndex, cep: int, parcels: Iterable[Parcel]) -> Priced | None:
    """Before any rule; None when one of them is not taken.

    A parcel's price in whole centavos, half a centavo rounded up: the fixed price; the larger of the percentage of the
    parcel's value and the minimum for its insurance; and the price of each kilogram beyond the bracket's start, in
    proportion to the gram.
    """
    cents, days, cut_off = 0, 0, MINUTES
    for weight_g, volume_um3, value_e4, count in parcels:
        rate = index.find(cep, weight_g, volume_um3)
        if rate is None:
            return None
        price, extra_per_kg, insured_min, _, start_g, percent, row_days, row_cut_off = rate
        share, least = value_e4 * percent, insured_min * 1_000_000
        exact = price * 1_000_000 + (share if share > least else least)
        if weight_g > start_g:
            exact += (weight_g - start_g) * extra_per_kg * 1000
        cents += (exact + _HALF_CENT) // _PER_CENT * count
        days = max(days, row_days)
        cut_off = min(cut_off, row_cut_off)
    return (cents, days, cut_off) if cents <= CENTS_MAX else None
