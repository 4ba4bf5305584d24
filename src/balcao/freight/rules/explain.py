"""Say for every store and carrier why it is offered or not."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from balcao.freight.rules.calendar import MINUTES
from balcao.freight.rules.cart import Stockroom, may_send, needs_of
from balcao.freight.rules.charges import Charge
from balcao.freight.rules.desk import PICKUP_REFERENCE, Counter, Desk
from balcao.freight.rules.index import Miss, Parcel
from balcao.freight.rules.model import Line, Quote, QuoteFreight
from balcao.freight.rules.network import Lane, Place
from balcao.freight.rules.parcels import Oversize
from balcao.freight.rules.price import price_parcels


class Why(StrEnum):
    """The verdict on a store or on a carrier."""

    OFFERED = "Offered"
    NOT_SHOWN = "NotShown"
    """It could be offered, and `MaxResults`, `UniqueSlas` or a better package left it out."""
    NOT_ASKED = "NotAsked"
    CLOSED = "Closed"
    OUT_OF_STOCK = "OutOfStock"
    PICKUP_OFF = "PickupOff"
    DELIVERY_OFF = "DeliveryOff"
    PICKUP_ONLY = "PickupOnly"
    CARRIER_OFF = "CarrierOff"
    NO_TABLE = "NoTable"
    NOT_COVERED = "NotCovered"
    CEP_OUTSIDE = "CepOutside"
    WEIGHT_OUTSIDE = "WeightOutside"
    VOLUME_OUTSIDE = "VolumeOutside"
    TOO_HEAVY = "TooHeavy"
    TOO_LONG = "TooLong"
    TOO_VALUABLE = "TooValuable"
    TOO_DEAR = "TooDear"


class CarrierVerdict(NamedTuple):
    """On one carrier of a store, for the whole cart. cents: with the rules of `charge`, None where it is not priced."""

    reference: str
    why: Why
    detail: str
    cents: int | None = None
    base_cents: int | None = None
    charge: Charge | None = None
    parcels: tuple[Parcel, ...] = ()
    table_id: UUID | None = None


class StoreVerdict(NamedTuple):
    """On one store; `short`: the SKUs that it has not enough of, with asked and available."""

    cnpj: str
    name: str
    why: Why
    detail: str
    short: tuple[tuple[str, int, int], ...]
    carriers: tuple[CarrierVerdict, ...]


class Explanation(NamedTuple):
    """Every store of the tenant, by priority and CNPJ."""

    stores: tuple[StoreVerdict, ...]


Shown = set[tuple[str, str]]
"""CNPJ and reference of every freight in the answer."""


def explain(desk: Desk, ask: QuoteFreight, lines: Sequence[Line], room: Stockroom, quote: Quote) -> Explanation:
    """The verdicts, by the very functions that drew the quote; carriers are judged on the cart as it is quoted."""
    left_out = {one.sku for one in quote.unavailables} if desk.terms.allow_unavailable else set()
    rest = [line for line in lines if line.sku not in left_out]
    combined = [package for combination in quote.combinations for package in combination.packages]
    shown = {
        (seller.cnpj, service.reference)
        for package in (*quote.packages, *combined)
        for service, sellers, _ in package.offerings
        for seller in sellers
    }
    counter = desk.counter(rest)
    asked = {place.rank for place in room.places}
    return Explanation(
        tuple(
            _store(place, counter, ask, room if place.rank in asked else None, shown) for place in desk.network.places
        )
    )


def _store(place: Place, counter: Counter, ask: QuoteFreight, room: Stockroom | None, shown: Shown) -> StoreVerdict:
    seller = place.seller
    needs = needs_of(counter.load.lines)
    short = _short(place, room, needs) if room else ()
    why, detail = _judge_store(place, ask, short)
    if why is Why.OFFERED and not any(cnpj == seller.cnpj for cnpj, _ in shown):
        why, detail = Why.NOT_SHOWN, "has everything, and no freight of its is in the answer"
    if why is Why.OUT_OF_STOCK and any(cnpj == seller.cnpj for cnpj, _ in shown):
        why, detail = Why.OFFERED, "sends a part of the cart"
    carriers = tuple(_carriers(place, counter, shown)) if needs else ()
    return StoreVerdict(seller.cnpj, seller.name, why, detail, short, carriers)


def _short(place: Place, room: Stockroom, needs: dict[str, int]) -> tuple[tuple[str, int, int], ...]:
    counts = [(sku, need, room.available(place, sku)) for sku, need in needs.items()]
    return tuple(count for count in counts if count[2] < count[1])


def _judge_store(place: Place, ask: QuoteFreight, short: Sequence[tuple[str, int, int]]) -> tuple[Why, str]:
    seller = place.seller
    if not seller.is_active:
        return Why.CLOSED, "the store is not active"
    if not may_send(seller.cnpj, ask):
        return Why.NOT_ASKED, "the question, or the credential, leaves this store out"
    if short:
        said = ", ".join(f"{sku} (asked {need}, available {there})" for sku, need, there in short)
        return Why.OUT_OF_STOCK, f"not enough of {said}"
    return Why.OFFERED, "has everything"


def _carriers(place: Place, counter: Counter, shown: Shown) -> Iterator[CarrierVerdict]:
    seller = place.seller
    yield _pickup(place, shown)
    lanes = {lane.carrier.reference: lane for lane in place.lanes}
    for reference, carrier in counter.desk.network.carriers.items():
        lane = lanes.get(reference)
        if not seller.delivery_enabled:
            yield CarrierVerdict(reference, Why.DELIVERY_OFF, "the store does not deliver")
        elif counter.load.pickup_only:
            yield CarrierVerdict(reference, Why.PICKUP_ONLY, "a product of the cart can only be collected")
        elif not carrier.is_active:
            yield CarrierVerdict(reference, Why.CARRIER_OFF, "the carrier is not in use")
        elif lane is None:
            yield CarrierVerdict(reference, Why.NO_TABLE, "no table for this store, its state or every store")
        else:
            yield _judge_lane(lane, counter, (seller.cnpj, reference) in shown)


def _pickup(place: Place, shown: Shown) -> CarrierVerdict:
    if not place.seller.pickup_enabled:
        return CarrierVerdict(PICKUP_REFERENCE, Why.PICKUP_OFF, "the store does not let buyers collect")
    is_shown = (place.seller.cnpj, PICKUP_REFERENCE) in shown
    return CarrierVerdict(PICKUP_REFERENCE, Why.OFFERED if is_shown else Why.NOT_SHOWN, "may be collected", 0, 0)


_OVERSIZE = {
    "weight": (Why.TOO_HEAVY, "heavier than the carrier's limit"),
    "side": (Why.TOO_LONG, "longer than the carrier's limit"),
    "sides": (Why.TOO_LONG, "larger, its sides added up, than the carrier's limit"),
    "value": (Why.TOO_VALUABLE, "worth more than the carrier's limit"),
}


def _judge_lane(lane: Lane, counter: Counter, is_shown: bool) -> CarrierVerdict:
    carrier, desk, table_id = lane.carrier, counter.desk, lane.tariff.table.table_id
    name = carrier.reference
    if not carrier.goes_to(desk.cep):
        return CarrierVerdict(name, Why.NOT_COVERED, "the CEP is outside the carrier's coverage", table_id=table_id)
    parcels = counter.parcels(lane)
    if isinstance(parcels, Oversize):
        why, what = _OVERSIZE[parcels.what]
        return CarrierVerdict(name, why, f"one unit of {parcels.sku} is {what}", table_id=table_id)
    base = price_parcels(lane.tariff, desk.cep, parcels)
    priced = counter.priced(lane)
    if base is None or priced is None:
        why, detail = _why_missed(lane, desk.cep, parcels)
        return CarrierVerdict(name, why, detail, parcels=parcels, table_id=table_id)
    cents, days, cut_off_min = priced
    late = f", an order from {_clock(cut_off_min)} on counts as the next day's" if cut_off_min < MINUTES else ""
    return CarrierVerdict(
        name,
        Why.OFFERED if is_shown else Why.NOT_SHOWN,
        f"{days} business days after it was handed over{late}",
        cents,
        base[0],
        desk.charge(carrier),
        parcels,
        table_id,
    )


def _why_missed(lane: Lane, cep: int, parcels: Sequence[Parcel]) -> tuple[Why, str]:
    index = lane.tariff
    for parcel in parcels:
        if index.find(cep, parcel.weight_g, parcel.volume_um3) is None:
            miss = index.miss(cep, parcel.weight_g)
            if miss is Miss.CEP:
                return Why.CEP_OUTSIDE, "no row of the table holds the CEP"
            if miss is Miss.VOLUME:
                return Why.VOLUME_OUTSIDE, "larger than the rows for this CEP and weight take"
            most = index.heaviest(cep)
            return Why.WEIGHT_OUTSIDE, f"{parcel.weight_g} g; the table's rows for this CEP take up to {most} g"
    return Why.TOO_DEAR, "would cost more than can be written down"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
