"""What a freight simulation is asked with: the cart in the body, and how to quote it in the query."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from litestar.params import QueryParameter

from balcao.base.errors import Invalid
from balcao.base.values import strip_document
from balcao.doors.wire import Bounds, Money, Quantity, Wire
from balcao.freight.rules.model import ITEMS_MAX, RESULTS_DEFAULT

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Size = Annotated[
    Decimal,
    msgspec.Meta(
        extra={"bounds": Bounds(digits=6, places=6, minimum=Decimal(0), maximum=Decimal(100_000))},
        extra_json_schema={"extra": {"minimum": 0}},
    ),
]
"""A length in centimetres or a weight in kilograms."""


def _degrees(most: int) -> msgspec.Meta:
    return msgspec.Meta(extra={"bounds": Bounds(digits=3, minimum=Decimal(-most), maximum=Decimal(most))})


class DimensionsAsked(Wire, kw_only=True):
    """One packed unit: centimetres, and `weight` in kilograms."""

    __aliases__: ClassVar[Mapping[str, str]] = {"length": "depth", "lenght": "depth"}

    width: Size | None = None
    depth: Size | None = None
    height: Size | None = None
    weight: Size | None = None


class ItemAsked(Wire, kw_only=True):
    """A line of the cart; `dimensions` are required when `UseCatalogMeasure` is false."""

    __aliases__: ClassVar[Mapping[str, str]] = {"skucode": "sku"}

    sku: Text
    quantity: Quantity
    price: Money = Decimal(0)
    dimensions: DimensionsAsked | None = None


class SimulationAsked(Wire, kw_only=True):
    """A cart and where it goes. `originIdentifier`: the CNPJ of the only store that may send.

    `latitude` and `longitude` of the destination (ours) give the stores' distances.
    """

    __aliases__: ClassVar[Mapping[str, str]] = {"zipcode": "postalCode", "cep": "postalCode"}
    __example__: ClassVar[Any] = {
        "originIdentifier": None,
        "postalCode": "01001-000",
        "items": [
            {
                "sku": "CAM-P",
                "quantity": 2,
                "price": 59.9,
                "dimensions": {"width": 20, "depth": 30, "height": 5, "weight": 0.3},
            }
        ],
    }

    postal_code: str | int
    items: Annotated[list[ItemAsked], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    origin_identifier: str | None = None
    latitude: Annotated[Decimal, _degrees(90)] | None = None
    longitude: Annotated[Decimal, _degrees(180)] | None = None


Codes = list[str] | None


RESULTS_MAX = 10_000


class Packing(NamedTuple):
    """How the cart may come."""

    allow_split: bool
    allow_unavailable: bool
    package_individually: bool
    unique_slas: bool
    results_max: int | None


class Sources(NamedTuple):
    """Where the goods and their weights come from, and whether the quote is kept."""

    check_stock: bool
    use_catalog_measure: bool
    persist: bool
    explain: bool
    seller_cnpjs: frozenset[str]
    ignored_cnpjs: frozenset[str]


async def read_packing(
    *,
    split: Annotated[
        bool, QueryParameter(name="AllowPackageSplit", description="It may come in several packages.")
    ] = False,
    unavailable: Annotated[
        bool, QueryParameter(name="AllowUnavailableItem", description="Quote what there is, and list the rest.")
    ] = False,
    individually: Annotated[
        bool, QueryParameter(name="ShouldPackagedIndividually", description="Every unit is a parcel of its own.")
    ] = False,
    unique: Annotated[
        bool, QueryParameter(name="UniqueSlas", description="Only the best freight of each service.")
    ] = False,
    results_max: Annotated[
        int | None,
        QueryParameter(
            name="MaxResults",
            ge=1,
            le=RESULTS_MAX,
            description=f"At most so many freights a package ({RESULTS_DEFAULT} unless given), and combinations.",
        ),
    ] = None,
) -> Packing:
    """How the cart may come."""
    return Packing(split, unavailable, individually, unique, results_max)


async def read_sources(
    *,
    check_stock: Annotated[bool, QueryParameter(name="ShouldCheckStock", description="Look at the stock.")] = True,
    catalog: Annotated[
        bool, QueryParameter(name="UseCatalogMeasure", description="Weigh what the catalogue says.")
    ] = True,
    persist: Annotated[
        bool, QueryParameter(name="Persist", description="Keep the quote for 15 days, by its keys.")
    ] = False,
    explain: Annotated[
        bool,
        QueryParameter(description="Say for every store and carrier why it is offered or not (erp, operator, admin)."),
    ] = False,
    sellers: Annotated[
        Codes, QueryParameter(name="SellerCodes", description="CNPJs of the only stores to ask, repeated or by commas.")
    ] = None,
    ignored: Annotated[
        Codes, QueryParameter(name="IgnoredSellerCodes", description="CNPJs of stores not to ask.")
    ] = None,
) -> Sources:
    """Where the goods come from."""
    return Sources(check_stock, catalog, persist, explain, _cnpjs(sellers or ()), _cnpjs(ignored or ()))


_FLAGS: Mapping[str, str] = {
    "allowpackagesplit": "allow_split",
    "allowunavailableitem": "allow_unavailable",
    "shouldpackagedindividually": "package_individually",
    "uniqueslas": "unique_slas",
    "shouldcheckstock": "check_stock",
    "usecatalogmeasure": "use_catalog_measure",
    "persist": "persist",
    "explain": "explain",
}
_CODES: Mapping[str, str] = {"sellercodes": "seller_cnpjs", "ignoredsellercodes": "ignored_cnpjs"}
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@lru_cache(maxsize=1024)
def read_plainly(query: bytes) -> tuple[Packing, Sources]:
    """What a query says by these very parameters, as shops write them; they send few different ones.

    Raises Invalid, naming nothing, for whatever else: the route reads that, or explains it.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), strict_parsing=True) if query else []
    except ValueError:
        raise Invalid from None
    flags: dict[str, bool] = {}
    codes: dict[str, list[str]] = {field: [] for field in _CODES.values()}
    results_max = None
    for name, value in pairs:
        spelt = name.lower().removesuffix("[]")
        if spelt in _FLAGS and value.lower() in ("true", "false"):
            flags[_FLAGS[spelt]] = value.lower() == "true"
        elif spelt in _CODES and "\0" not in value:
            codes[_CODES[spelt]].append(value)
        elif spelt == "maxresults" and _PLAIN_NUMBER.fullmatch(value):
            results_max = int(value)
        else:
            raise Invalid
    packing: dict[str, Any] = {name: flags.get(name, False) for name in Packing._fields}
    sources: dict[str, Any] = {name: flags.get(name, name in _ON) for name in Sources._fields}
    cnpjs = {field: _cnpjs(given) for field, given in codes.items()}
    return Packing(**packing | {"results_max": results_max}), Sources(**sources | cnpjs)


_ON = frozenset({"check_stock", "use_catalog_measure"})


def _cnpjs(codes: Iterable[str]) -> frozenset[str]:
    stripped = (strip_document(code) for text in codes for code in text.split(","))
    return frozenset(cnpj for cnpj in stripped if cnpj)
