"""The sample shop's files, and carts filled from its shelves."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from importlib.resources import files
from itertools import groupby, islice
from typing import Any, Final

import msgspec

Record = dict[str, Any]
TENANT: Final = "qaapp"
TITLE: Final = "Lojas Quaresmeira"
MAIN_STORE: Final = "04109169000135"
"""The e-commerce store: the one that the reference's example order names."""
REFERENCE_PRODUCT: Final = "1"
PLENTY: Final = 5
"""Pieces on the shelf that make a product one for a cart, whatever a store keeps back."""

_decoder = msgspec.json.Decoder(list[Record], float_hook=Decimal)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a cart; `discount_price` is what one unit is cheaper than `unit_price`."""

    sku_code: str
    product_code: str
    quantity: int
    unit_price: Decimal
    discount_price: Decimal

    @property
    def total(self) -> Decimal:
        """What the line costs."""
        return (self.unit_price - self.discount_price) * self.quantity


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The files of the sample shop, each as the API takes it."""

    stores: Sequence[Record]
    channels: Sequence[Record]
    shoppers: Sequence[Record]
    categories: Sequence[Record]
    products: Sequence[Record]
    prices: Sequence[Record]
    stocks: Sequence[Record]
    carriers: Sequence[Record]
    freight_tables: Sequence[Record]

    def shelf(self, cnpj: str) -> dict[str, int]:
        """The store's stock by SKU."""
        return {row["SkuCode"]: row["Quantity"] for row in self.stocks if row["SellerCode"] == cnpj}

    def store(self, cnpj: str) -> Record:
        """The store of that CNPJ."""
        return next(store for store in self.stores if store["cnpj"] == cnpj)

    def carrier(self, reference: str) -> Record:
        """The carrier of that freight reference."""
        return next(carrier for carrier in self.carriers if carrier["reference"] == reference)

    def shopper(self, city: str) -> Record:
        """The first shopper of that city."""
        return next(shopper for shopper in self.shoppers if shopper["Address"]["City"] == city)


def read_sample() -> Sample:
    """The files of `demo/data`; the numbers in them are exact."""
    names = ("stores", "channels", "shoppers", "categories", "products", "prices", "stocks", "carriers")
    data = files("balcao.demo") / "data"
    rows = {name: _decoder.decode((data / f"{name}.json").read_bytes()) for name in names}
    rates = csv.DictReader((data / "freight.csv").read_text(encoding="utf-8").splitlines())
    return Sample(**rows, freight_tables=list(_tables(rates)))


def fill_cart(sample: Sample, cnpj: str, *, skip: int, lines: int, quantity: int = 1) -> tuple[Line, ...]:
    """A cart of so many products of which the store has plenty; `skip` so many of those before."""
    shelf, prices = sample.shelf(cnpj), _base_prices(sample)
    found = (
        _line(product["code"], code, quantity, prices[product["code"]])
        for product in sample.products
        if product["isActive"] and not product["pickupOnly"] and product["code"] != REFERENCE_PRODUCT
        for code in islice((sku["code"] for sku in product["skus"] if shelf.get(sku["code"], 0) >= PLENTY), 1)
    )
    return tuple(islice(found, skip, skip + lines))


def sold_out_cart(sample: Sample, cnpj: str) -> tuple[Line, ...]:
    """A cart of one SKU that the store has in its books and none of on its shelf."""
    shelf, prices = sample.shelf(cnpj), _base_prices(sample)
    found = (
        _line(product["code"], sku["code"], 1, prices[product["code"]])
        for product in sample.products
        if product["isActive"] and not product["pickupOnly"]
        for sku in product["skus"]
        if shelf.get(sku["code"]) == 0
    )
    return tuple(islice(found, 1))


def _base_prices(sample: Sample) -> dict[str, Record]:
    return {row["ProductCode"]: row for row in sample.prices if "SellerCode" not in row}


def _line(product_code: str, sku_code: str, quantity: int, price: Record) -> Line:
    """A product on offer is sold at its old price with a discount, as channels do."""
    now: Decimal = price["Price"]
    before: Decimal = price.get("OldPrice", now)
    return Line(
        sku_code=sku_code,
        product_code=product_code,
        quantity=quantity,
        unit_price=before,
        discount_price=before - now,
    )


def _tables(rows: Iterator[dict[str, str]]) -> Iterator[Record]:
    def table(row: dict[str, str]) -> tuple[str, str, str]:
        return row["carrier"], row["description"], row["sellerCnpj"]

    for (reference, description, cnpj), rates in groupby(rows, table):
        yield {
            "reference": reference,
            "description": description,
            "sellerCnpj": cnpj or None,
            "rows": [_rate(row) for row in rates],
        }


def _rate(row: dict[str, str]) -> Record:
    amounts = {name: Decimal(row[name]) for name in ("weightStartKg", "weightEndKg", "price")}
    return {"cepStart": row["cepStart"], "cepEnd": row["cepEnd"], "days": int(row["days"]), **amounts}
