"""What a sales channel does: ask for freight, create the order, tell its payment."""

from collections.abc import Callable, Sequence

from balcao.demo.answers import Offer, Order, Placed, Quote
from balcao.demo.bodies import CARD, INSTALMENTS, PIX, Sale, order_body, paid_body, quote_body
from balcao.demo.client import COMMERCE, ORDERS, Client
from balcao.demo.desk import Change, Desk, change, see
from balcao.demo.failure import StepFailed, need
from balcao.demo.report import brl
from balcao.demo.sample import TENANT, Line, Record

PENDING = 1
PAID = 2
Wish = Callable[[Offer], bool]
"""What a shopper looks for among the offers."""

_TOLD = {PIX: "Pix recebido / received", CARD: f"cartão / card {INSTALMENTS}×"}


async def choose_offer(desk: Desk, channel: Client, lines: Sequence[Line], shopper: Record, *, wish: Wish) -> Offer:
    """The cheapest offer for the cart that is as the shopper wishes."""
    path = f"{COMMERCE}/freight/simulation/{channel.party}/{TENANT}"
    body = quote_body(lines, shopper["Address"]["ZipCode"])
    answer = await channel.call("POST", path, body=body, query={"Persist": "true"})
    offers = answer.into(Quote).offers
    offer = next(filter(wish, offers), None)
    if offer is None:
        raise StepFailed(f"{channel.party}: none of {len(offers)} offers is as the shopper wishes.")
    store = desk.sample.store(offer.seller_cnpj)["pointSaleId"]
    told = f"{len(offers)} ofertas / offers; {offer.description} {brl(offer.amount)}, {_days(offer)}, {store}"
    desk.report.step(answer, told, sent=f"{_count(lines)} → {shopper['Address']['City']}")
    return offer


async def place(desk: Desk, channel: Client, sale: Sale) -> Order:
    """The new order, awaiting its payment; its stock is reserved."""
    answer = await channel.call("POST", f"{ORDERS}/external", body=order_body(sale), expect=(201,))
    placed = answer.into(Placed)
    order = await see(channel, placed.id)
    need(order.status == PENDING, f"The new order {placed.external_id} is {order.status_words}, not {PENDING}.")
    need(order.total_amount == sale.total, f"The order's total is {order.total_amount}, the cart's {sale.total}.")
    told = f"{order.friendly_code} · {order.status_words}"
    desk.report.step(answer, told, sent=f"{sale.external_id}, {brl(sale.total)}")
    return order


async def pay(desk: Desk, channel: Client, order: Order, payment: int) -> Order:
    """The order, paid: its store may begin."""
    sent = f"{_TOLD.get(payment, 'link pago / paid')}, {brl(order.total_amount)}"
    return await change(desk, channel, order, Change("PUT", "payment", paid_body(payment, order), sent, PAID))


def _days(offer: Offer) -> str:
    return "hoje / today" if offer.delivery_time == 0 else f"{offer.delivery_time} d"


def _count(lines: Sequence[Line]) -> str:
    pieces = sum(line.quantity for line in lines)
    return f"{len(lines)} SKU, {pieces} un."
