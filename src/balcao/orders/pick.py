"""Pick orders item by item: a scan is one unit (or some) more of a line."""

from collections.abc import Sequence

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Conflict
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Changes, Outcome, open_changes
from balcao.orders.rules.change import Change, Decision, Note, Situation
from balcao.orders.rules.picking import Pick, is_picked, lines_of, may_pick, pick
from balcao.orders.rules.status import Status, wire_name
from balcao.orders.store import picks as store
from balcao.tenants.rules import Caller


class PickItem(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of what has this code (bar code, SKU code or the ERP's) lie in the order's box now."""

    caller: Caller
    order_id: OrderId
    code: str
    quantity: int = 1


async def pick_items(tx: Tx, tenant: Tenant, cmds: Sequence[PickItem], now: Micros) -> list[Outcome]:
    """Each order after its scan; Conflict: `wrong_item` (not in the order), `picked_enough`, `not_to_pick`.

    Appends `order.picked` with each scan that counts.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    picking = Picking(changes, await store.find_picks(tx, tenant, [cmd.order_id for cmd in cmds]))
    outcomes = [changes.decide(cmd.caller, cmd.order_id, picking.rule(cmd)) for cmd in cmds]
    await changes.save(tx, now)
    await store.put_picks(tx, tenant, picking.written)
    return outcomes


async def find_picks(tx: Tx, tenant: Tenant, order_id: OrderId) -> list[Pick]:
    """What has become of an order's lines so far; absent lines have not been touched."""
    return (await store.find_picks(tx, tenant, [order_id])).get(order_id, [])


async def find_picks_of(tx: Tx, tenant: Tenant, ids: Sequence[OrderId]) -> dict[OrderId, list[Pick]]:
    """The same of several orders."""
    return await store.find_picks(tx, tenant, ids) if ids else {}


def not_to_pick(status: Status) -> Conflict:
    """The refusal of picking an order that is not there to be picked."""
    return Conflict(f"The order is not to be picked: it is {wire_name(status)}.", code="not_to_pick")


class Picking:
    """One batch of scans, each decided on what the ones before left."""

    def __init__(self, changes: Changes, picks: dict[OrderId, list[Pick]]) -> None:
        self._changes = changes
        self._picks = {key: {each.line: each for each in some} for key, some in picks.items()}
        self.written: list[tuple[OrderId, Pick]] = []

    def rule(self, cmd: PickItem) -> "_Rule":
        """What the scan makes of its order."""
        return _Rule(self, cmd)

    def scan(self, at: Situation, cmd: PickItem) -> Decision | BalcaoError:
        """Decide one scan."""
        order = at.order
        if not may_pick(order):
            return not_to_pick(order.status)
        known = self._picks.setdefault(order.order_id, {})
        picked = pick(lines_of(order, known.values()), cmd.code, cmd.quantity)
        if isinstance(picked, BalcaoError):
            return picked
        known[picked.line] = picked
        self.written.append((order.order_id, picked))
        lines = lines_of(order, known.values())
        item = next(line.item for line in lines if line.item.line == picked.line)
        whole = is_picked(lines)
        note = Note("Picked", "Tudo coletado / All picked", f"{len(lines)} lines")
        facts = {
            "orderId": str(order.order_id),
            "externalId": order.external_id,
            "skuCode": item.sku_code,
            "picked": picked.picked,
            "quantity": item.quantity,
            "isComplete": whole,
        }
        return Change(order=order, event="order.picked", notes=(note,) if whole else (), facts=facts)


class _Rule:
    def __init__(self, picking: Picking, cmd: PickItem) -> None:
        self._picking, self._cmd = picking, cmd

    def __call__(self, at: Situation) -> Decision | BalcaoError:
        return self._picking.scan(at, self._cmd)
