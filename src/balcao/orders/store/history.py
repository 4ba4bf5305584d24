"""Writing orders' history: steps and action log lines."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from balcao.base.db import Tx
from balcao.base.statements import Statement
from balcao.base.values import Micros, OrderId, Tenant, new_id
from balcao.orders.rules.change import Note
from balcao.orders.rules.status import Status, description_of

INSERT_STEPS = """
    INSERT INTO order_step (tenant, order_id, seq, number, status, description, created_us)
    SELECT $1, n.* FROM json_to_recordset(${}::json)
        AS n(order_id uuid, seq bigint, number smallint, status smallint, description text, created_us bigint)
"""
INSERT_LOGS = """
    INSERT INTO order_log (tenant, order_id, log_id, type, display_message, internal_message, issuer, created_us)
    SELECT $1, n.* FROM json_to_recordset(${}::json)
        AS n(order_id uuid, log_id uuid, type text, display text, internal text, issuer text, created_us bigint)
"""


class Entry(NamedTuple):
    """What one change adds to an order's history: its event's sequence number, its instant, its steps and log lines."""

    order_id: OrderId
    seq: int
    at_us: Micros
    steps: tuple[Status, ...]
    notes: tuple[Note, ...]
    issuer: str


def insert_history(tenant: Tenant, entries: Sequence[Entry]) -> Statement[None]:
    """Append steps and action log lines."""
    logs = log_rows((entry, note) for entry in entries for note in entry.notes)
    return Statement(
        INSERT_LOGS.format(3),
        (tenant, step_rows(entries), logs),
        beside=(("new_step", INSERT_STEPS.format(2)),),
    )


async def insert_logs(tx: Tx, tenant: Tenant, lines: Sequence[tuple[Entry, Note]]) -> None:
    """Append action log lines."""
    if lines:
        await tx.execute(INSERT_LOGS.format(2), tenant, log_rows(lines))


def step_rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The rows that `INSERT_STEPS` takes."""
    return [
        {
            "order_id": entry.order_id,
            "seq": entry.seq,
            "number": number,
            "status": status,
            "description": description_of(status),
            "created_us": entry.at_us,
        }
        for entry in entries
        for number, status in enumerate(entry.steps, 1)
    ]


def log_rows(lines: Iterable[tuple[Entry, Note]]) -> list[dict[str, Any]]:
    """The rows that `INSERT_LOGS` takes."""
    return [
        {
            "order_id": entry.order_id,
            "log_id": new_id(),
            "type": note.type,
            "display": note.display,
            "internal": note.internal,
            "issuer": entry.issuer,
            "created_us": entry.at_us,
        }
        for entry, note in lines
    ]
