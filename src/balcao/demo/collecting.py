"""The path of an order that its shopper collects: ready in the store, then handed over."""

from balcao.demo.answers import Order
from balcao.demo.bodies import PIX, Sale
from balcao.demo.buying import choose_offer, pay, place
from balcao.demo.desk import Change, Desk, change
from balcao.demo.sample import MAIN_STORE, fill_cart
from balcao.demo.selling import sell

READY = 8
HANDED_OVER = 9


async def by_pickup(desk: Desk) -> Order:
    """Bought online, collected at the counter by whoever shows the CPF of the order."""
    channel, shopper = await desk.parties.channel("ecommerce"), desk.sample.shoppers[1]
    lines = fill_cart(desk.sample, MAIN_STORE, skip=90, lines=1)
    offer = await choose_offer(desk, channel, lines, shopper, wish=lambda offer: not offer.is_delivery)
    sale = Sale(
        channel="ecommerce",
        external_id=desk.external_id(4),
        shopper=shopper,
        lines=lines,
        offer=offer,
        payment=PIX,
    )
    order = await pay(desk, channel, await place(desk, channel, sale), PIX)
    order = await sell(desk, order)
    operator = await desk.parties.operator()
    ready = Change("PUT", "status", {"status": "ReadyForPickup"}, "ReadyForPickup", READY)
    order = await change(desk, operator, order, ready)
    body = {"status": "Finalized", "message": f"retirado por / collected by {order.buyer.full_name}"}
    return await change(desk, operator, order, Change("PUT", "status", body, "Finalized", HANDED_OVER))
