"""What tables, carts and quotes are made of. Weights are whole grams, money is BRL."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from balcao.base.values import Micros, SellerId, Tenant
from balcao.sellers.rules import Seller

EVERY_SELLER = SellerId(UUID(int=0))
"""The seller of a table that holds in every store without one of its own from the same carrier."""
KEEP_US = 15 * 24 * 3600 * 1_000_000
"""Fifteen days: how long a persisted quote is kept (contract, section 4)."""
ITEMS_MAX = 500


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a carrier's table: all four ends belong to it, CEPs are numbers (`01001-000` is 1001000)."""

    cep_start: int
    cep_end: int
    weight_start_g: int
    weight_end_g: int
    price: Decimal
    delivery_days: int


class NewTable(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's table to load: for one store, or (`seller_cnpj` None) for every store without one of its own.

    reference: the carrier's short name, which an order's `freight.reference` repeats; description: what shoppers read,
    None to keep the carrier's.
    """

    reference: str
    description: str | None = None
    seller_cnpj: str | None = None
    rows: tuple[RateRow, ...]


class RowError(NamedTuple):
    """What is wrong with a table to load.

    `table` and `row` count from 0, `row` None when it is the whole table; `other` is the row that an overlap is with.
    """

    table: int
    row: int | None
    field: str
    message: str
    other: int | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table in force; `seller_cnpj` None where it is for every store."""

    table_id: UUID
    reference: str
    description: str
    seller_id: SellerId
    seller_cnpj: str | None = None
    row_count: int
    loaded_us: Micros


class Bracket(NamedTuple):
    """What a table charges at one CEP for a package of `weight_start_g` to `weight_end_g`, both included."""

    weight_start_g: int
    weight_end_g: int
    price: Decimal
    delivery_days: int


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """One table at one CEP; without brackets where the carrier does not go there, or not with such a weight."""

    reference: str
    description: str
    seller_id: SellerId
    brackets: tuple[Bracket, ...]


class AskedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the cart as asked; weight_kg: of one packed unit, None when not sent."""

    sku: str
    quantity: int
    price: Decimal
    weight_kg: Decimal | None = None


class Line(msgspec.Struct, frozen=True, order=True):
    """A line of the cart, or a package's part of it."""

    sku: str
    quantity: int
    price: Decimal
    weight_kg: Decimal


class Shelf(msgspec.Struct, frozen=True):
    """What a store has of the cart, by SKU code; `held` None: the stock is not looked at."""

    seller: Seller
    held: Mapping[str, int] | None

    def available(self, sku: str, asked: int) -> int:
        """How many units may be promised; as many as asked where the stock is not looked at."""
        return asked if self.held is None else max(self.held.get(sku, 0), 0)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How to quote (the contract's query parameters) and on which day, in Brasília."""

    today: date
    allow_split: bool = False
    allow_unavailable: bool = False
    package_individually: bool = False
    unique_slas: bool = False
    results_max: int | None = None


class QuoteFreight(msgspec.Struct, frozen=True, kw_only=True):
    """A cart to quote. Its CEP is eight digits, its CNPJs are without punctuation.

    quote_id: under which its options are kept; platform: who asks, a channel where it names one; origin_cnpj: the only
    store that may send; seller_cnpjs: the only ones when not empty; bound_cnpj: the store that the caller is bound to.
    """

    tenant: Tenant
    quote_id: UUID
    platform: str
    cep: str
    items: tuple[AskedItem, ...]
    terms: Terms
    origin_cnpj: str | None = None
    seller_cnpjs: frozenset[str] = frozenset()
    ignored_cnpjs: frozenset[str] = frozenset()
    bound_cnpj: str | None = None
    check_stock: bool = True
    use_catalog_measure: bool = True
    persist: bool = False


class Reason(StrEnum):
    """Why a SKU is not quoted."""

    UNKNOWN_SKU = "UnknownSku"
    INACTIVE_SKU = "InactiveSku"
    NO_STORE = "NoStore"
    OUT_OF_STOCK = "OutOfStock"
    NO_COMMON_STORE = "NoCommonStore"
    """Stores have it, but none has it together with the rest."""
    NO_DELIVERY = "NoDelivery"
    """Stores have it, but none of them delivers there or lets the buyer collect."""


class Unavailable(msgspec.Struct, frozen=True, order=True):
    """A SKU of the cart that is not quoted: how many were asked for and how many there are."""

    sku: str
    quantity: int
    available: int
    reason: Reason


class OptionType(StrEnum):
    """How the goods reach the buyer."""

    DELIVERY = "Delivery"
    PICKUP = "Pickup"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One way to get a package from one store.

    delivery_time: business days from today, the store's `handling_time` included; calculation_key: the name under which
    it is kept, None when it is not.
    """

    type: OptionType
    reference: str
    description: str
    amount: Decimal
    delivery_time: int
    delivery_date: date
    handling_time: int
    seller: Seller
    calculation_key: str | None = None


class Package(msgspec.Struct, frozen=True):
    """Goods that travel together, the stores that can send them, and every option, best first."""

    lines: tuple[Line, ...]
    sellers: tuple[Seller, ...]
    options: tuple[Option, ...]


class Combination(msgspec.Struct, frozen=True):
    """Packages that together are the cart: the sum of their best deliveries and the slowest of them."""

    packages: tuple[Package, ...]
    total_amount: Decimal
    delivery_time: int
    delivery_date: date


class Quote(msgspec.Struct, frozen=True):
    """The answer; `packages` is the best way to get the cart, `combinations` the ways in several packages."""

    packages: tuple[Package, ...] = ()
    unavailables: tuple[Unavailable, ...] = ()
    combinations: tuple[Combination, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An option that was kept, as an order's calculation key names it; delivery_time in business days."""

    seller_id: SellerId
    reference: str
    amount: Decimal
    expires_us: Micros
    delivery_time: int
