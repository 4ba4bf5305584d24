"""A postal address in Brazil, as stores, buyers and deliveries have one."""

from decimal import Decimal

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address; `cep` is eight digits without hyphen, coordinates are decimal degrees."""

    cep: str
    street: str = ""
    number: str = ""
    complement: str | None = None
    neighborhood: str = ""
    city: str = ""
    state: str = ""
    country: str = "BR"
    reference: str | None = None
    label: str | None = None
    recipient: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None

    @property
    def full(self) -> str:
        """One line, as on an envelope: `Rua X, 12 - Ap 3, Bairro, Cidade - UF, 01234-567`."""
        street = _joined(", ", self.street, self.number)
        if self.complement:
            street = f"{street} - {self.complement}"
        city = _joined(" - ", self.city, self.state)
        return _joined(", ", street, self.neighborhood, city, f"{self.cep[:5]}-{self.cep[5:]}")


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts))
