"""How PostgreSQL is to find what a batch names: settings of the transaction."""

from typing import Final

from balcao.base.columns import Pairs
from balcao.base.db import Tx

DENSE: Final = 2
"""So many times as many records as are asked for may be read where that saves looking each one up."""


async def look_up_by_keys(tx: Tx) -> None:
    """Have the statements that follow look records up by their keys, each planned for what it is given.

    Before the tables are analysed for the first time, and for a new tenant, the planner takes them for empty: it read
    all of a tenant's rows for each part, or for each row, or kept a plan from when there were none. That took up to a
    hundred times as long.
    """
    await tx.execute("""
        SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_hashjoin = off;
        SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
        SET LOCAL enable_material = off
    """)


async def read_side_by_side(tx: Tx) -> None:
    """Have the next statement read what it is given and what is there side by side; then `look_up_again`.

    For records that lie next to each other in their key: reading them in one go takes a third of looking each one up.
    """
    await tx.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_nestloop = off")


async def look_up_again(tx: Tx) -> None:
    """Look records up by their keys from here on."""
    await tx.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = on")


async def plan_as_usual(tx: Tx) -> None:
    """Leave planning to the planner again: checks of foreign keys would be planned for each row."""
    await tx.execute("SET LOCAL plan_cache_mode = auto")


def are_dense(keys: Pairs) -> bool:
    """Whether the keys fill the table that they span, or half of it."""
    return keys.span <= DENSE * len(keys.cells)
