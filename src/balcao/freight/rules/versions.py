"""Tables as versions: what is loaded, what is in force where, what was wrong."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from balcao.base.values import Micros, SellerId
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.rates import Wide

STATES = frozenset(
    "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO".split()  # noqa: SIM905
)


class NewTable(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A carrier's table to load: for one store (`seller_cnpj`), for a state's (`origin_state`) or for all.

    reference: the carrier's short name, which an order's `freight.reference` repeats; description: what shoppers read,
    None to keep the carrier's; source: the file that it came from.
    """

    reference: str
    description: str | None = None
    seller_cnpj: str | None = None
    origin_state: str = ""
    source: str = ""
    rows: Wide


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a carrier's table for one origin.

    seller_cnpj: of the store that it is for, None where it is for more; in_force_us: since when it is, or was last.
    """

    table_id: UUID
    reference: str
    description: str
    seller_id: SellerId = EVERY_SELLER
    seller_cnpj: str | None = None
    origin_state: str = ""
    row_count: int
    loaded_us: Micros
    in_force_us: Micros
    is_current: bool = True
    loaded_by: str = ""
    source: str = ""


class RowError(NamedTuple):
    """What is wrong with a table to load.

    `table` and `row` count from 0, `row` None when it is the whole table; `other` is the row that an overlap is with.
    """

    table: int
    row: int | None
    field: str
    message: str
    other: int | None = None


class Gap(NamedTuple):
    """What a table leaves out between its first and its last: allowed, and seldom meant."""

    table: int
    row: int
    message: str
