"""The paths of what is not sold: an order that its shopper cancels, and one that the stock does not allow."""

from balcao.demo.answers import Order, Quote, StockRow, Stocks
from balcao.demo.bodies import PIX, Sale, order_body, quote_body
from balcao.demo.buying import choose_offer, pay, place
from balcao.demo.client import CATALOG, COMMERCE, ORDERS, Client
from balcao.demo.desk import Change, Desk, change
from balcao.demo.failure import StepFailed, need
from balcao.demo.sample import MAIN_STORE, TENANT, Line, Record, fill_cart, sold_out_cart

CANCELLED_BY_BUYER = 11
SOLD_OUT_STORE = "99417260000124"
"""A store in the shopper's city that has run out of some SKUs."""


async def cancelled(desk: Desk) -> Order:
    """Paid, then regretted: what was reserved can be sold again."""
    channel, shopper = await desk.parties.channel("ecommerce"), desk.sample.shoppers[1]
    lines = fill_cart(desk.sample, MAIN_STORE, skip=120, lines=1, quantity=3)
    offer = await choose_offer(desk, channel, lines, shopper, wish=lambda offer: offer.seller_cnpj == MAIN_STORE)
    before = await _stock(desk, channel, lines[0], "antes / before")
    sale = Sale(
        channel="ecommerce",
        external_id=desk.external_id(5),
        shopper=shopper,
        lines=lines,
        offer=offer,
        payment=PIX,
    )
    order = await pay(desk, channel, await place(desk, channel, sale), PIX)
    meanwhile = await _stock(desk, channel, lines[0], "reservado / reserved")
    need(meanwhile.available == before.available - 3, "The order did not reserve its three pieces.")
    body = {"reason": "cliente desistiu / the shopper changed their mind", "by": "buyer"}
    wanted = Change("POST", "cancel", body, "desistência / regret", CANCELLED_BY_BUYER)
    order = await change(desk, channel, order, wanted)
    after = await _stock(desk, channel, lines[0], "devolvido / given back")
    need(after == before, f"The cancelled order's stock did not come back: {after}, before {before}.")
    return order


async def out_of_stock(desk: Desk) -> None:
    """The last piece is gone: the quote says so, and an order sent all the same is refused by its SKU's name."""
    channel, shopper = await desk.parties.channel("ecommerce"), desk.sample.shoppers[1]
    [gone] = sold_out_cart(desk.sample, SOLD_OUT_STORE)
    other = fill_cart(desk.sample, SOLD_OUT_STORE, skip=5, lines=1)
    await _hear_it_is_gone(desk, channel, gone, shopper)
    offer = await choose_offer(desk, channel, other, shopper, wish=lambda offer: offer.seller_cnpj == SOLD_OUT_STORE)
    sale = Sale(
        channel="ecommerce",
        external_id=desk.external_id(6),
        shopper=shopper,
        lines=(*other, gone),
        offer=offer,
        payment=PIX,
    )
    refused = await channel.call("POST", f"{ORDERS}/external", body=order_body(sale), expect=(409,))
    need(gone.sku_code in refused.reason, f"The refusal does not name {gone.sku_code}: {refused.reason}")
    desk.report.step(refused, refused.reason, sent=f"{sale.external_id}, com / with {gone.sku_code}")
    missing = await channel.call("GET", f"{ORDERS}/external/{sale.external_id}", expect=(404,))
    desk.report.step(missing, "nada foi criado / nothing was created")


async def _hear_it_is_gone(desk: Desk, channel: Client, line: Line, shopper: Record) -> None:
    path = f"{COMMERCE}/freight/simulation/ecommerce/{TENANT}"
    body = quote_body([line], shopper["Address"]["ZipCode"], origin_cnpj=SOLD_OUT_STORE)
    answer = await channel.call("POST", path, body=body)
    told = {one.sku: one for one in answer.into(Quote).unavailables}.get(line.sku_code)
    if told is None:
        raise StepFailed(f"The quote does not say that {line.sku_code} is out of stock.")
    store = desk.sample.store(SOLD_OUT_STORE)["pointSaleId"]
    desk.report.step(answer, f"{told.reason}, {told.available} un.", sent=f"{line.sku_code}, {store}")


async def _stock(desk: Desk, channel: Client, line: Line, told: str) -> StockRow:
    store = desk.sample.store(MAIN_STORE)["pointSaleId"]
    answer = await channel.call("GET", f"{CATALOG}/stocks", query={"pointSaleId": store, "skuCode": line.sku_code})
    rows = answer.into(Stocks).items
    need(len(rows) == 1, f"{answer.request} answered {len(rows)} stocks, not one.")
    [row] = rows
    desk.report.step(answer, f"{told}: {row.quantity} on hand, {row.reserved} reserved, {row.available} available")
    return row
