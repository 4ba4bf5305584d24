"""What may be sent about a store, and what is wrong with it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

import msgspec

from balcao.base.values import QUANTITY_MAX, Micros, SellerId, cnpj_has_format
from balcao.sellers.rules.model import Seller, SellerBody

NAME_LENGTH_MAX = 300
POINT_SALE_ID_LENGTH_MAX = 255
"""The unique index holds it."""
HANDLING_DAYS_MAX = 365
PICKUP_LEAD_MAX_MIN = 60 * 24 * 60
PRIORITY_MAX = 1_000_000
LATITUDE_MAX = Decimal(90)
LONGITUDE_MAX = Decimal(180)
_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")


class SellerDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A whole store as sent: it replaces the record, so what is left out is the default. `cnpj` comes stripped."""

    cnpj: str
    name: str
    point_sale_id: str | None = None
    is_active: bool = True
    pickup_enabled: bool = True
    delivery_enabled: bool = True
    handling_days: int = 0
    safety_stock: int = 0
    priority: int = 0
    body: SellerBody = SellerBody()

    def as_seller(self, seller_id: SellerId) -> Seller:
        """The store that it asks for, under this id and with no instants yet."""
        return Seller(seller_id=seller_id, **{name: getattr(self, name) for name in self.__struct_fields__})


def check_draft(draft: SellerDraft) -> Iterator[tuple[str, str]]:
    """What is wrong with it: field (in its documented spelling) and message."""
    if not cnpj_has_format(draft.cnpj):
        yield "cnpj", "must be a CNPJ: 14 characters, the last two digits"
    if not 1 <= len(draft.name) <= NAME_LENGTH_MAX:
        yield "name", f"must have 1 to {NAME_LENGTH_MAX} characters"
    if len(draft.point_sale_id or "") > POINT_SALE_ID_LENGTH_MAX:
        yield "pointSaleId", f"must have at most {POINT_SALE_ID_LENGTH_MAX} characters"
    if not 0 <= draft.handling_days <= HANDLING_DAYS_MAX:
        yield "handlingDays", f"must be from 0 to {HANDLING_DAYS_MAX}"
    if not 0 <= draft.safety_stock <= QUANTITY_MAX:
        yield "safetyStock", f"must be from 0 to {QUANTITY_MAX}"
    if not -PRIORITY_MAX <= draft.priority <= PRIORITY_MAX:
        yield "priority", f"must be from {-PRIORITY_MAX} to {PRIORITY_MAX}"
    if not 0 <= (draft.body.pickup_lead_minutes or 0) <= PICKUP_LEAD_MAX_MIN:
        yield "pickupLeadMinutes", f"must be from 0 to {PICKUP_LEAD_MAX_MIN}"
    if draft.body.time_zone is not None and draft.body.time_zone not in _zones():
        yield "timeZone", "must be the IANA name of a time zone, such as America/Manaus"
    yield from _check_hours(draft.body)
    yield from _check_place("", draft.body.latitude, draft.body.longitude)
    if draft.body.address:
        yield from _check_place("address.", draft.body.address.latitude, draft.body.address.longitude)


def _check_hours(body: SellerBody) -> Iterator[tuple[str, str]]:
    for n, hours in enumerate(body.working_hours):
        if not 1 <= hours.weekday <= 7:
            yield f"workingHours[{n}].weekday", "must be from 1 (Monday) to 7 (Sunday)"
        if not (_HOUR.fullmatch(hours.opens) and _HOUR.fullmatch(hours.closes)):
            yield f"workingHours[{n}]", "opens and closes must be HH:MM"
        elif hours.opens >= hours.closes:
            yield f"workingHours[{n}]", "must open before it closes"


def _check_place(prefix: str, latitude: Decimal | None, longitude: Decimal | None) -> Iterator[tuple[str, str]]:
    if latitude is not None and abs(latitude) > LATITUDE_MAX:
        yield f"{prefix}latitude", "must be from -90 to 90"
    if longitude is not None and abs(longitude) > LONGITUDE_MAX:
        yield f"{prefix}longitude", "must be from -180 to 180"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_same(one: Seller, other: Seller) -> bool:
    """Whether two records of one store say the same, whenever they were written."""
    return _timeless(one) == _timeless(other)


def _timeless(seller: Seller) -> Seller:
    return msgspec.structs.replace(seller, created_us=Micros(0), last_update_us=Micros(0))
