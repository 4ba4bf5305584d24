"""What statements cost: the rows of a table that they look at, by the database's own account."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from balcao.base.db import Tx

_EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"


class Look(NamedTuple):
    """One step of a plan at a table: how it reads, by which index, and how many rows it looked at in all."""

    kind: str
    by: str | None
    rows: int


class Recorder:
    """Takes down the statements that pass through it to a connection."""

    def __init__(self, tx: Tx, *, planned_once: bool = False) -> None:
        self._tx = tx
        self._planned_once = planned_once
        self.statements: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def tx(self) -> Tx:
        """Stands in for the connection."""
        return cast("Tx", self)

    async def fetch(self, query: str, *arguments: Any) -> Any:
        """As the connection's."""
        self.statements.append((query, arguments))
        return await self._tx.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> Any:
        """As the connection's."""
        self.statements.append((query, arguments))
        return await self._tx.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """As the connection's."""
        self.statements.append((query, arguments))
        return await self._tx.fetchval(query, *arguments)

    async def looks(self, table: str) -> list[list[Look]]:
        """For each statement, its steps at the table."""
        ask = looks_when_planned_once if self._planned_once else looks
        return [await ask(self._tx, table, query, *arguments) for query, arguments in self.statements]

    async def keep(self) -> list[str]:
        """Has the session plan each statement, and keep the plan: how it is called with its arguments."""
        kept = [await _keep(self._tx, f"kept_{n}", *said) for n, said in enumerate(self.statements)]
        for call in kept:
            await self._tx.fetch(f"EXECUTE {call}")
        return kept

    async def looks_when_kept(self, kept: list[str], table: str) -> list[list[Look]]:
        """As `looks`, by the plans that are kept."""
        return [_looks(table, await self._tx.fetchval(f"{_EXPLAIN} EXECUTE {call}")) for call in kept]


async def looks(tx: Tx, table: str, query: str, *arguments: Any) -> list[Look]:
    """The statement's steps at the table, as it is run once more."""
    return _looks(table, await tx.fetchval(f"{_EXPLAIN} {query}", *arguments))


async def looks_when_planned_once(tx: Tx, table: str, query: str, *arguments: Any) -> list[Look]:
    """The same by the plan that a session keeps which plans each statement once: it knows no value."""
    call = await _keep(tx, "looked", query, arguments)
    try:
        return _looks(table, await tx.fetchval(f"{_EXPLAIN} EXECUTE {call}"))
    finally:
        await tx.execute("DEALLOCATE looked")


async def _keep(tx: Tx, name: str, query: str, arguments: tuple[Any, ...]) -> str:
    await tx.execute(f"PREPARE {name} AS {query}")
    return f"{name}({', '.join(map(_literal, arguments))})"


def _looks(table: str, told: Any) -> list[Look]:
    plan = json.loads(told) if isinstance(told, str) else told
    return [_look(step) for step in _steps(plan[0]["Plan"]) if step.get("Relation Name") == table]


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(map(_literal, value))}]" if value else "'{}'"
    return str(int(value)) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _steps(part)


def _look(step: Mapping[str, Any]) -> Look:
    rows = step["Actual Rows"] + step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
    loops = step["Actual Loops"]
    if isinstance(rows, int) and loops > 1:  # before PostgreSQL 18 the mean is told as a whole number: at least so many
        rows = max(rows - 0.5, 0)
    return Look(step["Node Type"], step.get("Index Name"), round(rows * loops))
