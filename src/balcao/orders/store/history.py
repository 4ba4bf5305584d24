"""Writing orders' history: steps and action log lines."""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from balcao.base.clock import Ticks, ticked
from balcao.base.columns import array, numbers, unnest
from balcao.base.db import Tx
from balcao.base.statements import Statement, run_all
from balcao.base.values import Micros, OrderId, Tenant, new_id
from balcao.orders.rules.change import Note
from balcao.orders.rules.status import Status, description_of

_STEPS: Final = {"order_id": "uuid", "row": "bigint", "number": "smallint", "status": "smallint", "description": "text"}
_LOGS: Final = {
    "order_id": "uuid",
    "row": "bigint",
    "log_id": "uuid",
    "type": "text",
    "display": "text",
    "internal": "text",
    "issuer": "text",
}


class Entry(NamedTuple):
    """What one change adds to an order's history: its steps and log lines.

    row: which of the transaction's changes it is, from 0: it has that event's number and that instant of `clock`
    (`base.clock.ticking`).
    """

    order_id: OrderId
    row: int
    steps: tuple[Status, ...]
    notes: tuple[Note, ...]
    issuer: str


def insert_history(tenant: Tenant, entries: Sequence[Entry]) -> Statement[None]:
    """Append steps and action log lines, to go with the tick (`base.clock.ticking`)."""
    steps = [(entry, number, status) for entry in entries for number, status in enumerate(entry.steps, 1)]
    logs = [(entry, note) for entry in entries for note in entry.notes]
    return Statement(
        _insert_logs(2 + len(_STEPS)),
        (
            tenant,
            array([entry.order_id for entry, _, _ in steps]),
            numbers(entry.row for entry, _, _ in steps),
            numbers(number for _, number, _ in steps),
            array([status for _, _, status in steps]),
            array([description_of(status) for _, _, status in steps]),
            *_log_columns(logs),
        ),
        beside=(("new_step", _INSERT_STEPS),),
    )


async def insert_logs(tx: Tx, tenant: Tenant, lines: Sequence[tuple[OrderId, Note, str]], at_us: Micros) -> None:
    """Append action log lines (order, line, issuer) that belong to no change, all with this instant."""
    if lines:
        columns = _log_columns([(Entry(order_id, 0, (), (), issuer), note) for order_id, note, issuer in lines])
        await run_all(tx, ticked(Ticks(0, at_us)), Statement(_insert_logs(2), (tenant, *columns)))


_INSERT_STEPS: Final = f"""
    INSERT INTO order_step (tenant, order_id, seq, number, status, description, created_us)
    SELECT $1, n.order_id, clock.seq + n.row, n.number, n.status, n.description, clock.at_us + n.row
      FROM clock, {unnest(2, _STEPS)}
"""  # noqa: S608


@cache
def _insert_logs(first: int) -> str:
    """The statement whose columns are the parameters from the first on."""
    return f"""
        INSERT INTO order_log (tenant, order_id, log_id, type, display_message, internal_message, issuer, created_us)
        SELECT $1, n.order_id, n.log_id, n.type, n.display, n.internal, n.issuer, clock.at_us + n.row
          FROM clock, {unnest(first, _LOGS)}
        """  # noqa: S608


def _log_columns(lines: Sequence[tuple[Entry, Note]]) -> tuple[str, ...]:
    return (
        array([entry.order_id for entry, _ in lines]),
        numbers(entry.row for entry, _ in lines),
        array([new_id() for _ in lines]),
        array([note.type for _, note in lines]),
        array([note.display for _, note in lines]),
        array([note.internal for _, note in lines]),
        array([entry.issuer for entry, _ in lines]),
    )
