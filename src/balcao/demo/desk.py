"""What every journey has at hand: the parties, the sample, the report, and numbers that no other run has."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from balcao.demo.answers import Order
from balcao.demo.client import ORDERS, Client
from balcao.demo.failure import need
from balcao.demo.parties import Parties
from balcao.demo.report import Report
from balcao.demo.sample import Sample

NUMBERS = 1_000_000_000
"""An NF-e's number has nine digits."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """`started_at`: aware; it makes the numbers of this run."""

    parties: Parties
    sample: Sample
    report: Report
    started_at: datetime

    def external_id(self, path: int) -> str:
        """The channel's own code of this run's order for that path, 1 to 9."""
        return f"DEMO-{self.started_at:%y%m%d-%H%M%S}-{path}"

    def invoice_number(self, order: Order) -> int:
        """A number for the order's NF-e that its store used in no run before: the second's, and the path's digit."""
        path = int(order.external_id[-1])
        return (int(self.started_at.timestamp()) * 10 + path) % NUMBERS


class Change(NamedTuple):
    """A change of an order: the route below its address, the body, what is told of it, and the status it leads to.

    `told`: what came of it, where the status alone does not say it.
    """

    method: str
    route: str
    body: Any
    sent: str
    leads_to: int
    told: str = ""


async def change(desk: Desk, client: Client, order: Order, wanted: Change) -> Order:
    """Ask for the change and read the order again; raises StepFailed unless it is where it should be."""
    answer = await client.call(wanted.method, f"{ORDERS}/{order.id}/{wanted.route}", body=wanted.body, expect=(204,))
    after = await see(client, order.id)
    message = f"{client.party}: after {answer.request} the order is {after.status_words}, not {wanted.leads_to}."
    need(after.status == wanted.leads_to, message)
    desk.report.step(answer, wanted.told or after.status_words, sent=wanted.sent)
    return after


async def see(client: Client, order_id: str) -> Order:
    """The order as this party sees it now."""
    return (await client.call("GET", f"{ORDERS}/{order_id}")).into(Order)
