"""The lines of action logs that ask for a person."""

from collections.abc import Sequence
from typing import Final

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId
from balcao.orders.rules.picking import REJECTED, REROUTED
from balcao.orders.rules.status import TERMINAL, Status
from balcao.tenants.rules import Caller

ATTENDED: Final = "Attended"
PAID_LATE: Final = "PaidAfterCancellation"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One order that asks for a person: of what kind, since when, and what its log says."""

    order_id: OrderId
    type: str
    display_message: str
    created_us: Micros
    external_id: str
    friendly_code: str
    channel: str
    status: Status
    seller_name: str


async def list_calls(tx: Tx, caller: Caller, *, since: Micros, limit: int) -> Sequence[Call]:
    """Calls that nobody has answered, newest first (order_log_for_people)."""
    rows = await tx.fetch(
        """
        SELECT l.order_id, l.type, l.display_message, l.created_us, o.external_id, o.friendly_code, o.channel, o.status,
               s.name AS seller_name
          FROM order_log l
          JOIN orders o ON o.tenant = l.tenant AND o.order_id = l.order_id
          JOIN seller s ON s.tenant = o.tenant AND s.seller_id = o.seller_id
         WHERE l.tenant = $1 AND l.type IN ('PaidAfterCancellation', 'OutOfStock', 'ItemRejected')
           AND l.created_us >= $2
           AND ($3::text IS NULL OR s.cnpj = $3)
           AND (l.type = $4 OR o.status <> ALL ($5::smallint[]))
           AND NOT EXISTS (SELECT 1 FROM order_log d
                            WHERE d.tenant = l.tenant AND d.order_id = l.order_id AND d.created_us >= l.created_us
                              AND (d.type = $6 OR (l.type = $7 AND d.type = $8)))
         ORDER BY l.created_us DESC LIMIT $9
        """,
        caller.tenant,
        since,
        caller.seller_cnpj,
        PAID_LATE,
        sorted(TERMINAL),
        ATTENDED,
        REJECTED,
        REROUTED,
        limit,
    )
    return [msgspec.convert(dict(row), Call) for row in rows]
