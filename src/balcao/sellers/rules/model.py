"""What a seller (a store) is."""

from datetime import date
from decimal import Decimal

import msgspec

from balcao.base.address import Address
from balcao.base.values import Micros, SellerId


class WorkingHours(msgspec.Struct, frozen=True, kw_only=True):
    """One opening on one weekday, by ISO 8601: 1 is Monday, 7 is Sunday; `opens` and `closes` are local `HH:MM`."""

    weekday: int
    opens: str
    closes: str


class SellerBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a store that no query asks for, kept as one JSON document."""

    full_name: str | None = None
    company_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    whatsapp_phone_number: str | None = None
    gateway_id: str | None = None
    address: Address | None = None
    working_hours: tuple[WorkingHours, ...] = ()
    holidays: tuple[date, ...] = ()
    is_ecommerce: bool = False
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    time_zone: str | None = None
    pickup_lead_minutes: int | None = None


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """A store as it stands.

    cnpj: fourteen characters without punctuation; point_sale_id: the store's own number in the ERP, unique in the
    tenant; handling_days: days to separate and hand over; safety_stock: units of every SKU never offered; priority:
    lower is asked first.
    """

    seller_id: SellerId
    cnpj: str
    point_sale_id: str | None
    name: str
    is_active: bool = True
    pickup_enabled: bool = True
    delivery_enabled: bool = True
    handling_days: int = 0
    safety_stock: int = 0
    priority: int = 0
    created_us: Micros = Micros(0)
    last_update_us: Micros = Micros(0)
    body: SellerBody = SellerBody()

    @property
    def full_name(self) -> str:
        """The name in full, the short one where there is no other."""
        return self.body.full_name or self.name

    @property
    def company_name(self) -> str | None:
        """The legal name (razão social)."""
        return self.body.company_name

    @property
    def email(self) -> str | None:
        """The store's e-mail address."""
        return self.body.email

    @property
    def phone_number(self) -> str | None:
        """The store's telephone."""
        return self.body.phone_number

    @property
    def whatsapp_phone_number(self) -> str | None:
        """The store's WhatsApp number."""
        return self.body.whatsapp_phone_number

    @property
    def gateway_id(self) -> str | None:
        """The store's id at the payment gateway."""
        return self.body.gateway_id

    @property
    def address(self) -> Address | None:
        """Where the store is."""
        return self.body.address

    @property
    def working_hours(self) -> tuple[WorkingHours, ...]:
        """When the store is open; empty means that nobody said."""
        return self.body.working_hours

    @property
    def holidays(self) -> tuple[date, ...]:
        """Days on which the store is closed."""
        return self.body.holidays

    @property
    def is_ecommerce(self) -> bool:
        """Whether this is the tenant's web store rather than one that people walk into."""
        return self.body.is_ecommerce

    @property
    def time_zone(self) -> str | None:
        """The IANA name of the zone whose time its hours are in; None: that of its state."""
        return self.body.time_zone

    @property
    def pickup_lead_minutes(self) -> int | None:
        """How long after an order the buyer may collect, while the store is open; None: after the handling days."""
        return self.body.pickup_lead_minutes

    @property
    def latitude(self) -> Decimal | None:
        """Decimal degrees, the address's where the store itself names none."""
        return self.body.latitude if self.body.latitude is not None else self._of_address("latitude")

    @property
    def longitude(self) -> Decimal | None:
        """Decimal degrees, the address's where the store itself names none."""
        return self.body.longitude if self.body.longitude is not None else self._of_address("longitude")

    def _of_address(self, field: str) -> Decimal | None:
        return getattr(self.body.address, field) if self.body.address else None
