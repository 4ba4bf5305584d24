"""Orders for the rules' tests: a paid delivery of two lines unless told otherwise."""

from decimal import Decimal
from typing import Any

import msgspec

from balcao.base.address import Address
from balcao.base.values import Micros, OrderId, SellerId, SkuId, Tenant, new_id
from balcao.orders.rules.change import Situation
from balcao.orders.rules.model import (
    Buyer,
    Freight,
    Invoice,
    InvoiceBody,
    InvoicedItem,
    Item,
    ItemBody,
    Order,
    OrderBody,
    Payment,
    PaymentBody,
    PaymentStatus,
    PaymentType,
)
from balcao.orders.rules.new_order import NewItem, NewOrder, NewPayment
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Channel, Role

TENANT = Tenant("qaapp")
NOW = Micros(1_790_000_000_000_000)
CNPJ = "04109169000135"
KEY = "35260804109169000135550010000000011000000018"
"""An access key's shape; its check digit is the fiscal folder's matter."""

ADDRESS = Address(
    cep="04321130",
    street="Rua Farjalla Koraicho",
    number="654",
    neighborhood="Vila Parque Jabaquara",
    city="São Paulo",
    state="SP",
)
BUYER = Buyer(
    cpf="55570403906",
    email="implantacao@example.com",
    full_name="Implantacao Neomode",
    phone_number="41999999999",
    address=ADDRESS,
)
SKU_A, SKU_B = SkuId(new_id()), SkuId(new_id())


def caller(role: Role = Role.ADMIN, **bound: Any) -> Caller:
    """A credential of that role, bound to nothing unless told."""
    return Caller(**({"tenant": TENANT, "client_id": f"qaapp.{role.value}", "role": role} | bound))


def item(line: int = 1, quantity: int = 2, **over: Any) -> Item:
    """A line of SKU A (or B, where `line` is 2), all of it reserved."""
    first = line != 2
    plain = Item(
        line=line,
        sku_id=SKU_A if first else SKU_B,
        sku_code="A" if first else "B",
        product_code="P",
        quantity=quantity,
        unit_price=Decimal("10.00"),
        discount_price=Decimal(0),
        is_gift=False,
        reserved=quantity,
        consumed=0,
        body=ItemBody(name="Camiseta", product_name="Camiseta básica"),
    )
    return msgspec.structs.replace(plain, **over)


def payment(
    amount: str = "40.00",
    status: PaymentStatus = PaymentStatus.CAPTURED,
    kind: PaymentType = PaymentType.PAYMENT_LINK,
    *,
    line: int = 1,
    **body: Any,
) -> Payment:
    """A payment of what the sample order comes to."""
    said = PaymentBody(payment_id=new_id(), **body)
    return Payment(line=line, type=kind, status=status, amount=Decimal(amount), body=said)


def order(status: Status = Status.PENDING_CREATE, **over: Any) -> Order:
    """40 BRL: two of SKU A and two of SKU B, for delivery, paid."""
    plain = Order(
        tenant=TENANT,
        order_id=OrderId(new_id()),
        channel="ecommerce",
        external_id="NEOMODE-1",
        friendly_code="ABCDEFG",
        seller_id=SellerId(new_id()),
        seller_cnpj=CNPJ,
        seller_order_id=None,
        status=status,
        resume_status=None,
        is_delivery=True,
        is_short=False,
        create_us=NOW,
        last_update_us=NOW,
        expires_us=None,
        sub_total_amount=Decimal("40.00"),
        discount_amount=Decimal(0),
        freight_amount=Decimal(0),
        fee_amount=Decimal(0),
        bonus_amount=Decimal(0),
        total_amount=Decimal("40.00"),
        created_by="qaapp.channel",
        body=OrderBody(
            buyer=BUYER,
            freight=Freight(amount=Decimal(0), delivery_time=1, reference="SEDEX", description="SEDEX"),
            delivery_address=ADDRESS,
        ),
        items=(item(1), item(2)),
        payments=(payment(),),
        passed=frozenset({Status.PENDING, status}),
    )
    return msgspec.structs.replace(plain, **over)


def unpaid(status: Status = Status.PENDING, **over: Any) -> Order:
    """The sample order before its payment, to expire in an hour."""
    waiting = {"payments": (payment(status=PaymentStatus.PENDING),), "expires_us": NOW + 3_600_000_000}
    return order(status, **(waiting | over))


def invoice(key: str = KEY, total: str | None = "40.00", items: dict[str, int] | None = None) -> Invoice:
    """An invoice of the whole order, or of some of it."""
    parts = tuple(InvoicedItem(sku_code=sku, quantity=quantity) for sku, quantity in (items or {}).items())
    return Invoice(
        access_key=key,
        number="1",
        serie="1",
        total_amount=None if total is None else Decimal(total),
        issued_us=NOW,
        body=InvoiceBody(items=parts),
    )


def at(order: Order, asker: Caller | None = None, **settings: Any) -> Situation:
    """The order in its channel with these settings, asked about by an administrator unless told."""
    return Situation(order, Channel(**({"name": order.channel} | settings)), asker or caller())


def new_order(**over: Any) -> NewOrder:
    """The documented example: 19.9, discount 10, freight 1.1, payment 21."""
    plain = NewOrder(
        channel="ecommerce",
        external_id="NEOMODE-1",
        seller_cnpj=CNPJ,
        buyer=BUYER,
        delivery_address=ADDRESS,
        items=(new_item(),),
        is_delivery=True,
        freight=Freight(amount=Decimal("1.1"), delivery_time=1, reference="SEDEX", description="SEDEX"),
        payments=(NewPayment(type=PaymentType.PAYMENT_LINK, amount=Decimal(21)),),
    )
    return msgspec.structs.replace(plain, **over)


def new_item(**over: Any) -> NewItem:
    """The documented example's line."""
    plain = NewItem(sku_code="1", product_code="1", quantity=1, unit_price=Decimal("19.9"), discount_price=Decimal(10))
    return msgspec.structs.replace(plain, **over)
