"""What a sample NF-e is about: issuer, recipient, items and amounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import msgspec

from .access_key import STATE_CODES, access_key_check_digit
from .envelope import MODEL

BRASILIA = timezone(timedelta(hours=-3))
CENT = Decimal("0.01")


class SampleParty(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a bare document (CNPJ 14, CPF 11 characters) and an address; `city_code` is IBGE's.

    A recipient's name is not printed: the test environment demands a fixed one.
    """

    document: str
    name: str
    state_registration: str | None = None
    street: str = "Avenida Paulista"
    number: str = "1578"
    district: str = "Bela Vista"
    city: str = "São Paulo"
    city_code: str = "3550308"
    state: str = "SP"
    zip_code: str = "01310200"
    phone: str = "1131000000"


class SampleItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the note: whole pieces, `unit_price` in reais, `ncm` the 8 digits of its kind of goods."""

    code: str
    description: str
    quantity: int
    unit_price: Decimal
    ean: str | None = None
    ncm: str = "61091000"

    @property
    def total(self) -> Decimal:
        """Quantity times price, in whole cents."""
        return (self.quantity * self.unit_price).quantize(CENT)


class SampleNfe(msgspec.Struct, frozen=True, kw_only=True):
    """What the note is about; its total is the items' plus `freight` less `discount`, all in reais."""

    issuer: SampleParty
    recipient: SampleParty
    number: int
    issued_at: datetime
    items: Sequence[SampleItem]
    serie: int = 1
    freight: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    weight_g: int = 1000
    carrier: SampleParty | None = None
    order_number: str | None = None
    with_protocol: bool = True

    @property
    def total(self) -> Decimal:
        """The note's vNF."""
        return sum((item.total for item in self.items), Decimal(0)) + self.freight - self.discount

    @property
    def access_key(self) -> str:
        """The note's key; the same note always has the same, its "random" code being drawn from its own fields."""
        issuer = self.issuer.document.zfill(14)
        seed = f"{issuer}/{self.serie}/{self.number}".encode()
        code = int.from_bytes(sha256(seed).digest()[:4]) % 100_000_000
        first_43 = (
            f"{STATE_CODES[self.issuer.state]}{self.issued_at.astimezone(BRASILIA):%y%m}{issuer}"
            f"{MODEL}{self.serie:03}{self.number:09}1{code:08}"
        )
        return first_43 + access_key_check_digit(first_43)
