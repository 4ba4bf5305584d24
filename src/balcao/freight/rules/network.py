"""The network of one tenant: stores, carriers, tables in force and rules, as one consistent whole."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from balcao.base.values import Micros, SellerId
from balcao.freight.rules.calendar import StoreCalendar
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import FreightRule
from balcao.freight.rules.index import TableIndex
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.versions import Table
from balcao.sellers.rules import Seller


class Lane(NamedTuple):
    """A carrier and the table in force that it has for a store."""

    carrier: Carrier
    tariff: TableIndex


class Place:
    """A store with its calendar and its lanes, one a carrier, by reference; rank: its place by priority and CNPJ."""

    __slots__ = ("calendar", "lanes", "rank", "seller")

    def __init__(self, rank: int, seller: Seller, lanes: tuple[Lane, ...]) -> None:
        self.rank = rank
        self.seller = seller
        self.calendar = StoreCalendar(seller)
        self.lanes = lanes

    def __repr__(self) -> str:
        return f"Place({self.rank}, {self.seller.cnpj})"


class Settings(NamedTuple):
    """What the freight's own tables hold of a tenant. version: None before anything was ever set."""

    version: UUID | None
    changed_us: Micros
    carriers: tuple[Carrier, ...]
    tables: tuple[Table, ...]
    rules: tuple[FreightRule, ...]


class Network:
    """Never changed: what changes makes a new one, which shares the tables that stayed.

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
        by_origin = {
            (table.reference, table.seller_id, table.origin_state): indexes[table.table_id] for table in settings.tables
        }
        ordered = sorted(sellers, key=lambda one: (one.priority, one.cnpj))
        self.places = tuple(Place(rank, one, self._lanes(one, by_origin)) for rank, one in enumerate(ordered))
        self.by_id = {place.seller.seller_id: place for place in self.places}

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
                lanes.append(Lane(carrier, index))
        return tuple(lanes)


def state_of(seller: Seller) -> str:
    """Two letters, or nothing."""
    return seller.address.state.strip().upper() if seller.address else ""
