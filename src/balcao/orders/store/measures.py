"""Orders added up: a bounded number of the newest ones, by orders_by_create and the primary keys."""

from collections.abc import Sequence

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.orders.rules.measures import FOLLOWED_MAX, ORDERS_MAX, TOP, OutOfStock, Reached, Window
from balcao.orders.rules.status import CANCELLED, Status


async def add_up(tx: Tx, tenant: Tenant, window: Window) -> list[Record]:
    """A row for everything, and one for each part of time, channel, store and status: `grouping` says which."""
    return await tx.fetch(
        """
        WITH newest AS (
            SELECT (create_us + $4::bigint) / $5::bigint AS part, channel, seller_id, status, is_short, create_us,
                   total_amount
              FROM orders WHERE tenant = $1 AND create_us >= $2 AND create_us < $3
             ORDER BY create_us DESC LIMIT $6),
        -- Every order once: the sets below are then made of a few thousand sums.
        sums AS MATERIALIZED (
            SELECT part, channel, seller_id, status, count(*) AS orders, sum(total_amount) AS amount,
                   count(*) FILTER (WHERE is_short) AS short, min(create_us) AS oldest_us
              FROM newest GROUP BY part, channel, seller_id, status)
        SELECT grouping(part, channel, seller_id, status) AS grouping, part, channel, seller_id, status,
               coalesce(sum(orders), 0)::bigint AS orders, coalesce(sum(amount), 0) AS amount,
               coalesce(sum(short), 0)::bigint AS short, min(oldest_us) AS oldest_us
          FROM sums GROUP BY GROUPING SETS ((), (part), (channel), (seller_id), (status))
        """,
        tenant,
        window.since_us,
        window.until_us,
        window.offset_us,
        window.part_us,
        ORDERS_MAX + 1,
    )


_NEWEST = """
    newest AS MATERIALIZED (
        SELECT order_id, seller_id, status, create_us FROM orders
         WHERE tenant = $1 AND create_us >= $2 AND create_us < $3 ORDER BY create_us DESC LIMIT $4)
"""


def _arguments(tenant: Tenant, window: Window) -> tuple[object, ...]:
    return (tenant, window.since_us, window.until_us, FOLLOWED_MAX)


async def time_steps(tx: Tx, tenant: Tenant, window: Window) -> dict[Status, Reached]:
    """How long the newest orders took to come to each status for the first time."""
    rows = await tx.fetch(
        f"""
        WITH {_NEWEST},
        came AS (
            SELECT t.status, min(t.created_us) - min(n.create_us) AS took_us
              FROM newest n JOIN order_step t ON t.tenant = $1 AND t.order_id = n.order_id
             GROUP BY n.order_id, t.status)
        SELECT status, count(*) AS orders, percentile_disc(0.5) WITHIN GROUP (ORDER BY took_us) / 1000000 AS median_s,
               percentile_disc(0.9) WITHIN GROUP (ORDER BY took_us) / 1000000 AS most_s
          FROM came GROUP BY status
        """,  # noqa: S608
        *_arguments(tenant, window),
    )
    return {Status(row["status"]): Reached(row["orders"], row["median_s"], row["most_s"]) for row in rows}


async def count_moves(tx: Tx, tenant: Tenant, window: Window) -> list[tuple[Status, Status, int]]:
    """From which status to which the newest orders went, the most frequent first."""
    rows = await tx.fetch(
        f"""
        WITH {_NEWEST},
        moves AS (
            SELECT lag(t.status) OVER (PARTITION BY t.order_id ORDER BY t.seq, t.number) AS before, t.status AS after
              FROM newest n JOIN order_step t ON t.tenant = $1 AND t.order_id = n.order_id)
        SELECT before, after, count(*) AS orders FROM moves WHERE before IS NOT NULL
         GROUP BY before, after ORDER BY orders DESC, before, after LIMIT $5
        """,  # noqa: S608
        *_arguments(tenant, window),
        TOP,
    )
    return [(Status(row["before"]), Status(row["after"]), row["orders"]) for row in rows]


async def list_cancel_notes(tx: Tx, tenant: Tenant, window: Window) -> list[tuple[str, int]]:
    """The log lines of steps of the newest orders that are cancelled, with how often each stands there."""
    rows = await tx.fetch(
        f"""
        WITH {_NEWEST}
        SELECT l.internal_message AS note, count(*) AS times
          FROM newest n JOIN order_log l ON l.tenant = $1 AND l.order_id = n.order_id AND l.type = 'Status'
         WHERE n.status = ANY($5::smallint[]) GROUP BY l.internal_message
        """,  # noqa: S608
        *_arguments(tenant, window),
        sorted(CANCELLED),
    )
    return [(row["note"], row["times"]) for row in rows]


async def list_rejections(tx: Tx, tenant: Tenant, window: Window) -> list[tuple[str, int]]:
    """The log lines of items rejected in the window, with how often each stands there (order_log_for_people)."""
    rows = await tx.fetch(
        """
        SELECT l.internal_message AS note, count(*) AS times
          FROM (SELECT internal_message FROM order_log
                 WHERE tenant = $1 AND type = 'ItemRejected' AND created_us >= $2 AND created_us < $3
                 ORDER BY created_us DESC LIMIT $4) l
         GROUP BY l.internal_message
        """,
        *_arguments(tenant, window),
    )
    return [(row["note"], row["times"]) for row in rows]


async def list_out_of_stock(tx: Tx, tenant: Tenant, window: Window) -> Sequence[OutOfStock]:
    """The SKUs of the newest orders that their stores have run out of, the most ordered first."""
    rows = await tx.fetch(
        f"""
        WITH {_NEWEST},
        ordered AS (
            SELECT i.sku_id, min(i.sku_code) AS sku_code, n.seller_id, sum(i.quantity)::bigint AS ordered
              FROM newest n JOIN order_item i ON i.tenant = $1 AND i.order_id = n.order_id
             GROUP BY i.sku_id, n.seller_id)
        SELECT o.sku_code, o.seller_id, o.ordered, k.on_hand - k.reserved - e.safety_stock AS available
          FROM ordered o JOIN stock k ON k.tenant = $1 AND k.sku_id = o.sku_id AND k.seller_id = o.seller_id
                         JOIN seller e ON e.tenant = $1 AND e.seller_id = o.seller_id
         WHERE k.on_hand - k.reserved - e.safety_stock <= 0 ORDER BY o.ordered DESC, o.sku_code LIMIT $5
        """,  # noqa: S608
        *_arguments(tenant, window),
        TOP,
    )
    return [OutOfStock(row["sku_code"], row["seller_id"], row["ordered"], row["available"]) for row in rows]
