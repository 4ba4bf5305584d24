"""What two partners may do to one order, and what came of it: told so that two orders can be compared."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import httpx

from balcao.base.values import Micros, OrderId
from balcao.orders.expire import expire_orders
from balcao.orders.rules.model import Order
from tests.doors.shop import Api, b64, path_of
from tests.verbs.shop import NOW, Shop

EXPIRED = Micros(NOW + 400 * 24 * 3600 * 1_000_000)
"""Whenever the test runs: the time of every unpaid order is up."""
MOVES = {"unpaid": (4, 3), "paid": (4, 6), "asking": (4, 6), "invoiced": (6, 9), "shipped": (9, 12)}
TOTAL = 11.1
INVOICED = 6
"""An order has room for one such invoice, also where there is one of five already; never for two."""


class Subject(NamedTuple):
    """An order that something is done to; begins: what was done with it before; n: its number among its like."""

    order_id: OrderId
    begins: str
    n: int


Act = Callable[[Api, Subject, int], Awaitable[str]]
"""Does something over that server and tells how it was answered; `turn` 0 or 1 are two partners who say different
things."""


async def pay(api: Api, subject: Subject, turn: int) -> str:
    return await _send(api, "PUT", subject, "payment", {"nsu": f"nsu {turn}", "amount": TOTAL})


async def invoice(api: Api, subject: Subject, turn: int) -> str:
    body = {"key": f"{subject.n:040d}{turn:04d}", "number": turn + 1, "serieNumber": 1, "totalAmount": INVOICED}
    return await _send(api, "PUT", subject, "invoicedetails", body)


async def track(api: Api, subject: Subject, turn: int) -> str:
    return await _send(api, "PUT", subject, "trackingdetails", {"carrierName": "SEDEX", "trackingCode": f"BR{turn}"})


async def move(api: Api, subject: Subject, turn: int) -> str:
    body = {"status": MOVES[subject.begins][turn], "message": f"turn {turn}"}
    return await _send(api, "PUT", subject, "status", body)


async def cancel(api: Api, subject: Subject, turn: int) -> str:
    body = {"by": ("buyer", "seller")[turn], "reason": f"turn {turn}"}
    return await _send(api, "POST", subject, "cancel", body)


async def label(api: Api, subject: Subject, turn: int) -> str:
    file = {"fileName": f"label {turn}", "content": b64(b"%%PDF-1.7\n%d\n%%%%EOF\n" % turn)}
    return await _send(api, "PUT", subject, "trackings", {"trackingCode": f"BR{turn}", "label": file})


async def expire(api: Api, subject: Subject, turn: int) -> str:
    """As the worker does it, which is a third process."""
    shop = api.shop
    async with shop.db.transaction() as tx:  # not tried again: a deadlock would be raised
        [outcome] = await expire_orders(tx, shop.tenant, [subject.order_id], EXPIRED)
    assert isinstance(outcome, Order)
    return f"{outcome.status:d}"


ACTS: dict[str, Act] = {
    "pay": pay,
    "invoice": invoice,
    "track": track,
    "move": move,
    "cancel": cancel,
    "expire": expire,
    "label": label,
}
PAIRS = [(one, other) for n, one in enumerate(ACTS) for other in list(ACTS)[n:]]


async def _send(api: Api, method: str, subject: Subject, action: str, body: Any) -> str:
    return told(await api.send(method, path_of(subject.order_id, action), body))


def told(answer: httpx.Response) -> str:
    """The status, and of a refusal the reason; nothing but done and refused is ever to be heard."""
    assert answer.status_code in (204, 409), answer.text
    if answer.status_code == 204:
        return "204"
    problem = answer.json()
    return f"409 {problem['code']} {problem.get('from')} {problem.get('to')} {problem.get('allowed')}"


_PARTS = """
    SELECT 'order' AS part, order_id, 0::bigint AS place, to_jsonb(t) AS row FROM orders t WHERE tenant = $1
    UNION ALL SELECT 'item', order_id, line, to_jsonb(t) FROM order_item t WHERE tenant = $1
    UNION ALL SELECT 'payment', order_id, line, to_jsonb(t) FROM order_payment t WHERE tenant = $1
    UNION ALL SELECT 'invoice', order_id, created_us, to_jsonb(t) FROM order_invoice t WHERE tenant = $1
    UNION ALL SELECT 'label', order_id, number, to_jsonb(t) FROM order_label t WHERE tenant = $1
    UNION ALL SELECT 'step', order_id, seq * 10 + number, to_jsonb(t) FROM order_step t WHERE tenant = $1
    UNION ALL SELECT 'log', order_id, 0, to_jsonb(t) FROM order_log t WHERE tenant = $1
    UNION ALL SELECT 'event', subject::uuid, seq, to_jsonb(t) FROM event t WHERE tenant = $1 AND type LIKE 'order.%'
     ORDER BY part, order_id, place
"""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = {"tenant", "seller_id", "sku_id", "seq", "log_id", "actor", "issuer"}
_OWN = _IDS | {"create_us", "last_update_us", "created_us", "at_us"}
"""What differs between twins: when, where in the log, through which server, and ids."""


async def read_twins(shop: Shop, subjects: Sequence[Subject]) -> list[str]:
    """Everything that the database holds of these orders, but for what twins do not share.

    Steps, invoices, labels and events stand in their order; of the action log's lines there is none, since a refusal is
    logged with the moment at which it was asked.
    """
    parts: dict[OrderId, list[tuple[str, Any]]] = {subject.order_id: [] for subject in subjects}
    async with shop.db.read() as tx:
        for row in await tx.fetch(_PARTS, shop.tenant):
            if row["order_id"] in parts:
                parts[row["order_id"]].append((row["part"], row["row"]))
    return [_neutral(parts[subject.order_id], subject) for subject in subjects]


def _neutral(parts: Sequence[tuple[str, Any]], subject: Subject) -> str:
    lines = []
    names = {str(subject.order_id): "ORDER", f"{subject.n:040d}": "KEY"}
    for part, row in parts:
        if part == "order":
            names |= {row["external_id"]: "EXTERNAL", row["friendly_code"]: "CODE"}
        if row.get("expires_us"):
            row["expires_us"] = "later"
        rest = {name: value for name, value in row.items() if name not in _OWN}
        lines.append(f"{part} {json.dumps(rest, sort_keys=True, default=str)}")
    logs = sorted(line for line in lines if line.startswith("log "))
    text = "\n".join([line for line in lines if not line.startswith("log ")] + logs)
    for own, name in names.items():
        text = text.replace(own, name)
    return _UUID.sub("ID", text)
