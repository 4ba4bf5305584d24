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
    """A store that can send the package; `distance` in kilometres, null unless both places are known."""

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
    """Goods that travel together, the stores that can send them, and how: the cheapest first, then the fastest."""

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


class SimulationShown(Wire, kw_only=True):
    """The answer. `packages` is the best way to get the cart; `combinations` the ways in several packages."""

    id: UUID
    packages: list[PackageShown]
    unavailables: list[UnavailableShown]
    combinations: list[CombinationShown]
