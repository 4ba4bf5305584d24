"""What the stand-in remembers: orders, calls, hooks; and how it is told to misbehave."""

import json
import random
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

KEPT_MAX: Final = 100_000
"""Calls and hooks that are remembered."""
TAKEN: Final = 200


class Switches(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How it misbehaves, each by its probability from 0 to 1.

    slow: a call is taken at once and answered after `slow_s` seconds; fail: with 500, and not taken; drop: not at all,
    half of those are taken; twice: a hook is sent twice; shuffle: a hook is sent up to `shuffle_s` seconds late, so
    that others overtake it.
    """

    slow: float = 0
    slow_s: float = 2
    fail: float = 0
    drop: float = 0
    twice: float = 0
    shuffle: float = 0
    shuffle_s: float = 1


class Account(msgspec.Struct, kw_only=True, rename="camel"):
    """The retailer's side: where hooks go with which secret, and what its calls are signed with, "" for anything."""

    hook_url: str = ""
    inbound_secret: str = ""
    api_secret: str = ""


class CallLine(msgspec.Struct, kw_only=True, rename="camel"):
    """A call that came; status: what was answered, 0 for nothing; taken: whether it had its effect."""

    at: str
    object_id: str
    call: str
    body: dict[str, Any]
    status: int
    taken: bool


class HookLine(msgspec.Struct, kw_only=True, rename="camel"):
    """A hook that was sent; status: what was answered, 0 for nothing; ms: after how long."""

    at: str
    hook: str
    object_id: str
    status: int
    ms: float


class OrderLine(msgspec.Struct, kw_only=True, rename="camel"):
    """An order as OmniChat sees it; statuses: every one that it has had."""

    object_id: str
    status: str = "WAITING"
    statuses: list[str] = []
    order_gw_id: str | None = None
    checkout_url: str | None = None
    message: str = ""
    body: dict[str, Any] = {}


class StandIn:
    """Orders, calls and hooks so far; `chance` may be seeded, so that it misbehaves the same way again."""

    def __init__(
        self, account: Account | None = None, switches: Switches | None = None, *, chance: random.Random | None = None
    ) -> None:
        self.account = account or Account()
        self.switches = switches or Switches()
        self.chance = chance or random.Random()  # noqa: S311 - nothing secret depends on it
        self.url = ""
        self.orders: dict[str, OrderLine] = {}
        self.calls: list[CallLine] = []
        self.hooks: list[HookLine] = []

    def happens(self, probability: float) -> bool:
        """Whether something of that probability happens this time."""
        return self.chance.random() < probability

    def order(self, object_id: str) -> OrderLine:
        """The order, new where it was not known."""
        return self.orders.setdefault(object_id, OrderLine(object_id=object_id))

    def take(self, object_id: str, call: str, body: dict[str, Any]) -> None:
        """What a call does to its order."""
        order = self.order(object_id)
        order.message = str(body.get("message", ""))
        if call == "statusChange":
            order.status = str(body["status"])
            order.statuses.append(order.status)
            order.order_gw_id = body.get("orderGwId", order.order_gw_id)
        elif call == "provisions":
            order.status = "PROVISIONED" if body["code"] == TAKEN else "PROVISION_REFUSED"
            order.statuses.append(order.status)
            order.checkout_url = body.get("checkoutUrl")
        else:
            order.body |= body

    def note_call(self, line: CallLine) -> None:
        """Remember a call."""
        self.calls.append(line)
        del self.calls[:-KEPT_MAX]

    def note_hook(self, line: HookLine) -> None:
        """Remember a hook."""
        self.hooks.append(line)
        del self.hooks[:-KEPT_MAX]

    def accepted(self, object_id: str) -> list[CallLine]:
        """The calls about an order that had their effect, in the order in which they came."""
        return [line for line in self.calls if line.object_id == object_id and line.taken]


def what_is_wrong(call: str, body: Any) -> str | None:
    """Why OmniChat would refuse a call as it is, or None."""
    if not isinstance(body, dict) or not body.get("responsible"):
        return "responsible is required"
    if call == "statusChange" and not body.get("status"):
        return "status is required"
    if call == "provisions" and not isinstance(body.get("code"), int):
        return "code is required"
    return None


def read_json(raw: bytes) -> Any:
    """The document, None where it is none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def stamp() -> str:
    """The time of day, as OmniChat writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
