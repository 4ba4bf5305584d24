"""The cart before any price: what it is made of, which stores are asked, what they have of it."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from operator import attrgetter

from balcao.base.errors import Invalid
from balcao.base.values import QUANTITY_MAX
from balcao.freight.rules.model import ITEMS_MAX, Line, QuoteFreight, Reason, SkuFact, Unavailable
from balcao.freight.rules.network import Network, Place, Places

NO_SIDES = (0, 0, 0)
BY_RANK = attrgetter("rank")


def check_items(ask: QuoteFreight) -> None:
    """Raise Invalid unless there are 1 to 500 lines of at least one unit, with their weight where it has to be sent."""
    errors: dict[str, list[str]] = {}
    if not 1 <= len(ask.items) <= ITEMS_MAX:
        errors["items"] = [f"must have 1 to {ITEMS_MAX} items"]
    for index, item in enumerate(ask.items):
        if not 1 <= item.quantity <= QUANTITY_MAX:
            errors[f"items[{index}].quantity"] = [f"must be 1 to {QUANTITY_MAX}"]
        if item.weight_mg is None and not ask.use_catalog_measure:
            errors[f"items[{index}].dimensions"] = ["is required with its weight when UseCatalogMeasure is false"]
    if errors:
        raise Invalid(errors=errors)


def choose_places(network: Network, ask: QuoteFreight) -> Places:
    """The stores that may send, by priority and then CNPJ.

    Raises Invalid when the forced origin is none of the active stores.
    """
    origin = ask.origin_cnpj
    if origin is not None and not any(place.seller.cnpj == origin for place in network.active):
        raise Invalid(errors={"originIdentifier": ["is not the CNPJ of an active store"]}, code="unknown_origin")
    if origin is None and ask.bound_cnpj is None and not ask.ignored_cnpjs and not ask.seller_cnpjs:
        return network.active
    return Places(place for place in network.active if may_send(place.seller.cnpj, ask))


def may_send(cnpj: str, ask: QuoteFreight) -> bool:
    """Whether the question lets this store send."""
    forced = {one for one in (ask.origin_cnpj, ask.bound_cnpj) if one is not None}
    if cnpj in ask.ignored_cnpjs or (ask.seller_cnpjs and cnpj not in ask.seller_cnpjs):
        return False
    return forced <= {cnpj}


def read_cart(ask: QuoteFreight, facts: Mapping[str, SkuFact]) -> tuple[list[Line], list[Unavailable]]:
    """The cart's lines, sorted and equal ones added up, and the SKUs that the catalogue does not sell.

    A unit weighs and measures what the catalogue says; where that is silent, or not to be used, what was sent; else
    nothing.
    """
    units: dict[tuple[str, Decimal, int, tuple[int, int, int], bool], int] = {}
    unknown: dict[tuple[str, Reason], int] = {}
    for item in ask.items:
        sku = facts.get(item.sku)
        if sku is None or sku.is_deleted or not sku.is_sold:
            reason = Reason.UNKNOWN_SKU if sku is None or sku.is_deleted else Reason.INACTIVE_SKU
            unknown[item.sku, reason] = unknown.get((item.sku, reason), 0) + item.quantity
            continue
        weight = sku.weight_mg if ask.use_catalog_measure else None
        sides = sku.sides_um if ask.use_catalog_measure else NO_SIDES
        weight = (item.weight_mg or 0) if weight is None else weight
        sides = (item.sides_um or NO_SIDES) if sides == NO_SIDES else sides
        unit = item.sku, item.price, weight, sides, sku.pickup_only
        units[unit] = units.get(unit, 0) + item.quantity
    lines = [Line(unit[0], quantity, *unit[1:]) for unit, quantity in units.items()]
    gone = [Unavailable(sku, quantity, 0, reason) for (sku, reason), quantity in unknown.items()]
    return sorted(lines), sorted(gone)


def needs_of(lines: Iterable[Line]) -> dict[str, int]:
    """Units by SKU code, in the order of the codes."""
    needs: dict[str, int] = {}
    for sku, quantity, *_ in sorted(lines):
        needs[sku] = needs.get(sku, 0) + quantity
    return needs


class Stockroom:
    """What the stores that may send have of the cart.

    Without `facts` the stock is not looked at: every store has as much as is asked for.
    """

    def __init__(self, places: Places, needs: Mapping[str, int], facts: Mapping[str, SkuFact] | None = None) -> None:
        self.places = places
        self.needs = needs
        self._facts = facts

    @cached_property
    def _held(self) -> dict[str, dict[Place, int]] | None:
        """Counted when first asked for: a cart that a store can send whole never does."""
        facts = self._facts
        return None if facts is None else {sku: self._count(facts[sku].held) for sku in self.needs}

    def _count(self, held: Mapping[bytes, int]) -> dict[Place, int]:
        asked = self.places.by_id.get
        return {
            place: free
            for key, units in held.items()
            if (place := asked(key)) is not None and (free := units - place.safety_stock) > 0
        }

    def without(self, skus: Collection[str]) -> "Stockroom":
        """The same shelves, for the rest of the cart."""
        rest = {sku: need for sku, need in self.needs.items() if sku not in skus}
        return Stockroom(self.places, rest, self._facts)

    def having(self, sku: str) -> Mapping[Place, int]:
        """The stores that may promise any of it, and how many units each."""
        return dict.fromkeys(self.places, self.needs[sku]) if self._held is None else self._held[sku]

    def available(self, place: Place, sku: str) -> int:
        """How many units may be promised."""
        return self.needs[sku] if self._held is None else self._held[sku].get(place, 0)

    def holding_any(self, skus: Iterable[str]) -> list[Place]:
        """The stores that have any of these SKUs."""
        if self._held is None:
            return list(self.places)
        held = self._held
        return sorted({place for sku in skus for place in held[sku]}, key=BY_RANK)

    def holding_all(self) -> list[Place]:
        """The stores that have the whole cart."""
        facts = self._facts
        if facts is None or not self.needs:
            return list(self.places)
        # The SKU that the fewest have comes first: few are left to look at for the others.
        shelves = sorted(((facts[sku].held, need) for sku, need in self.needs.items()), key=lambda one: len(one[0]))
        asked = self.places.by_id.get
        able = [place for key in shelves[0][0] if (place := asked(key)) is not None]
        for held, need in shelves:
            able = [place for place in able if held.get(place.key, 0) - place.safety_stock >= need]
        return sorted(able, key=BY_RANK)

    def missing(self, *, allow_split: bool) -> list[Unavailable]:
        """The SKUs that no store has in that quantity, or with split all stores together do not have."""
        gone = []
        for sku, need in self.needs.items():
            counts = self._counts(sku)
            there = sum(counts) if allow_split else max(counts, default=0)
            if there < need:
                gone.append(Unavailable(sku, need, there, Reason.OUT_OF_STOCK if self.places else Reason.NO_STORE))
        return gone

    def left_over(self, skus: Iterable[str], reason: Reason) -> list[Unavailable]:
        """These SKUs as unavailable for a reason other than stock, with the most that one store has."""
        return [Unavailable(sku, self.needs[sku], max(self._counts(sku), default=0), reason) for sku in skus]

    def _counts(self, sku: str) -> Collection[int]:
        return [self.needs[sku]] * len(self.places) if self._held is None else self._held[sku].values()
