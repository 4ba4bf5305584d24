"""The network of one tenant: stores, carriers, tables in force and rules, as one consistent whole."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from balcao.base.values import Micros, SellerId
from balcao.freight.rules.calendar import StoreCalendar
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import Charges, FreightRule, Occasion, holding
from balcao.freight.rules.index import TableIndex
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.timetable import MINUTE_US, Timetable
from balcao.freight.rules.versions import Table
from balcao.sellers.rules import Seller

CHARGES_MAX = 1000


class Lane(NamedTuple):
    """A carrier and the table in force that it has for a store; packing: a number that it shares with the carriers that
    get the same parcels.
    """

    carrier: Carrier
    tariff: TableIndex
    packing: int


class Place:
    """A store with its calendar and its lanes, one a carrier, by reference.

    rank: its place by priority and CNPJ; key: the bytes of its id; kind: a number that it shares with those whose
    lanes, days and ways of handing over are the same, so that the same is offered from each of them. Those with the
    same lanes share the very tuple.
    """

    __slots__ = ("calendar", "key", "kind", "lanes", "rank", "safety_stock", "seller")

    def __init__(self, rank: int, seller: Seller, lanes: tuple[Lane, ...]) -> None:
        self.rank = rank
        self.seller = seller
        self.key = seller.seller_id.bytes
        self.safety_stock = seller.safety_stock
        self.calendar = StoreCalendar(seller)
        self.lanes = lanes
        self.kind = rank

    def __repr__(self) -> str:
        return f"Place({self.rank}, {self.seller.cnpj})"


class Places(tuple[Place, ...]):
    """Stores, by priority and then CNPJ."""

    @cached_property
    def by_id(self) -> Mapping[bytes, Place]:
        """The same by the bytes of the store's id."""
        return {place.key: place for place in self}


class Settings(NamedTuple):
    """What the freight's own tables hold of a tenant. version: None before anything was ever set."""

    version: UUID | None
    changed_us: Micros
    carriers: tuple[Carrier, ...]
    tables: tuple[Table, ...]
    rules: tuple[FreightRule, ...]


class Network:
    """Never changed, but for what it remembers: what changes makes a new one, which shares the tables that stayed.

    version: of the freight's settings; sellers_us: the newest change of a store that it knows.
    """

    def __init__(
        self,
        settings: Settings,
        sellers: Iterable[Seller],
        indexes: Mapping[UUID, TableIndex],
        *,
        sellers_us: Micros,
    ) -> None:
        self.settings = settings
        self.version = settings.version
        self.changed_us = settings.changed_us
        self.sellers_us = sellers_us
        self.rules = settings.rules
        self.carriers = {one.reference: one for one in sorted(settings.carriers, key=lambda one: one.reference)}
        self.indexes = {table.table_id: indexes[table.table_id] for table in settings.tables}
        self._packings: dict[tuple[int | None, ...], int] = {}
        by_origin = {
            (table.reference, table.seller_id, table.origin_state): indexes[table.table_id] for table in settings.tables
        }
        ordered = sorted(sellers, key=lambda one: (one.priority, one.cnpj))
        self.places = Places(Place(rank, one, self._lanes(one, by_origin)) for rank, one in enumerate(ordered))
        self.active = Places(place for place in self.places if place.seller.is_active)
        _liken(self.places)
        self._timetable = Timetable(Micros(0))
        self._charges: dict[tuple[str, ...], Charges] = {}

    def timetable(self, now: Micros) -> Timetable:
        """What the stores' calendars say of that minute; remembered for those who ask in the same one."""
        if self._timetable.minute != now // MINUTE_US:
            self._timetable = Timetable(now)
        return self._timetable

    def charges(self, at: Occasion) -> Charges:
        """What the rules that hold make of the carriers' prices; few sets of rules ever hold together."""
        rules = holding(self.rules, at)
        codes = tuple(rule.code for rule in rules)
        known = self._charges.get(codes)
        if known is None:
            if len(self._charges) >= CHARGES_MAX:
                self._charges.clear()
            known = self._charges[codes] = Charges(rules)
        return known

    @property
    def nbytes(self) -> int:
        """What the tables take of memory."""
        return sum(index.nbytes for index in self.indexes.values())

    @property
    def row_count(self) -> int:
        """How many rows are in force."""
        return sum(len(index) for index in self.indexes.values())

    def _lanes(self, seller: Seller, by_origin: Mapping[tuple[str, SellerId, str], TableIndex]) -> tuple[Lane, ...]:
        """The store's own table beats its state's, that the one for all, even where it does not go to a CEP."""
        origins = ((seller.seller_id, ""), (EVERY_SELLER, state_of(seller)), (EVERY_SELLER, ""))
        lanes = []
        for reference, carrier in self.carriers.items():
            found = (by_origin.get((reference, *origin)) for origin in origins)
            index = next((one for one in found if one is not None), None)
            if index is not None:
                packing = self._packings.setdefault(carrier.packing, len(self._packings))
                lanes.append(Lane(carrier, index, packing))
        return tuple(lanes)


def _liken(places: Iterable[Place]) -> None:
    """Give one kind, and one calendar, to all that are alike, and one tuple of lanes to all that have the same."""
    kinds: dict[tuple[object, ...], Place] = {}
    fleets: dict[tuple[int, ...], tuple[Lane, ...]] = {}
    for place in places:
        lanes = tuple(id(lane.tariff) for lane in place.lanes)
        place.lanes = fleets.setdefault(lanes, place.lanes)
        seller = place.seller
        key = (lanes, place.calendar.key, seller.pickup_enabled, seller.delivery_enabled)
        like = kinds.setdefault(key, place)
        place.kind, place.calendar = like.kind, like.calendar


def state_of(seller: Seller) -> str:
    """Two letters, or nothing."""
    return seller.address.state.strip().upper() if seller.address else ""
