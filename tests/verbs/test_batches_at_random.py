"""Counts and prices in batches of any shape, against what plain dictionaries say."""

import random
from decimal import Decimal

import pytest

from balcao.base.db import Database
from tests.verbs.catalogue_shop import (
    CENTRO,
    NORTE,
    SUL,
    clock,
    count,
    counted,
    fetch,
    open_tenant,
    price,
    product,
    put,
)
from tests.verbs.catalogue_shop import seller as store
from tests.verbs.test_count_stock import levels
from tests.verbs.test_put_prices import prices

STORES = (CENTRO, NORTE, SUL)
CODES = tuple(f"P{n}" for n in range(6))
KEYS = [(cnpj, code) for cnpj in STORES for code in CODES]


async def open_stores(db: Database) -> None:
    await open_tenant(db)
    await put(db, *(store(cnpj) for cnpj in STORES))
    await put(db, *(product(code, skus=(code,)) for code in CODES))


def some_keys(chance: random.Random) -> list[tuple[str, str]]:
    """All of some stores and SKUs, a few that have neither in common, or anything, rarely one of them twice."""
    shape = chance.randrange(3)
    if shape == 0:
        stores, codes = chance.sample(STORES, chance.randint(1, 3)), chance.sample(CODES, chance.randint(1, 6))
        keys = [(cnpj, code) for cnpj in stores for code in codes]
    elif shape == 1:
        keys = list(zip(chance.sample(STORES, 3), chance.sample(CODES, 3), strict=True))
    else:
        keys = chance.sample(KEYS, chance.randint(1, len(KEYS)))
    chance.shuffle(keys)
    return keys + keys[: chance.choice((0, 0, 1))]


@pytest.mark.parametrize("seed", range(4))
async def test_counts(db: Database, seed: int) -> None:
    await open_stores(db)
    chance, expected = random.Random(seed), dict[tuple[str, str], tuple[int, int]]()  # noqa: S311
    for _ in range(12):
        asked = [(key, chance.randint(0, 2)) for key in some_keys(chance)]
        newest = {key: (quantity, 0) for key, quantity in asked}
        inserted = len(newest.keys() - expected.keys())
        updated = sum(key in expected and expected[key] != level for key, level in newest.items())
        before = await clock(db)
        rows = [count(cnpj, code, quantity) for (cnpj, code), quantity in asked]
        result = await put(db, *rows, count(CENTRO, "NONE", 1))
        expected |= newest
        assert counted(result) == (inserted, updated, len(asked) - inserted - updated, 1)
        assert len(result.warnings) == len(asked) - len(newest)
        assert (await clock(db) == before) is (inserted + updated == 0)
        assert await levels(db) == expected
    instants = await fetch(db, "SELECT count(*), count(DISTINCT last_update_us), count(ledger_us) FROM stock")
    assert instants == [(len(expected),) * 3]


@pytest.mark.parametrize("seed", range(4))
async def test_prices(db: Database, seed: int) -> None:
    await open_stores(db)
    chance, expected = random.Random(seed), dict[tuple[str, str], tuple[Decimal, Decimal | None]]()  # noqa: S311
    lines = 0
    for _ in range(12):
        amounts = [chance.choice(("1.5", "2", "2.0000")) for _ in range(3)]
        asked = [(key, chance.choice(amounts), chance.choice((None, "3.75"))) for key in some_keys(chance)]
        newest = {(code, cnpj): (Decimal(now), Decimal(old) if old else None) for (cnpj, code), now, old in asked}
        inserted = len(newest.keys() - expected.keys())
        updated = sum(key in expected and expected[key] != amount for key, amount in newest.items())
        rows = [price(code, now, old=old, seller=cnpj) for (cnpj, code), now, old in asked]
        result = await put(db, *rows, price("NONE", "1"))
        expected |= newest
        assert counted(result) == (inserted, updated, len(asked) - inserted - updated, 1)
        assert await prices(db) == expected
        lines += inserted + updated
    history = await fetch(db, "SELECT count(*), count(DISTINCT at_us) FROM price_change WHERE actor = 'erp.1'")
    assert history == [(lines, lines)]
    newest_lines = """
        SELECT count(*) FROM price p JOIN price_change c ON c.product_id = p.product_id AND c.seller_id = p.seller_id
           AND c.at_us = p.last_update_us AND (c.price, c.old_price) IS NOT DISTINCT FROM (p.price, p.old_price)
    """
    assert await fetch(db, newest_lines) == [(len(expected),)]
