"""A postal address as every answer shows one."""

from decimal import Decimal

from balcao.base.address import Address
from balcao.doors.wire import Wire


class AddressBody(Wire, kw_only=True):
    """An address; `cep` and `zipCode` are the same eight digits."""

    street: str
    number: str
    complement: str | None
    neighborhood: str
    cep: str
    zip_code: str
    city: str
    state: str
    country: str
    reference: str | None
    label: str | None
    recipient: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    full_address: str


def show_address(address: Address | None) -> AddressBody | None:
    """The address with both names of the CEP (the current order body has `cep`, the older one `zipCode`)."""
    if address is None:
        return None
    return AddressBody(
        street=address.street,
        number=address.number,
        complement=address.complement,
        neighborhood=address.neighborhood,
        cep=address.cep,
        zip_code=address.cep,
        city=address.city,
        state=address.state,
        country=address.country,
        reference=address.reference,
        label=address.label,
        recipient=address.recipient,
        latitude=address.latitude,
        longitude=address.longitude,
        full_address=address.full,
    )
