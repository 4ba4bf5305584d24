"""The log's SQL."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.events.rules import Event


async def insert_events(tx: Tx, tenant: Tenant, events: Sequence[Event], ticks: Ticks) -> None:
    """Append the events; sequence numbers and instants come from the transaction's ticks."""
    await tx.execute(
        """
        INSERT INTO event (tenant, seq, at_us, type, subject, channel, seller_id, actor, data)
        SELECT $1, e.* FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                                   $8::text[], $9::jsonb[]) AS e
        """,
        tenant,
        [ticks.seq(n) for n in range(len(events))],
        [ticks.at(event.row) for event in events],
        [event.type for event in events],
        [event.subject for event in events],
        [event.channel for event in events],
        [event.seller_id for event in events],
        [event.actor for event in events],
        [event.data for event in events],
    )
