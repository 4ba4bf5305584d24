"""The freight simulator: ways to get a cart to a CEP, and why each store and carrier is offered or not."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import QUANTITY_MAX, new_id, parse_cep, strip_document
from balcao.catalog.find import find_prices, find_skus
from balcao.catalog.rules.model import EVERY_SELLER
from balcao.doors.console.freight_words import DETAILS_PT, VERDICTS, detail_of
from balcao.doors.console.headers import STAFF
from balcao.doors.console.refusals import explain
from balcao.doors.console.visit import View, Visit
from balcao.doors.console.words import read_amount
from balcao.freight.quote import Quoted, quote_freight
from balcao.freight.rules.model import AskedItem, QuoteFreight, Terms, in_reais
from balcao.sellers.find import list_active_sellers
from balcao.tenants.channels import list_channels

HERE: Final = "/console/freight"
LINES_MAX: Final = 50
BLANK_LINES: Final = 2
TEXT_LENGTH_MAX: Final = 500
FLAGS: Final = ("split", "unavailable", "individually", "unique", "anystock")


class CartLine(NamedTuple):
    """A line of the form, as typed."""

    sku: str = ""
    quantity: str = ""
    price: str = ""


@get("/freight", opt=STAFF)
async def show_simulator(visit: View) -> Response[bytes]:
    """What a cart costs to send to a CEP, from which stores, and why other stores and carriers are not offered."""
    lines = _lines(visit)
    async with visit.db.read() as tx:
        channels = await list_channels(tx, visit.tenant)
        stores = await list_active_sellers(tx, visit.tenant)
    quoted, refused = None, ""
    if lines or visit.query.get("cep"):
        try:
            quoted = await _simulate(visit, lines)
        except Invalid as error:
            refused = explain(visit.words, error)
    return visit.page(
        "freight/simulate.html",
        status=422 if refused else 200,
        here=HERE,
        asked=visit.query,
        lines=[*lines, *[CartLine()] * BLANK_LINES],
        channel_options=[(channel.name, channel.name) for channel in channels],
        store_options=[(store.cnpj, f"{store.name} · {visit.words.document(store.cnpj)}") for store in stores],
        quoted=quoted,
        refused=refused,
        verdicts=VERDICTS,
        detail=lambda text: detail_of(visit.words, text, DETAILS_PT),
        reais=in_reais,
    )


def _lines(visit: Visit) -> list[CartLine]:
    """Those of the form that name a SKU, an amount or a price."""
    sent = visit.request.query_params
    columns = [
        [text.replace("\0", "").strip()[:TEXT_LENGTH_MAX] for text in sent.getall(name, [])[:LINES_MAX]]
        for name in ("sku", "quantity", "price")
    ]
    longest = max(map(len, columns))
    filled = [column + [""] * (longest - len(column)) for column in columns]
    return [CartLine(*line) for line in zip(*filled, strict=True) if any(line)]


async def _simulate(visit: Visit, lines: Sequence[CartLine]) -> Quoted:
    query = visit.query
    cep, items = _read(query.get("cep", ""), lines)
    async with visit.db.read() as tx:
        priced = await _with_prices(tx, visit, items)
    ask = QuoteFreight(
        tenant=visit.tenant,
        quote_id=new_id(),
        platform=query.get("channel", "")[:TEXT_LENGTH_MAX],
        cep=cep,
        items=tuple(priced),
        terms=Terms(
            now=visit.now,
            allow_split="split" in query,
            allow_unavailable="unavailable" in query,
            package_individually="individually" in query,
            unique_slas="unique" in query,
        ),
        origin_cnpj=strip_document(query.get("seller", "")) or None,
        bound_cnpj=visit.caller.seller_cnpj,
        check_stock="anystock" not in query,
        explain=True,
    )
    return await quote_freight(visit.house.networks, ask)


def _read(cep: str, lines: Sequence[CartLine]) -> tuple[str, list[tuple[str, int, Decimal | None]]]:
    """The CEP, and each line's SKU, quantity and price, None where the catalogue's is meant. Raises Invalid."""
    errors: FieldErrors = {}
    plain = parse_cep(cep)
    if plain is None:
        errors["CEP"] = ["01001-000"]
    items: list[tuple[str, int, Decimal | None]] = []
    for line in lines:
        price = read_amount(line.price)
        quantity = line.quantity or "1"
        is_whole = quantity.isascii() and quantity.isdigit() and 1 <= int(quantity[:20]) <= QUANTITY_MAX
        if not line.sku or not is_whole or (line.price and price is None):
            errors[line.sku or "SKU"] = [f"{line.quantity} × {line.price}".strip(" ×") or "?"]
        else:
            items.append((line.sku, int(quantity), price))
    if not items and not errors:
        errors["SKU"] = ["?"]
    if errors:
        raise Invalid(errors=errors)
    return plain or "", items


async def _with_prices(tx: Tx, visit: Visit, items: Sequence[tuple[str, int, Decimal | None]]) -> list[AskedItem]:
    """The cart's lines; where no price was typed, with the catalogue's for every store, or nothing."""
    facts = await find_skus(tx, visit.tenant, [sku for sku, _, price in items if price is None])
    products = [fact.product_id for fact in facts.values()]
    prices = await find_prices(tx, visit.tenant, [EVERY_SELLER], products)
    known = {sku: found.price for sku, fact in facts.items() if (found := prices.get((fact.product_id, EVERY_SELLER)))}
    return [
        AskedItem(sku=sku, quantity=quantity, price=known.get(sku, Decimal(0)) if price is None else price)
        for sku, quantity, price in items
    ]


routes: Sequence[HTTPRouteHandler] = (show_simulator,)
