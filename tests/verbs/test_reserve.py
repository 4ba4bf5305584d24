"""Locking levels and moving stock."""

import asyncpg
import pytest

from balcao.base.clock import Ticks, tick
from balcao.base.db import Database, Tx
from balcao.base.values import Micros, SellerId, SkuId, new_id
from balcao.stock.find import find_levels
from balcao.stock.reserve import Level, Moving, StockKey, StockMove, lock_levels, move_stock, net_moves
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, NOW, OUTRA, count, fetch, open_shop, put


async def keys_of(db: Database) -> dict[tuple[str, str], StockKey]:
    rows = await fetch(db, "SELECT e.cnpj, s.code, e.seller_id, s.sku_id FROM seller e, sku s")
    return {(cnpj, code): (SellerId(seller), SkuId(sku)) for cnpj, code, seller, sku in rows}


async def move(db: Database, *moves: StockMove, first_row: int = 0) -> Ticks:
    async def work(tx: Tx) -> Ticks:
        levels = await lock_levels(tx, LOJA, [(move.seller_id, move.sku_id) for move in moves])
        moving = Moving(LOJA, moves, levels)
        ticks = await tick(tx, LOJA, events=0, rows=first_row + moving.rows, now=NOW)
        await move_stock(tx, moving, ticks, first_row)
        return ticks

    return await db.run(work)


def by(key: StockKey, *, on_hand: int = 0, reserved: int = 0) -> StockMove:
    return StockMove(seller_id=key[0], sku_id=key[1], on_hand=on_hand, reserved=reserved)


async def stock_of(db: Database, key: StockKey) -> tuple[int, int, int] | None:
    rows = await fetch(
        db, "SELECT on_hand, reserved, last_update_us FROM stock WHERE seller_id = $1 AND sku_id = $2", *key
    )
    return rows[0] if rows else None


async def test_levels_are_read_with_the_stores_safety_stock(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 5))
    keys = await keys_of(db)
    centro, norte, never = keys[CENTRO, "CUP"], keys[NORTE, "CUP"], keys[CENTRO, "SHIRT-P"]
    await move(db, by(norte, reserved=4))
    async with db.transaction() as tx:
        levels = await lock_levels(tx, LOJA, [norte, never, centro, norte])
        assert levels == {centro: Level(5, 0, 0), norte: Level(5, 4, 2)}
        assert (levels[centro].available, levels[norte].available) == (5, -1)
        assert await find_levels(tx, LOJA, [centro[0], norte[0]], [centro[1], never[1]]) == levels
        assert await lock_levels(tx, LOJA, []) == {}
        assert await find_levels(tx, LOJA, [], [centro[1]]) == {}


async def test_another_tenants_levels_are_not_there(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5))
    key = (await keys_of(db))[CENTRO, "CUP"]
    async with db.transaction() as tx:
        assert await lock_levels(tx, OUTRA, [key]) == {}


async def test_reserve_release_and_consume(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5))
    key = (await keys_of(db))[CENTRO, "CUP"]
    ticks = await move(db, by(key, reserved=3))
    assert await stock_of(db, key) == (5, 3, ticks.at(0))
    ticks = await move(db, by(key, reserved=-1))
    assert await stock_of(db, key) == (5, 2, ticks.at(0))
    ticks = await move(db, by(key, on_hand=-2, reserved=-2))
    assert await stock_of(db, key) == (3, 0, ticks.at(0))


async def test_moves_of_one_key_are_summed_and_nothing_is_no_move(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5), count(CENTRO, "SHIRT-P", 5))
    keys = await keys_of(db)
    cup, shirt = keys[CENTRO, "CUP"], keys[CENTRO, "SHIRT-P"]
    before = await stock_of(db, shirt)
    ticks = await move(db, by(shirt, reserved=2), by(cup, reserved=1), by(shirt, reserved=-2), by(cup, reserved=1))
    assert await stock_of(db, shirt) == before
    assert await stock_of(db, cup) == (5, 2, ticks.at(0))


async def test_each_row_carries_its_own_tick_in_the_order_of_the_keys(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5), count(CENTRO, "SHIRT-P", 5), count(NORTE, "CUP", 5))
    keys = await keys_of(db)
    moved = [keys[NORTE, "CUP"], keys[CENTRO, "SHIRT-P"], keys[CENTRO, "CUP"]]
    ticks = await move(db, *(by(key, reserved=1) for key in moved), first_row=2)
    at = {key: (await stock_of(db, key) or (0, 0, 0))[2] for key in moved}
    assert [at[key] for key in sorted(moved)] == [ticks.at(2), ticks.at(3), ticks.at(4)]


async def test_missing_rows_are_made_below_zero_and_beside_old_ones(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 1))
    keys = await keys_of(db)
    old, new = keys[CENTRO, "CUP"], keys[NORTE, "SHIRT-M"]
    ticks = await move(db, by(old, reserved=1), by(new, reserved=2))
    assert await stock_of(db, old) == (1, 1, ticks.at(0))
    assert await stock_of(db, new) == (0, 2, ticks.at(1))


async def test_what_is_not_reserved_cannot_be_released(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 1))
    key = (await keys_of(db))[CENTRO, "CUP"]
    before = await stock_of(db, key)
    with pytest.raises(asyncpg.CheckViolationError):
        await move(db, by(key, reserved=-1))
    assert await stock_of(db, key) == before


async def test_net_moves_in_lock_order() -> None:
    one, two = (SellerId(new_id()), SkuId(new_id())), (SellerId(new_id()), SkuId(new_id()))
    moves = net_moves([by(max(one, two), reserved=1), by(min(one, two), on_hand=-1), by(max(one, two), on_hand=2)])
    assert [(move.seller_id, move.sku_id) for move in moves] == sorted([one, two])
    assert [(move.on_hand, move.reserved) for move in moves] == [(-1, 0), (2, 1)]
    assert net_moves([]) == []


async def test_nothing_to_move(db: Database) -> None:
    await open_shop(db)
    async with db.transaction() as tx:
        await move_stock(tx, Moving(LOJA, [], {}), Ticks(1, Micros(1)), 0)
