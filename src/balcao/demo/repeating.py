"""The path of the reference's own example: sent, sent again, and sent with another price."""

from balcao.demo.answers import Order, Placed
from balcao.demo.client import ORDERS
from balcao.demo.desk import Desk, see
from balcao.demo.failure import need
from balcao.demo.reference import CHANGED, EXAMPLE, EXTERNAL_ID
from balcao.demo.report import brl

REPLAYED = "Idempotent-Replayed"


async def reference_example(desk: Desk) -> Order:
    """One order, however often its number is sent; another content under the same number is refused."""
    channel = await desk.parties.channel("ecommerce")
    path, report = f"{ORDERS}/external", desk.report
    first = await channel.call("POST", path, body=EXAMPLE, expect=(201,))
    placed = first.into(Placed)
    old = first.headers.get(REPLAYED) == "true"
    order = await see(channel, placed.id)
    told = "de uma demonstração anterior / of an earlier demo" if old else order.status_words
    report.step(first, f"{placed.friendly_code} · {told}", sent=f"{EXTERNAL_ID}, {brl(order.total_amount)}")
    again = await channel.call("POST", path, body=EXAMPLE, expect=(201,))
    need(again.headers.get(REPLAYED) == "true", f"The example sent again did not answer {REPLAYED}: true.")
    need(again.content == first.content, "The example sent again did not answer the same.")
    report.step(again, f"{REPLAYED}: true, mesmo pedido / same order", sent=f"{EXTERNAL_ID}, de novo / again")
    refused = await channel.call("POST", path, body=CHANGED, expect=(409,))
    need(order.id in refused.reason, f"The refusal does not name the order {order.id}: {refused.reason}")
    report.step(refused, refused.reason, sent=f"{EXTERNAL_ID}, 19,90 → 29,90")
    return order
