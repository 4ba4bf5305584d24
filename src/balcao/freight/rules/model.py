"""What carts, options and quotes are made of. Money is BRL, weights are whole grams, sides micrometres."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

import msgspec

from balcao.base.values import Micros, SellerId, Tenant
from balcao.sellers.rules import Seller

EVERY_SELLER = SellerId(UUID(int=0))
"""The seller of a table that is not one store's own."""
KEEP_US = 15 * 24 * 3600 * 1_000_000
"""Fifteen days: how long a persisted quote is kept (contract, section 4)."""
ITEMS_MAX = 500
RESULTS_DEFAULT = 50
"""How many freights a package shows unless `MaxResults` says otherwise."""
E4 = 10_000
"""Money and percentages are computed as whole ten-thousandths."""


class AskedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the cart as asked; weight_mg and sides_um: of one packed unit, None when not sent."""

    sku: str
    quantity: int
    price: Decimal
    weight_mg: int | None = None
    sides_um: tuple[int, int, int] | None = None


class SkuFact(NamedTuple):
    """What the catalogue and the shelves say of a SKU: its packed unit, and the units not reserved in each store.

    weight_mg: None where the catalogue is silent; sides_um: (0, 0, 0) then; held: by the bytes of the store's id.
    """

    is_sold: bool
    is_deleted: bool
    pickup_only: bool
    weight_mg: int | None
    sides_um: tuple[int, int, int]
    held: Mapping[bytes, int]


class AskFacts(NamedTuple):
    """The SKUs of one cart, and the channel that it is for; with_stock: whether the shelves matter."""

    platform: str
    skus: frozenset[str]
    with_stock: bool


class Facts(NamedTuple):
    """What a quote has to know at this very moment.

    version: of the freight's settings; sellers_us: the newest change of a store; stock_policy: the channel's, None
    where there is no such channel; skus: by code, those that there are, maybe with some that were not asked for.
    """

    version: UUID | None
    sellers_us: Micros
    stock_policy: str | None
    skus: dict[str, SkuFact]


class Line(NamedTuple):
    """A line of the cart, or a package's part of it; lines sort by SKU."""

    sku: str
    quantity: int
    price: Decimal
    weight_mg: int
    sides_um: tuple[int, int, int]
    pickup_only: bool = False


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How to quote (the contract's query parameters) and at which instant."""

    now: Micros
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
    explain: bool = False


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


class Service(NamedTuple):
    """What an option offers, the same from each of the stores that are alike.

    delivery_time: business days from today, the store's `handling_time` included; table_id: the version of the
    carrier's table, None for pickup.
    """

    type: OptionType
    reference: str
    description: str
    amount: Decimal
    delivery_time: int
    delivery_date: date
    handling_time: int
    table_id: UUID | None = None


class Option(NamedTuple):
    """One way to get a package from one store; calculation_key: under which it is kept, None when it is not."""

    service: Service
    seller: Seller
    calculation_key: str | None = None

    @property
    def type(self) -> OptionType:
        """How the goods reach the buyer."""
        return self.service.type

    @property
    def reference(self) -> str:
        """The carrier's short name."""
        return self.service.reference

    @property
    def description(self) -> str:
        """What shoppers read."""
        return self.service.description

    @property
    def amount(self) -> Decimal:
        """BRL."""
        return self.service.amount

    @property
    def delivery_time(self) -> int:
        """Business days from today."""
        return self.service.delivery_time

    @property
    def delivery_date(self) -> date:
        """The day on which it arrives, or is ready."""
        return self.service.delivery_date

    @property
    def handling_time(self) -> int:
        """The store's part of the business days."""
        return self.service.handling_time

    @property
    def table_id(self) -> UUID | None:
        """The version of the carrier's table."""
        return self.service.table_id


class Offering(NamedTuple):
    """Options next to each other that are the same but for the store: a quote has fifty of those, and a handful of
    services.

    calculation_keys: one a store, none where the options are not kept.
    """

    service: Service
    sellers: tuple[Seller, ...]
    calculation_keys: tuple[str, ...] = ()


class Package(msgspec.Struct, frozen=True):
    """Goods that travel together, the stores that can send them, and every option, best first."""

    lines: tuple[Line, ...]
    sellers: tuple[Seller, ...]
    offerings: tuple[Offering, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        """One by one."""
        return tuple(
            Option(service, seller, key)
            for service, sellers, keys in self.offerings
            for seller, key in zip_longest(sellers, keys)
        )


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


@lru_cache(maxsize=65_536)
def in_reais(cents: int) -> Decimal:
    """Whole centavos as reais."""
    return Decimal(cents // 100) if cents % 100 == 0 else Decimal(cents).scaleb(-2)


def to_e4(amount: Decimal) -> int:
    """Reais, or percent, as whole ten-thousandths."""
    return int(amount * E4)
