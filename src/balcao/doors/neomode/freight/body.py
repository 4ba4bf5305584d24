"""What a freight simulation answers."""

from decimal import Decimal
from uuid import UUID

from balcao.doors.neomode.address import AddressBody
from balcao.doors.wire import Instant, Wire


class PackedItem(Wire, kw_only=True):
    """What of the cart is in the package."""

    sku: str
    quantity: int
    price: Decimal


class SenderShown(Wire, kw_only=True):
    """A store of one of the package's freights; `distance` in kilometres, null unless both places are known."""

    seller_id: UUID
    cnpj: str
    point_sale_id: str | None
    name: str
    address: AddressBody | None
    distance: Decimal | None


class FreightShown(Wire, kw_only=True):
    """One way to get the package. `deliveryTime`: business days, the store's `handlingTime` included.

    `calculationKey` is for the order that takes it, null unless the simulation was asked to persist. `deliveryDate` is
    noon of that day in Brasília. `carrier` is null where the buyer collects.
    """

    calculation_key: str | None
    type: str
    reference: str
    description: str
    amount: Decimal
    delivery_time: int
    delivery_date: Instant
    handling_time: int
    seller_cnpj: str
    carrier: str | None
    sla: str


class PackageShown(Wire, kw_only=True):
    """Goods that travel together, how, and from which stores: the cheapest first, then the fastest."""

    items: list[PackedItem]
    sellers: list[SenderShown]
    freights: list[FreightShown]


class UnavailableShown(Wire, kw_only=True):
    """A SKU that is not quoted.

    `reason`: `UnknownSku`, `InactiveSku`, `NoStore` (none may send), `OutOfStock`, `NoCommonStore` (no store has it
    together with the rest), `NoDelivery` (no store that has it delivers there or lets the buyer collect).
    """

    sku: str
    quantity: int
    available: int
    reason: str


class CombinationShown(Wire, kw_only=True):
    """Packages that together are the cart: the sum of their cheapest deliveries and the slowest of them.

    Where a store does not deliver, collecting there counts.
    """

    packages: list[PackageShown]
    total_amount: Decimal
    delivery_time: int
    delivery_date: Instant


class VersionShown(Wire, kw_only=True):
    """A carrier's table that the answer used, and since when it is in force (`GET /v1/freight-tables/{tableId}`)."""

    table_id: UUID
    reference: str
    in_force_since: Instant


class ParcelShown(Wire, kw_only=True):
    """What the carrier weighs: `weightKg` is the larger of weight and volumetric weight; `count` such parcels."""

    weight_kg: Decimal
    volume_cm3: Decimal
    value: Decimal
    count: int


class CarrierVerdictShown(Wire, kw_only=True):
    """Why a carrier is offered or not, judged on the whole cart.

    `verdict`: `Offered`, `NotShown` (it could be, and `MaxResults`, `UniqueSlas` or a better package left it out),
    `PickupOff`, `DeliveryOff`, `PickupOnly`, `CarrierOff`, `NoTable`, `NotCovered`, `CepOutside`, `WeightOutside`,
    `VolumeOutside`, `TooHeavy`, `TooLong`, `TooValuable`, `TooDear`. `tableAmount` is the price before `rules`.
    """

    reference: str
    verdict: str
    detail: str
    amount: Decimal | None
    table_amount: Decimal | None
    rules: list[str]
    parcels: list[ParcelShown]
    table_id: UUID | None


class ShortShown(Wire, kw_only=True):
    """A SKU that the store has not enough of."""

    sku: str
    quantity: int
    available: int


class StoreVerdictShown(Wire, kw_only=True):
    """Why a store is offered or not: `Offered`, `NotShown`, `NotAsked`, `Closed`, `OutOfStock`."""

    cnpj: str
    name: str
    verdict: str
    detail: str
    short: list[ShortShown]
    carriers: list[CarrierVerdictShown]


class SimulationShown(Wire, kw_only=True):
    """The answer. `packages` is the best way to get the cart; `combinations` the ways in several packages.

    `versions` are the tables that the shown freights are from, all of one moment. `explanation` is null unless it
    was asked for.
    """

    id: UUID
    packages: list[PackageShown]
    unavailables: list[UnavailableShown]
    combinations: list[CombinationShown]
    versions: list[VersionShown]
    explanation: list[StoreVerdictShown] | None = None
