"""A store as the ERP sends it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from balcao.base.address import Address
from balcao.base.errors import Invalid
from balcao.base.values import parse_cep, strip_document
from balcao.doors.wire import Wire
from balcao.sellers.rules.draft import SellerDraft
from balcao.sellers.rules.model import SellerBody, WorkingHours

Short = Annotated[str, msgspec.Meta(max_length=500)]


class AddressAsked(Wire, kw_only=True):
    """Where the store is; the CEP as `cep` or `zipCode`, with or without hyphen."""

    __aliases__: ClassVar[Mapping[str, str]] = {"zipCode": "cep"}

    cep: Short
    street: Short | None = None
    number: Short | None = None
    complement: Short | None = None
    neighborhood: Short | None = None
    city: Short | None = None
    state: Short | None = None
    country: Short | None = None
    reference: Short | None = None
    label: Short | None = None
    recipient: Short | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class WorkingHoursAsked(Wire, kw_only=True):
    """One opening: `weekday` from 1 (Monday) to 7 (Sunday), local times as `HH:MM`."""

    weekday: int
    opens: str
    closes: str


class SellerAsked(Wire, kw_only=True):
    """A whole store: what is left out goes back to its default. Found by `cnpj`, with or without punctuation.

    `name` may come as `fullName` or `companyName` alone. `timeZone`: the IANA name of the zone that its hours are in,
    its state's unless given; `pickupLeadMinutes`: how long after an order the buyer may collect, the `handlingDays`
    unless given. `integrationConfig` and `credentialsString` are accepted and thrown away: other systems' secrets are
    not kept here.
    """

    __example__: ClassVar[Any] = {
        "cnpj": "04.109.169/0001-35",
        "pointSaleId": "SP01",
        "name": "Paulista",
        "companyName": "Comércio de Roupas Ltda.",
        "email": "sp01@loja.example",
        "phoneNumber": "1133334444",
        "address": {
            "street": "Avenida Paulista",
            "number": "1500",
            "neighborhood": "Bela Vista",
            "cep": "01310-100",
            "city": "São Paulo",
            "state": "SP",
        },
        "latitude": -23.5622,
        "longitude": -46.6549,
        "workingHours": [{"weekday": 1, "opens": "10:00", "closes": "22:00"}],
        "holidays": ["2026-12-25"],
        "handlingDays": 1,
        "safetyStock": 2,
        "priority": 1,
    }

    cnpj: Short
    point_sale_id: Short | None = None
    name: Short | None = None
    full_name: Short | None = None
    company_name: Short | None = None
    email: Short | None = None
    phone_number: Short | None = None
    whatsapp_phone_number: Short | None = None
    gateway_id: Short | None = None
    address: AddressAsked | None = None
    working_hours: Annotated[list[WorkingHoursAsked], msgspec.Meta(max_length=100)] | None = None
    holidays: Annotated[list[date], msgspec.Meta(max_length=1000)] | None = None
    is_active: bool = True
    is_ecommerce: bool = False
    pickup_enabled: bool = True
    delivery_enabled: bool = True
    handling_days: int = 0
    safety_stock: int = 0
    priority: int = 0
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    time_zone: Short | None = None
    pickup_lead_minutes: int | None = None
    integration_config: Any = None
    credentials_string: Any = None


def draft_of(sent: SellerAsked) -> SellerDraft:
    """The store that is asked for. Raises Invalid for a CEP that is none."""
    return SellerDraft(
        cnpj=strip_document(sent.cnpj),
        name=text(sent.name) or text(sent.full_name) or text(sent.company_name) or "",
        point_sale_id=text(sent.point_sale_id),
        is_active=sent.is_active,
        pickup_enabled=sent.pickup_enabled,
        delivery_enabled=sent.delivery_enabled,
        handling_days=sent.handling_days,
        safety_stock=sent.safety_stock,
        priority=sent.priority,
        body=_body(sent),
    )


def text(sent: str | None) -> str | None:
    """Without blanks around; blank is as good as nothing."""
    return (sent or "").strip() or None


def _body(sent: SellerAsked) -> SellerBody:
    hours = (WorkingHours(weekday=day.weekday, opens=day.opens, closes=day.closes) for day in sent.working_hours or ())
    return SellerBody(
        full_name=text(sent.full_name),
        company_name=text(sent.company_name),
        email=text(sent.email),
        phone_number=text(sent.phone_number),
        whatsapp_phone_number=text(sent.whatsapp_phone_number),
        gateway_id=text(sent.gateway_id),
        address=_address(sent.address) if sent.address else None,
        working_hours=tuple(hours),
        holidays=tuple(sorted(set(sent.holidays or ()))),
        is_ecommerce=sent.is_ecommerce,
        latitude=sent.latitude,
        longitude=sent.longitude,
        time_zone=text(sent.time_zone),
        pickup_lead_minutes=sent.pickup_lead_minutes,
    )


def _address(sent: AddressAsked) -> Address:
    cep = parse_cep(sent.cep)
    if cep is None:
        raise Invalid(errors={"address.cep": ["must be a CEP, such as 01001-000"]})
    return Address(
        cep=cep,
        street=sent.street or "",
        number=sent.number or "",
        complement=text(sent.complement),
        neighborhood=sent.neighborhood or "",
        city=sent.city or "",
        state=sent.state or "",
        country=text(sent.country) or "BR",
        reference=text(sent.reference),
        label=text(sent.label),
        recipient=text(sent.recipient),
        latitude=sent.latitude,
        longitude=sent.longitude,
    )
