"""What a provisioning asks for (contract, section 2), read from the document as it came. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

import msgspec

from balcao.base.address import Address
from balcao.base.values import cnpj_has_format, cpf_has_format, is_money, money_sum, parse_cep, strip_document
from balcao.omnichat.rules.countries import BRAZIL, country_code
from balcao.omnichat.rules.reading import Part, days_in, read_document
from balcao.orders.rules.model import Buyer, CustomDatum

PICKUP: Final = "PICKUP"
"""The shipping method that means collecting, `PICKUP-` and the store's CNPJ where it says which."""
ITEMS_MAX: Final = 500
_CENT: Final = Decimal("0.01")


class DiscountMode(StrEnum):
    """Whether the discount is an amount, or so many per cent of the items' sum."""

    ABSOLUTE = "ABSOLUTE"
    PERCENTAGE = "PERCENTAGE"


class AskedLine(msgspec.Struct, frozen=True, kw_only=True):
    """An item. names: what may name its SKU, the best first; seller: the store that it names.

    weight_g, sides_cm: of one unit, None where not sent.
    """

    object_id: str
    names: tuple[str, ...]
    quantity: int
    price: Decimal
    is_gift: bool = False
    seller: str = ""
    weight_g: Decimal | None = None
    sides_cm: tuple[Decimal, Decimal, Decimal] | None = None

    @property
    def shown(self) -> str:
        """The item as messages name it."""
        return self.names[0] if self.names else self.object_id or "?"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An order to provision. teams: what names its team, the best first; discount: BRL off the items.

    pickup: None when it is delivered, else the CNPJ of the store where it is collected, "" where none is said.
    """

    object_id: str
    buyer: Buyer
    address: Address | None
    lines: tuple[AskedLine, ...]
    teams: tuple[str, ...]
    freight_amount: Decimal
    shipping_method: str
    delivery_days: int
    discount: Decimal
    pickup: str | None = None
    dealer_code: str | None = None
    voucher_code: str | None = None
    custom_data: tuple[CustomDatum, ...] = ()

    @property
    def is_abroad(self) -> bool:
        """Whether it goes to another country, which no carrier's table of CEPs knows."""
        return self.address is not None and self.address.country != BRAZIL

    @property
    def total(self) -> Decimal:
        """What is to be paid, BRL."""
        return money_sum(line.price * line.quantity for line in self.lines) - self.discount + self.freight_amount


def read_provision(body: str) -> Asked | list[str]:
    """The order that the document asks for, or everything that is wrong with it, in Portuguese."""
    document = read_document(body)
    lines = read_lines(document)
    if not lines:
        document.note("items", "o pedido não tem itens")
    method = document.text("shippingMethod")
    pickup = pickup_store(method)
    asked = Asked(
        object_id=document.text("objectId"),
        buyer=_buyer(document),
        address=read_address(document, required=pickup is None),
        lines=lines,
        teams=read_teams(document),
        freight_amount=_freight_amount(document),
        shipping_method=method,
        delivery_days=days_in(document.text("deliveryTime")),
        discount=_discount(document, lines),
        pickup=pickup,
        dealer_code=_dealer(document.part("salesPerson")),
        voucher_code=document.text("coupon") or document.text("giftCard") or None,
        custom_data=_custom_data(document),
    )
    if not document.wrong and asked.total < 0:
        document.note("discount", f"o desconto de {asked.discount} é maior que o pedido")
    return document.wrong or asked


def read_lines(document: Part) -> tuple[AskedLine, ...]:
    """The items of an order, as it is provisioned or as its cart is checked."""
    lines = tuple(map(_line, document.parts("items")))
    if len(lines) > ITEMS_MAX:
        document.note("items", f"mais de {ITEMS_MAX} itens")
    return lines


def read_teams(document: Part) -> tuple[str, ...]:
    """What names the order's team."""
    team = document.part("team")
    return tuple(filter(None, (team.text("externalId"), team.text("objectId"))))


def read_address(document: Part, *, required: bool) -> Address | None:
    """The shipping address; required: noted where it is missing or lacks something."""
    sent = document.part("shippingAddress")
    if not sent.is_there:
        if required:
            document.note("shippingAddress", "endereço de entrega ausente")
        return None
    country = country_code(sent.text("country"))
    zip_code = sent.text("zip", "zipCode", "cep")
    cep = parse_cep(zip_code) if country == BRAZIL else zip_code
    if required and not cep:
        sent.note("zip", f"CEP inválido ({zip_code})" if zip_code else "CEP ausente")
    for name, spelled in (("addressLine1", "logradouro"), ("city", "cidade")):
        if required and not sent.text(name):
            sent.note(name, f"{spelled} ausente")
    return Address(
        cep=cep or "",
        street=sent.text("addressLine1"),
        number=sent.text("number") or "S/N",
        complement=sent.text("addressLine2") or None,
        neighborhood=sent.text("suburb"),
        city=sent.text("city"),
        state=sent.text("addressState", "state"),
        country=country,
        recipient=sent.text("recipient") or None,
    )


