"""Measure a shop's orders over a stretch of time: what they come to, and how they go."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.orders.rules.measures import ORDERS_MAX, Course, Sum, Totals, Window, reasons_of, rejections_of
from balcao.orders.rules.status import Status
from balcao.orders.store import measures as store

# grouping(part, channel, seller_id, status): a bit is 0 for the column that the row is of.
_ALL, _PART, _CHANNEL, _SELLER, _STATUS = 15, 7, 11, 13, 14


async def measure_orders(tx: Tx, tenant: Tenant, window: Window) -> Totals:
    """The orders of the window added up, the newest 300,000 of them at most: the cost has a bound."""
    rows = await store.add_up(tx, tenant, window)
    [total] = [row for row in rows if row["grouping"] == _ALL]
    statuses = {Status(key): value for key, value in _sums(rows, _STATUS, "status").items()}
    return Totals(
        all=_sum(total),
        by_part=_sums(rows, _PART, "part"),
        by_channel=_sums(rows, _CHANNEL, "channel"),
        by_seller=_sums(rows, _SELLER, "seller_id"),
        by_status=statuses,
        oldest_us=total["oldest_us"],
        is_whole=total["orders"] <= ORDERS_MAX,
    )


async def follow_orders(tx: Tx, tenant: Tenant, window: Window) -> Course:
    """How the window's newest orders, 5,000 at most, went from status to status, and what stopped them."""
    reached = await store.time_steps(tx, tenant, window)
    return Course(
        followed=max((each.orders for each in reached.values()), default=0),
        reached=reached,
        moves=await store.count_moves(tx, tenant, window),
        reasons=reasons_of(await store.list_cancel_notes(tx, tenant, window)),
        rejections=rejections_of(await store.list_rejections(tx, tenant, window)),
        out_of_stock=await store.list_out_of_stock(tx, tenant, window),
    )


def _sums(rows: Sequence[Record], grouping: int, column: str) -> dict[Any, Sum]:
    return {row[column]: _sum(row) for row in rows if row["grouping"] == grouping}


def _sum(row: Record) -> Sum:
    return Sum(row["orders"], row["amount"], row["short"])
