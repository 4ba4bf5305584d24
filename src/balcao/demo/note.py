"""The NF-e that a store's ERP issues for an order: a sample, of the tax offices' test environment."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from balcao.demo.answers import Address, Order, Store
from balcao.demo.failure import StepFailed
from balcao.fiscal.sample import SampleItem, SampleNfe, SampleParty

CITY_CODES: Final[Mapping[str, str]] = {
    "Belo Horizonte": "3106200",
    "Belém": "1501402",
    "Brasília": "5300108",
    "Campinas": "3509502",
    "Campo Grande": "5002704",
    "Caxias do Sul": "4305108",
    "Curitiba": "4106902",
    "Florianópolis": "4205407",
    "Fortaleza": "2304400",
    "Goiânia": "5208707",
    "Joinville": "4209102",
    "Maceió": "2704302",
    "Manaus": "1302603",
    "Niterói": "3303302",
    "Porto Alegre": "4314902",
    "Recife": "2611606",
    "Ribeirão Preto": "3543402",
    "Rio Branco": "1200401",
    "Rio de Janeiro": "3304557",
    "Salvador": "2927408",
    "Santos": "3548500",
    "São Paulo": "3550308",
    "Uberlândia": "3170206",
    "Vitória": "3205309",
}
"""IBGE's codes of the sample's cities; their first two digits are the state's."""


def note_of(order: Order, *, number: int, issued_at: datetime, weight_g: int = 1000) -> SampleNfe:
    """The whole order on one note, whose total is the order's."""
    items = [
        SampleItem(
            code=item.code,
            description=item.sku.name,
            quantity=item.quantity,
            unit_price=item.unit_price,
            ean=item.barcode,
        )
        for item in order.items
    ]
    return SampleNfe(
        issuer=_issuer(order.seller),
        recipient=_recipient(order),
        number=number,
        issued_at=issued_at,
        items=items,
        freight=order.freight_amount,
        discount=Decimal(order.discount_amount),
        weight_g=weight_g,
        order_number=order.friendly_code,
    )


def _issuer(store: Store) -> SampleParty:
    name = store.company_name or store.full_name
    return _party(name, store.address, document=store.cnpj, phone=store.whatsapp_phone_number or "")


def _recipient(order: Order) -> SampleParty:
    buyer = order.buyer
    address = order.delivery_address or buyer.address
    return _party(buyer.full_name, address, document=buyer.document, phone=buyer.phone_number)


def _party(name: str, address: Address | None, *, document: str, phone: str) -> SampleParty:
    if address is None:
        raise StepFailed(f"{name} has no address, which an NF-e must name.")
    return SampleParty(
        document=document,
        name=name,
        street=address.street,
        number=address.number,
        district=address.neighborhood,
        city=address.city,
        city_code=CITY_CODES[address.city],
        state=address.state,
        zip_code=address.cep,
        phone="".join(filter(str.isdigit, phone))[-11:],
    )