def pickup_store(method: str) -> str | None:
    """None where the method is a delivery; else the CNPJ of the store where it is collected, "" where none is said."""
    head, _, cnpj = method.partition("-")
    return strip_document(cnpj) if head.strip().upper() == PICKUP else None


def split_discount(discount: Decimal, amounts: Sequence[Decimal]) -> list[Decimal]:
    """The discount on lines of these amounts, in proportion and whole cents; what is left over goes to the largest."""
    total = money_sum(amounts)
    if not amounts or not discount:
        return [Decimal(0)] * len(amounts)
    shares = [(discount * amount / total).quantize(_CENT, "ROUND_DOWN") if total else Decimal(0) for amount in amounts]
    largest = max(range(len(amounts)), key=lambda n: (amounts[n], -n))
    shares[largest] += discount - money_sum(shares)
    return shares


def _line(sent: Part) -> AskedLine:
    sides = [sent.number(*names) for names in (("width",), ("length", "variantLength"), ("height",))]
    known = tuple(side for side in sides if side is not None and 0 <= side < 10_000)
    weight = sent.number("weight")
    return AskedLine(
        object_id=sent.text("objectId"),
        names=tuple(dict.fromkeys(filter(None, map(sent.text, ("productReference", "variantId", "externalId"))))),
        quantity=sent.quantity("quantity"),
        price=sent.amount("price", what="preço"),
        is_gift=sent.flag("isGift"),
        seller=sent.text("sellerId"),
        weight_g=weight if weight is not None and 0 <= weight < 10_000_000 else None,
        sides_cm=known if len(known) == 3 else None,
    )


def _buyer(document: Part) -> Buyer:
    sent = document.part("customer")
    if not sent.is_there:
        document.note("customer", "cliente ausente")
        return Buyer(full_name="", email="", phone_number="")
    name = " ".join(filter(None, (sent.text("name"), sent.text("lastName"))))
    phone = "".join(map(sent.text, ("phoneCountryCode", "phoneAreaCode", "phoneNumber")))
    email = sent.text("email")
    if not name:
        sent.note("name", "nome do cliente ausente")
    if not (email or sent.text("phoneNumber")):
        sent.note("email", "cliente sem e-mail e sem telefone")
    cpf, cnpj = _documents(sent)
    is_business = sent.flag("businessAccount")
    return Buyer(
        full_name=name,
        email=email,
        phone_number=phone,
        cpf=cpf,
        cnpj=cnpj,
        company_name=sent.text("businessName") or None if is_business else None,
        state_inscription=sent.text("businessStateTaxId") or None if is_business else None,
        date_of_birth=sent.text("birthDate") or None,
        gender=sent.text("gender").lower() or None,
    )


def _documents(sent: Part) -> tuple[str | None, str | None]:
    """CPF and CNPJ; a firm needs its CNPJ, a person either."""
    person = strip_document(sent.text("taxDocumentnumber"))
    firm = strip_document(sent.text("businessTaxId"))
    cpf = person if cpf_has_format(person) else None
    if sent.flag("businessAccount"):
        if cnpj_has_format(firm):
            return cpf, firm
        sent.note("businessTaxId", f"CNPJ inválido ({firm})" if firm else "CNPJ ausente")
        return None, None
    if cpf is not None or cnpj_has_format(person):
        return cpf, None if cpf is not None else person
    sent.note("taxDocumentnumber", f"CPF inválido ({person})" if person else "CPF ausente")
    return None, None


def _freight_amount(document: Part) -> Decimal:
    amount = document.amount("freightCost", "shippingCost", what="frete")
    return Decimal(0) if document.flag("freeShipping") else amount


def _discount(document: Part, lines: Sequence[AskedLine]) -> Decimal:
    discount = document.amount("discount", what="desconto")
    mode = document.text("discountMode").upper() or DiscountMode.ABSOLUTE
    if mode == DiscountMode.ABSOLUTE or not discount:
        return discount
    if mode != DiscountMode.PERCENTAGE:
        document.note("discountMode", f"modo de desconto desconhecido ({mode})")
        return Decimal(0)
    if discount > 100:
        document.note("discount", f"desconto de {discount}%")
        return Decimal(0)
    total = money_sum(line.price * line.quantity for line in lines)
    return (total * discount / 100).quantize(_CENT, ROUND_HALF_UP) if is_money(total) else Decimal(0)


def _dealer(person: Part) -> str | None:
    return person.text("externalId") or person.text("salesPersonCode") or None


def _custom_data(document: Part) -> tuple[CustomDatum, ...]:
    person = document.part("salesPerson")
    said = {name: document.text(name) for name in ("retailerOrderId", "salesChannel", "campaign", "coupon", "giftCard")}
    said["team"] = document.part("team").text("name")
    said["salesPerson"] = " ".join(filter(None, (person.text("name"), person.text("lastName"))))
    said["salesPersonId"] = person.text("objectId")
    return tuple(CustomDatum(key=key, value=value) for key, value in said.items() if value)
