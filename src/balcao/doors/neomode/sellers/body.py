"""A store as it is answered."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from balcao.base.values import iso
from balcao.doors.neomode.address import AddressBody, show_address
from balcao.doors.neomode.orders.body import WorkingHoursBody
from balcao.doors.paging import Envelope
from balcao.doors.wire import Instant, Wire
from balcao.sellers.rules.model import Seller


class SellerShown(Wire, kw_only=True):
    """A store. `integrationConfig` and `credentialsString` are documented and always null: no secret leaks here."""

    id: UUID
    client_id: str
    cnpj: str
    point_sale_id: str | None
    name: str
    full_name: str
    company_name: str | None
    email: str | None
    phone_number: str | None
    whatsapp_phone_number: str | None
    gateway_id: str | None
    address: AddressBody | None
    working_hours: list[WorkingHoursBody]
    holidays: list[date]
    is_active: bool
    is_ecommerce: bool
    pickup_enabled: bool
    delivery_enabled: bool
    handling_days: int
    safety_stock: int
    priority: int
    latitude: Decimal | None
    longitude: Decimal | None
    time_zone: str | None
    pickup_lead_minutes: int | None
    create_date: Instant
    last_update: Instant
    integration_config: Any = None
    credentials_string: str | None = None


class SellerPage(Envelope, kw_only=True):
    """One page of stores."""

    sellers: list[SellerShown]


def show_seller(seller: Seller, tenant: str) -> SellerShown:
    """The store as it is answered."""
    return SellerShown(
        id=seller.seller_id,
        client_id=tenant,
        cnpj=seller.cnpj,
        point_sale_id=seller.point_sale_id,
        name=seller.name,
        full_name=seller.full_name,
        company_name=seller.company_name,
        email=seller.email,
        phone_number=seller.phone_number,
        whatsapp_phone_number=seller.whatsapp_phone_number,
        gateway_id=seller.gateway_id,
        address=show_address(seller.address),
        working_hours=[
            WorkingHoursBody(weekday=opening.weekday, opens=opening.opens, closes=opening.closes)
            for opening in seller.working_hours
        ],
        holidays=list(seller.holidays),
        is_active=seller.is_active,
        is_ecommerce=seller.is_ecommerce,
        pickup_enabled=seller.pickup_enabled,
        delivery_enabled=seller.delivery_enabled,
        handling_days=seller.handling_days,
        safety_stock=seller.safety_stock,
        priority=seller.priority,
        latitude=seller.latitude,
        longitude=seller.longitude,
        time_zone=seller.time_zone,
        pickup_lead_minutes=seller.pickup_lead_minutes,
        create_date=iso(seller.created_us),
        last_update=iso(seller.last_update_us),
    )
