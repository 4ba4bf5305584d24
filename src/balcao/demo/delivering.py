"""The paths of orders that travel: paid by Pix, by card in instalments, by payment link."""

from balcao.demo.answers import Offer, Order
from balcao.demo.bodies import CARD, PAYMENT_LINK, PIX, Sale
from balcao.demo.buying import Wish, choose_offer, pay, place
from balcao.demo.desk import Desk
from balcao.demo.label import pdf_label, zpl_label
from balcao.demo.sample import MAIN_STORE, fill_cart
from balcao.demo.selling import sell
from balcao.demo.sending import attach_label, deliver, dispatch


def is_posted(offer: Offer) -> bool:
    """Whether it is a parcel with a tracking code, not a courier on a motorbike."""
    return offer.is_delivery and offer.reference != "MOTOBOY"


async def by_pix(desk: Desk) -> Order:
    """Quote, order, Pix, the store's ERP, the carrier's label, dispatch, delivery: the whole way."""
    order = await _buy(desk, 1, channel="ecommerce", city="São Paulo", payment=PIX, wish=_express)
    order = await attach_label(desk, await sell(desk, order), pdf_label)
    return await deliver(desk, await dispatch(desk, order))


async def by_card(desk: Desk) -> Order:
    """A card in instalments at a strict channel, as far as the parcel's journey."""
    order = await _buy(desk, 2, channel="app", city="Recife", payment=CARD)
    order = await attach_label(desk, await sell(desk, order), zpl_label)
    return await dispatch(desk, order)


async def by_link(desk: Desk) -> Order:
    """A payment link sent in a chat, as far as the invoice: its carrier has yet to come."""
    order = await _buy(desk, 3, channel="whatsapp", city="Belo Horizonte", payment=PAYMENT_LINK)
    return await sell(desk, order)


async def _buy(desk: Desk, path: int, *, channel: str, city: str, payment: int, wish: Wish = is_posted) -> Order:
    client, shopper = await desk.parties.channel(channel), desk.sample.shopper(city)
    lines = fill_cart(desk.sample, MAIN_STORE, skip=path * 17, lines=path, quantity=1 + path % 2)
    offer = await choose_offer(desk, client, lines, shopper, wish=wish)
    sale = Sale(
        channel=channel,
        external_id=desk.external_id(path),
        shopper=shopper,
        lines=lines,
        offer=offer,
        payment=payment,
    )
    return await pay(desk, client, await place(desk, client, sale), payment)


def _express(offer: Offer) -> bool:
    """Tomorrow, or a day later where the store has closed for today."""
    return offer.reference == "SEDEX" and offer.seller_cnpj == MAIN_STORE
