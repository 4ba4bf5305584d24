"""Other clocks than the tenant's, to show that the proof notices: what many systems stamp their rows with."""

import sys
from collections.abc import Awaitable, Callable

import pytest

from balcao.base import clock, turn
from balcao.base.clock import Ticks
from balcao.base.db import Database, Tx
from balcao.base.values import Micros, Tenant

BLOCK = 10_000
"""Numbers that one transaction takes from a sequence: more than it has rows."""
Tick = Callable[..., Awaitable[Ticks]]


async def plain_clock(tx: Tx, tenant: Tenant, *, events: int, rows: int, now: Micros) -> Ticks:
    """The database's time at the write, as `DEFAULT now()` and `updated_at` have it."""
    at_us = await tx.fetchval("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return Ticks(await _block(tx, "proof_seq"), Micros(at_us))


async def sequence(tx: Tx, tenant: Tenant, *, events: int, rows: int, now: Micros) -> Ticks:
    """A number from a sequence, as `bigserial` change numbers have it."""
    return Ticks(await _block(tx, "proof_seq"), Micros(await _block(tx, "proof_at")))


async def _block(tx: Tx, name: str) -> int:
    return int(await tx.fetchval("SELECT nextval($1::text::regclass)", name))


async def sabotage(db: Database, monkeypatch: pytest.MonkeyPatch, tick: Tick, *, start: int) -> None:
    """Stamp every row by `tick` instead, and let catalogue batches run side by side, as they do elsewhere: taking turns
    would put them in order whatever stamps them.
    """
    async with db.transaction() as tx:
        await tx.execute(f"CREATE SEQUENCE proof_seq START {BLOCK} INCREMENT {BLOCK}")
        await tx.execute(f"CREATE SEQUENCE proof_at START {start} INCREMENT {BLOCK}")
    _replace(monkeypatch, clock.tick, tick)
    _replace(monkeypatch, turn.take_turn, _no_turn)


async def _no_turn(tx: Tx, tenant: Tenant) -> None:
    pass


def _replace(monkeypatch: pytest.MonkeyPatch, old: object, new: object) -> None:
    """Wherever a module of the house holds it under its own name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("balcao."):
            for attribute, value in list(vars(module).items()):
                if value is old:
                    monkeypatch.setattr(module, attribute, new)
