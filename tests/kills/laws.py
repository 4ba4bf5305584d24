"""What must hold after all the deaths: nothing that was answered is lost, nothing is there by halves, all was told."""

from collections.abc import Mapping, Sequence

from tests.kills.customers import Customers
from tests.kills.listeners import Heard
from tests.verbs.invariants import check
from tests.verbs.shop import Shop

_HALVES = """
    SELECT o.order_id FROM orders o
     WHERE o.tenant = $1 AND NOT (
           EXISTS (SELECT FROM order_key p WHERE p.tenant = $1 AND p.order_id = o.order_id)
       AND (SELECT count(*) FROM order_item p WHERE p.tenant = $1 AND p.order_id = o.order_id) = 3
       AND EXISTS (SELECT FROM order_payment p WHERE p.tenant = $1 AND p.order_id = o.order_id)
       AND EXISTS (SELECT FROM order_step p WHERE p.tenant = $1 AND p.order_id = o.order_id)
       AND EXISTS (SELECT FROM order_log p WHERE p.tenant = $1 AND p.order_id = o.order_id)
       AND EXISTS (SELECT FROM event p
                    WHERE p.tenant = $1 AND p.subject = o.order_id::text AND p.type = 'order.placed'))
    UNION ALL
    SELECT p.order_id FROM (
           SELECT order_id FROM order_key WHERE tenant = $1 UNION ALL SELECT order_id FROM order_item WHERE tenant = $1
           UNION ALL SELECT order_id FROM order_payment WHERE tenant = $1
           UNION ALL SELECT order_id FROM order_step WHERE tenant = $1
           UNION ALL SELECT order_id FROM order_log WHERE tenant = $1
           UNION ALL SELECT order_id FROM order_invoice WHERE tenant = $1) p
     WHERE NOT EXISTS (SELECT FROM orders o WHERE o.tenant = $1 AND o.order_id = p.order_id)
"""


async def check_orders(shop: Shop, customers: Customers) -> None:
    """Every order that was answered is there once, under the id that was answered; none is there by halves."""
    assert customers.surprises == []
    async with shop.db.read() as tx:
        await tx.execute(
            "ANALYZE"
        )  # a hundred deaths make tens of thousands of rows, of which no statistics may tell yet
        rows = await tx.fetch("SELECT external_id, order_id::text FROM orders WHERE tenant = $1", shop.tenant)
        halves = [row["order_id"] for row in await tx.fetch(_HALVES, shop.tenant)]
    there = {row["external_id"]: row["order_id"] for row in rows}
    assert len(there) == len(rows)
    wrong = {key: ids for key, ids in customers.orders.items() if {there.get(key)} != set(ids)}
    assert wrong == {}
    assert halves == []
    await check(shop)


def check_changes(log: Sequence[Heard], done: Mapping[str, Sequence[str]]) -> None:
    """Every change that was answered is in the log once, and in the order in which they were asked."""
    of: dict[str, list[str]] = {}
    for heard in log:
        of.setdefault(heard.subject, []).append(heard.type)
    lost = {
        order_id: (kinds, of.get(order_id))
        for order_id, kinds in done.items()
        if [kind for kind in of.get(order_id, ()) if kind in kinds] != list(kinds)
    }
    assert lost == {}


def check_feed(heard: Sequence[Heard], log: Sequence[Heard]) -> None:
    """Every event of the log, once and in order."""
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert list(heard) == list(log)


def check_hook(heard: Sequence[Heard], log: Sequence[Heard]) -> None:
    """Every event of an order at least once, and of one order none before the one ahead of it or again after it."""
    wanted = [event for event in log if event.type.startswith("order.")]
    assert set(heard) == set(wanted)
    newest: dict[str, int] = {}
    late = []
    for event in heard:
        if event.seq < newest.get(event.subject, 0):
            late.append(event)
        newest[event.subject] = max(event.seq, newest.get(event.subject, 0))
    assert late == []
    first: dict[str, list[int]] = {}
    for event in heard:
        seen = first.setdefault(event.subject, [])
        if event.seq not in seen:
            seen.append(event.seq)
    assert [seqs for seqs in first.values() if seqs != sorted(seqs)] == []


async def read_log(shop: Shop) -> list[Heard]:
    """The tenant's log as the database has it."""
    async with shop.db.read() as tx:
        rows = await tx.fetch("SELECT seq, type, subject FROM event WHERE tenant = $1 ORDER BY seq", shop.tenant)
    return [Heard(*row) for row in rows]
