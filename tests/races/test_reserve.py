"""Two orders at the same stock: nobody waits in a circle, and nothing is promised twice."""

import asyncio

from balcao.base.clock import tick
from balcao.base.db import Database, Tx
from balcao.base.values import SellerId, SkuId
from balcao.stock.reserve import Moving, StockKey, StockMove, lock_levels, move_stock
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, NOW, count, fetch, open_shop, product, put

CALLERS = 8


async def keys_of(db: Database) -> list[StockKey]:
    rows = await fetch(db, "SELECT e.seller_id, s.sku_id FROM seller e, sku s ORDER BY 1, 2")
    return [(SellerId(seller), SkuId(sku)) for seller, sku in rows]


async def reserve(tx: Tx, keys: list[StockKey], quantity: int = 1) -> bool:
    """As an order does: lock, decide, tick, move."""
    levels = await lock_levels(tx, LOJA, keys)
    if not all(key in levels and levels[key].available >= quantity for key in keys):
        return False
    moves = [StockMove(seller_id=seller, sku_id=sku, reserved=quantity) for seller, sku in keys]
    ticks = await tick(tx, LOJA, events=0, rows=len(moves), now=NOW)
    await move_stock(tx, Moving(LOJA, moves, levels), ticks, 0)
    return True


async def accept(tx: Tx, keys: list[StockKey]) -> None:
    """As an order of a channel that accepts beyond the stock does: a missing row is made."""
    levels = await lock_levels(tx, LOJA, keys)
    moves = [StockMove(seller_id=seller, sku_id=sku, reserved=1) for seller, sku in keys]
    ticks = await tick(tx, LOJA, events=0, rows=len(moves), now=NOW)
    await move_stock(tx, Moving(LOJA, moves, levels), ticks, 0)


async def reserved(db: Database) -> list[tuple[int, int]]:
    return [
        (on_hand, held)
        for on_hand, held in await fetch(db, "SELECT on_hand, reserved FROM stock ORDER BY seller_id, sku_id")
    ]


async def test_opposite_orders_of_the_same_keys_do_not_deadlock(db: Database) -> None:
    await open_shop(db)
    await put(db, *(count(cnpj, sku, 1000) for cnpj in (CENTRO, NORTE) for sku in ("CUP", "SHIRT-P", "SHIRT-M")))
    keys = await keys_of(db)
    runs = 0

    async def once(order: list[StockKey]) -> bool:
        async with db.transaction() as tx:  # no second try: a deadlock would be raised
            nonlocal runs
            runs += 1
            return await reserve(tx, order)

    done = await asyncio.gather(*(once(keys if n % 2 else keys[::-1]) for n in range(40)))
    assert done == [True] * 40
    assert runs == 40
    assert await reserved(db) == [(1000, 40)] * 6


async def test_the_second_one_waits_and_sees_what_the_first_one_took(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 1), count(CENTRO, "SHIRT-P", 1))
    keys = [key for key in await keys_of(db) if await _counted(db, key)]
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def first() -> bool:
        async with db.transaction() as tx:
            await lock_levels(tx, LOJA, keys)
            locked.set()
            await go_on.wait()
            return await reserve(tx, keys)

    async def second() -> bool:
        await locked.wait()
        async with db.transaction() as tx:
            return await reserve(tx, keys[::-1])

    one, two = asyncio.create_task(first()), asyncio.create_task(second())
    await locked.wait()
    await _waiting(db, 1)
    assert not two.done()
    go_on.set()
    assert (await one, await two) == (True, False)
    assert await reserved(db) == [(1, 1)] * 2


async def test_the_last_units_go_to_as_many_orders_as_there_are_units(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 7))
    [key] = [key for key in await keys_of(db) if await _counted(db, key)]

    async def work(tx: Tx) -> bool:
        return await reserve(tx, [key])

    done = await asyncio.gather(*(db.run(work) for _ in range(20)))
    assert sorted(done) == [False] * 13 + [True] * 7
    assert await reserved(db) == [(7, 7)]


async def test_the_first_orders_of_a_key_that_was_never_counted(db: Database) -> None:
    await open_shop(db)
    keys = await keys_of(db)

    async def work(tx: Tx) -> None:
        await accept(tx, keys)

    await asyncio.gather(*(db.run(work) for _ in range(CALLERS)))
    assert await reserved(db) == [(0, CALLERS)] * 6


async def test_counts_among_reservations(db: Database) -> None:
    await open_shop(db)
    await put(db, *(product(f"P{n}", skus=[f"P{n}"]) for n in range(20)))
    codes = [f"P{n}" for n in range(20)]
    await put(db, *(count(CENTRO, code, 100) for code in codes))
    keys = [key for key in await keys_of(db) if await _counted(db, key)]

    async def order(turn: int) -> bool:
        async def work(tx: Tx) -> bool:
            return await reserve(tx, keys[turn:] + keys[:turn])

        return await db.run(work)

    async def recount(turn: int) -> None:
        result = await put(db, *(count(CENTRO, code, 200 + turn) for code in codes[::-1]))
        assert (result.failed, result.rows) == (0, 20)

    outcomes = await asyncio.gather(*(order(n % 20) if n % 4 else recount(n) for n in range(24)))
    assert outcomes.count(True) == 18
    levels = await reserved(db)
    assert {held for _, held in levels} == {18}
    assert len({on_hand for on_hand, _ in levels}) == 1  # one whole count, not a mixture of two


async def test_a_count_and_an_order_that_make_the_same_row(db: Database) -> None:
    await open_shop(db)
    keys = await keys_of(db)

    async def order(tx: Tx) -> None:
        await accept(tx, keys)

    async def recount() -> None:
        await put(db, *(count(cnpj, sku, 9) for cnpj in (CENTRO, NORTE) for sku in ("CUP", "SHIRT-P", "SHIRT-M")))

    await asyncio.gather(db.run(order), recount(), db.run(order), recount(), db.run(order))
    assert await reserved(db) == [(9, 3)] * 6


async def _counted(db: Database, key: StockKey) -> bool:
    return bool(await fetch(db, "SELECT 1 FROM stock WHERE seller_id = $1 AND sku_id = $2", *key))


async def _waiting(db: Database, backends: int) -> None:
    """Until so many connections wait for a lock."""
    for _ in range(200):
        waiting = await fetch(
            db, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        if len(waiting) >= backends:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
