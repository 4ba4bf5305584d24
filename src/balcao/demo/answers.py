"""What the API answers, as far as the demo's parties read it."""

from decimal import Decimal

import msgspec


class Answered(msgspec.Struct, rename="camel"):
    """A part of an answer, in camelCase on the wire; members that nobody here reads are left out."""


class Token(msgspec.Struct):
    """A token, under the names that OAuth gives."""

    access_token: str


class Pair(Answered):
    """Client id and secret of a new credential."""

    client_id: str
    client_secret: str


class Problem(Answered):
    """Why a request was refused."""

    title: str = ""
    detail: str = ""
    errors: dict[str, list[str]] = {}

    @property
    def words(self) -> str:
        """The reason, with the fields that are wrong."""
        fields = [f"{field}: {'; '.join(messages)}" for field, messages in self.errors.items()]
        return " ".join([self.detail or self.title, *fields])


class BadRow(Answered):
    """What is wrong with a row of a batch."""

    row: int
    code: str | None
    field: str
    message: str


class Batch(Answered):
    """What became of a batch's rows."""

    failed: int
    errors: list[BadRow]


class Counted(Answered):
    """A page of a list, of which only the length is read."""

    max_count: int


class StockRow(Answered):
    """One SKU's stock in one store."""

    quantity: int
    reserved: int
    available: int


class Stocks(Answered):
    """A page of stocks."""

    items: list[StockRow]


class Table(Answered):
    """A carrier's table in force."""

    reference: str
    row_count: int


class Tables(Answered):
    """The carriers' tables in force."""

    tables: list[Table]


class Offer(Answered):
    """One way to get a cart; `delivery_time` in business days."""

    calculation_key: str | None
    type: str
    reference: str
    description: str
    amount: Decimal
    delivery_time: int
    delivery_date: str
    seller_cnpj: str

    @property
    def is_delivery(self) -> bool:
        """Whether it travels to the shopper."""
        return self.type == "Delivery"


class Package(Answered):
    """Goods that travel together, and how: the cheapest way first."""

    freights: list[Offer]


class Unavailable(Answered):
    """A SKU that cannot be had, and why."""

    sku: str
    available: int
    reason: str


class Quote(Answered):
    """A freight simulation."""

    packages: list[Package]
    unavailables: list[Unavailable]

    @property
    def offers(self) -> list[Offer]:
        """The ways to get the whole cart in one package."""
        return self.packages[0].freights if len(self.packages) == 1 else []


class Placed(Answered):
    """A new order's numbers."""

    id: str
    external_id: str
    friendly_code: str
    status: int


class Address(Answered):
    """Where a store or a shopper is."""

    street: str
    number: str
    neighborhood: str
    cep: str
    city: str
    state: str


class Store(Answered):
    """The order's store."""

    cnpj: str
    point_sale_id: str | None
    full_name: str
    company_name: str | None
    whatsapp_phone_number: str | None
    address: Address | None


class Buyer(Answered):
    """Who bought."""

    full_name: str
    cpf: str | None
    cnpj: str | None
    phone_number: str
    address: Address | None

    @property
    def document(self) -> str:
        """CPF or CNPJ."""
        return self.cpf or self.cnpj or ""


class Sku(Answered):
    """What was sold."""

    name: str


class Item(Answered):
    """A line."""

    code: str
    barcode: str | None
    quantity: int
    unit_price: Decimal
    sku: Sku


class Freight(Answered):
    """The freight as sold."""

    reference: str
    description: str
    delivery_time: int


class Step(Answered):
    """A line of the status history."""

    description: str
    status: int


class Invoice(Answered):
    """The NF-e, and where its files are."""

    key: str
    number: str
    xml_url: str | None
    file_url: str | None


class Label(Answered):
    """A shipping label."""

    file_name: str
    url: str


class Tracking(Answered):
    """Where the parcel is."""

    tracking_code: str | None


class Order(Answered):
    """An order as its parties see it."""

    id: str
    external_id: str
    friendly_code: str
    channel: str
    status: int
    last_update: str
    is_delivery: bool
    seller: Store
    buyer: Buyer
    delivery_address: Address | None
    items: list[Item]
    freight: Freight
    invoice: Invoice | None
    labels: list[Label]
    tracking: Tracking | None
    steps: list[Step]
    freight_amount: Decimal
    discount_amount: Decimal
    total_amount: Decimal

    @property
    def status_words(self) -> str:
        """The status as people read it: `2 Pago / Paid`."""
        told = [step.description for step in self.steps if step.status == self.status]
        return f"{self.status} {told[-1] if told else ''}".rstrip()


class OrderLine(Answered):
    """An order in a list."""

    id: str
    external_id: str


class OrderPage(Answered):
    """A page of orders."""

    orders: list[OrderLine]
