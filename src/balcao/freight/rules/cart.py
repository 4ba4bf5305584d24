"""The cart before any price: what it weighs, what the stores have of it, which stores are asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from balcao.base.errors import Invalid
from balcao.base.values import QUANTITY_MAX
from balcao.catalog.rules import SkuFacts
from balcao.freight.rules.model import ITEMS_MAX, AskedItem, Line, QuoteFreight, Reason, Shelf, Terms, Unavailable
from balcao.sellers.rules import Seller

PARCEL_MAX_G = 2**31
"""Beyond every table's last bracket: what weighs more is not delivered."""
_NOTHING = Decimal(0)
_THOUSAND = Decimal(1000)


def check_items(ask: QuoteFreight) -> None:
    """Raise Invalid unless there are 1 to 500 lines of at least one unit, with their weight where it has to be sent."""
    errors: dict[str, list[str]] = {}
    if not 1 <= len(ask.items) <= ITEMS_MAX:
        errors["items"] = [f"must have 1 to {ITEMS_MAX} items"]
    for index, item in enumerate(ask.items):
        if not 1 <= item.quantity <= QUANTITY_MAX:
            errors[f"items[{index}].quantity"] = [f"must be 1 to {QUANTITY_MAX}"]
        if item.weight_kg is None and not ask.use_catalog_measure:
            errors[f"items[{index}].dimensions"] = ["is required with its weight when UseCatalogMeasure is false"]
    if errors:
        raise Invalid(errors=errors)


def choose_sellers(sellers: Iterable[Seller], ask: QuoteFreight) -> list[Seller]:
    """The stores that may send, by priority and then CNPJ.

    Raises Invalid when the forced origin is none of the active stores.
    """
    active = sorted((seller for seller in sellers if seller.is_active), key=lambda one: (one.priority, one.cnpj))
    if ask.origin_cnpj is not None and all(seller.cnpj != ask.origin_cnpj for seller in active):
        raise Invalid(errors={"originIdentifier": ["is not the CNPJ of an active store"]}, code="unknown_origin")
    return [seller for seller in active if _may_send(seller.cnpj, ask)]


def _may_send(cnpj: str, ask: QuoteFreight) -> bool:
    forced = {one for one in (ask.origin_cnpj, ask.bound_cnpj) if one is not None}
    if cnpj in ask.ignored_cnpjs or (ask.seller_cnpjs and cnpj not in ask.seller_cnpjs):
        return False
    return forced <= {cnpj}


def weigh_items(
    items: Sequence[AskedItem], skus: Mapping[str, SkuFacts], *, use_catalog_measure: bool
) -> tuple[list[Line], list[Unavailable]]:
    """The cart's lines, sorted and equal ones added up, and the SKUs that the catalogue does not sell.

    A unit weighs what the catalogue says; where that is silent, or not to be used, what was sent; else nothing.
    """
    units: Counter[tuple[str, Decimal, Decimal]] = Counter()
    unknown: Counter[tuple[str, Reason]] = Counter()
    for item in items:
        sku = skus.get(item.sku)
        if sku is None or sku.is_deleted or not sku.is_active:
            unknown[item.sku, Reason.INACTIVE_SKU if sku and not sku.is_deleted else Reason.UNKNOWN_SKU] += (
                item.quantity
            )
            continue
        known = sku.weight_kg if use_catalog_measure else None
        weight = known if known is not None else item.weight_kg
        units[item.sku, item.price, weight or _NOTHING] += item.quantity
    lines = [Line(sku, quantity, price, weight) for (sku, price, weight), quantity in units.items()]
    gone = [Unavailable(sku, quantity, 0, reason) for (sku, reason), quantity in unknown.items()]
    return sorted(lines), sorted(gone)


def needs_of(lines: Iterable[Line]) -> dict[str, int]:
    """Units by SKU code."""
    needs: Counter[str] = Counter()
    for line in lines:
        needs[line.sku] += line.quantity
    return dict(needs)


def parcels_of(lines: Sequence[Line], *, individually: bool) -> list[tuple[int, int]]:
    """What the carrier weighs, as (grams, how many such parcels): one parcel, or one of each unit.

    A parcel's grams are rounded up once, after adding, and are one at least: nothing weighs nothing, and tables that
    begin at one gram must still hold it.
    """
    if individually:
        parcels: Counter[int] = Counter()
        for line in lines:
            parcels[_grams(line.weight_kg)] += line.quantity
        return sorted(parcels.items())
    return [(_grams(sum((line.weight_kg * line.quantity for line in lines), _NOTHING)), 1)]


def weight_window(lines: Sequence[Line], terms: Terms) -> tuple[int, int]:
    """The lightest and heaviest parcel that this quote may weigh: tables are read between the two."""
    whole = parcels_of(lines, individually=terms.package_individually)
    if not terms.allow_split and not terms.allow_unavailable:
        return whole[0][0], whole[-1][0]
    return min(_grams(line.weight_kg) for line in lines), whole[-1][0]


def _grams(weight_kg: Decimal) -> int:
    return max(1, int(min(weight_kg * _THOUSAND, Decimal(PARCEL_MAX_G)).to_integral_value(ROUND_CEILING)))


def holds_all(shelf: Shelf, needs: Mapping[str, int]) -> bool:
    """Whether the store can send the whole of it."""
    return all(shelf.available(sku, need) >= need for sku, need in needs.items())


def shelves_to_price(shelves: Sequence[Shelf], lines: Sequence[Line], terms: Terms) -> list[Shelf]:
    """The stores whose tables this quote needs: those with the whole cart, or with any of it where it may be parted."""
    needs = needs_of(lines)
    if terms.allow_split or terms.allow_unavailable:
        return [shelf for shelf in shelves if any(shelf.available(sku, need) > 0 for sku, need in needs.items())]
    return [shelf for shelf in shelves if holds_all(shelf, needs)]


def missing(shelves: Sequence[Shelf], lines: Sequence[Line], terms: Terms) -> list[Unavailable]:
    """The SKUs that no store has in that quantity, or with split all stores together do not have."""
    gone = []
    for sku, need in needs_of(lines).items():
        counts = [shelf.available(sku, need) for shelf in shelves]
        there = sum(counts) if terms.allow_split else max(counts, default=0)
        if there < need:
            gone.append(Unavailable(sku, need, there, Reason.OUT_OF_STOCK if shelves else Reason.NO_STORE))
    return sorted(gone)


def left_over(shelves: Sequence[Shelf], lines: Sequence[Line], reason: Reason) -> list[Unavailable]:
    """These lines as unavailable for a reason other than stock, with the most that one store has."""
    return sorted(
        Unavailable(sku, need, max((shelf.available(sku, need) for shelf in shelves), default=0), reason)
        for sku, need in needs_of(lines).items()
    )
