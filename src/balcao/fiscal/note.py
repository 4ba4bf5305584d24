"""An NF-e as a value: what Balcão needs of the hundreds of fields of its XML."""

from datetime import datetime
from decimal import Decimal

import msgspec


class NfeItem(msgspec.Struct, frozen=True, kw_only=True):
    """One `det`: the issuer's own code, the EAN (None for "SEM GTIN"), quantity, prices in reais before discount."""

    code: str
    ean: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


class Nfe(msgspec.Struct, frozen=True, kw_only=True):
    """Documents are bare (CNPJ 14, CPF 11 characters; a foreign recipient's as given); `total` is vNF in reais;
    `issued_at` keeps the issuer's zone; `is_production` is False for notes of the tax offices' test environment,
    which have no fiscal value; `protocol` is None, and `is_authorized` False, for a note without protocol.
    """

    access_key: str
    layout: str
    model: str
    number: int
    serie: int
    issued_at: datetime
    issuer_document: str
    issuer_name: str
    recipient_document: str | None
    recipient_name: str | None
    total: Decimal
    items: tuple[NfeItem, ...]
    protocol: str | None
    is_authorized: bool
    is_production: bool
