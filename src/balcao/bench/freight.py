"""A retailer to quote freight for: three hundred stores, twelve carriers, as many rows in their tables as asked for."""

import json
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import asyncpg
import msgspec
import numpy as np

from balcao.base.address import Address
from balcao.base.batch import Sent
from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.values import Micros, Tenant
from balcao.bench.load.plan import Requests
from balcao.bench.orders import request_head
from balcao.bench.shop import ACTOR, CHANNEL, Shop, open_shop
from balcao.bench.stage import Stage
from balcao.bench.store.sample import tidy
from balcao.bench.store.shelves import fill_shelves
from balcao.freight.change_rules import PutRule, put_rule
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.put_carrier import PutCarrier, put_carrier
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import FreightRule, RuleKind
from balcao.freight.rules.rates import NO_CUT_OFF, Wide
from balcao.freight.rules.versions import NewTable, Table
from balcao.sellers.find import list_all_sellers
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.sellers.rules.model import SellerBody

SIMULATION: Final = "/cp/management/commerce/freight/simulation"
STORES: Final = 300
CARRIERS: Final = 12
NATIONAL: Final = 4
"""So many carriers have one table for every store; the others have one for each state that stores are in."""
STATES: Final = (("SP", "01310100"), ("RJ", "20040002"), ("MG", "30130010"), ("PR", "80010000"), ("RS", "90010150"))
BRACKETS_G: Final = (0, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 70_000, 100_000)
CARTS: Final = 4_096
LINES_MAX: Final = 8
CEPS: Final = 10_000
_TABLES: Final = NATIONAL + (CARRIERS - NATIONAL) * len(STATES)
_BRACKETS: Final = len(BRACKETS_G) - 1


class Retailer(msgspec.Struct, frozen=True, kw_only=True):
    """shop: its tenant and token; rows: in force in its carriers' tables; skus, shelves: how many there are."""

    shop: Shop
    rows: int
    skus: int
    shelves: int


async def open_retailer(stage: Stage, *, rows: int, skus: int) -> Retailer:
    """A new tenant with stores, stock, carriers, rules, and tables of about so many rows, written by the verbs."""
    shop = await open_shop(stage, skus=1)
    tenant = shop.tenant
    await stage.db.run(lambda tx: _set_up(tx, tenant, now_us()))
    async with stage.db.read() as tx:
        sellers = sorted(await list_all_sellers(tx, tenant), key=lambda seller: seller.cnpj)
    connection = await asyncpg.connect(stage.url)
    try:
        ids = [seller.seller_id for seller in sellers]
        shelves = await fill_shelves(connection, tenant, ids, skus=skus, now=now_us())
        ranges = max(round(rows / _TABLES / _BRACKETS), 1)
        tables = tuple(_tables(ranges))
        cmd = LoadTables(tenant=tenant, tables=tables, actor=ACTOR)
        await stage.db.run(lambda tx: load_tables(tx, cmd, now_us()))
        await tidy(connection)
    finally:
        await connection.close()
    return Retailer(shop=shop, rows=sum(len(table.rows) for table in tables), skus=skus, shelves=shelves)


async def replace_table(stage: Stage, retailer: Retailer) -> Table:
    """Put a table of the first carrier's in force that is cheaper than any other, and everywhere shown therefore."""
    rows = _rows(retailer.rows // _TABLES // _BRACKETS, 0)
    rows[:, 4:8] = 0
    table = NewTable(reference="T00", rows=rows)
    cmd = LoadTables(tenant=retailer.shop.tenant, tables=(table,), actor=ACTOR)
    [loaded] = await stage.db.run(lambda tx: load_tables(tx, cmd, now_us()))
    return loaded


def quotes(retailer: Retailer, port: int, *, is_parted: bool = False) -> Requests:
    """Carts of one to eight lines to anywhere in Brazil; `is_parted`: of what no store has all, sent in packages.

    Bodies are filled up with blanks to one length.
    """
    carts = [json.dumps(cart).encode() for cart in make_carts(retailer.skus, is_parted=is_parted)]
    longest = max(map(len, carts))
    choices = tuple(cart.ljust(longest) for cart in carts)
    before, middle, after = b'{"postalCode":"', b'","items":', b"}"
    length = len(before) + 8 + len(middle) + longest + len(after)
    query = "?AllowPackageSplit=true" if is_parted else ""
    path = f"{SIMULATION}/{CHANNEL}/{retailer.shop.tenant}{query}"
    head = request_head("POST", path, retailer.shop, port, length=length)
    chance = random.Random(1)  # noqa: S311 (destinations, no secrets)
    ceps = [b"%08d" % chance.randrange(1_000_000, 100_000_000) for _ in range(CEPS)]
    return Requests(before=head + before, keys=ceps, middle=middle, choices=choices, after=after, endless=True)


def make_carts(skus: int, *, is_parted: bool = False) -> list[list[dict[str, Any]]]:
    """The items of 4,096 carts; `is_parted`: of what no store has all."""
    chance = random.Random(2)  # noqa: S311 (baskets, no secrets)
    kinds = range(1 if is_parted else 2, skus + 1, 2)
    carts = []
    for n in range(CARTS):
        lines = min(max(n % LINES_MAX + 1, 2 if is_parted else 1), len(kinds))
        carts.append([_item(sku, chance) for sku in chance.sample(kinds, lines)])
    return carts


def _item(sku: int, chance: random.Random) -> dict[str, Any]:
    return {"sku": f"Q{sku:06d}", "quantity": chance.randint(1, 3), "price": chance.randint(990, 29_990) / 100}


async def _set_up(tx: Tx, tenant: Tenant, now: Micros) -> None:
    stores = [Sent(n, _store(n)) for n in range(1, STORES + 1)]
    await put_sellers(tx, PutSellers(tenant=tenant, actor=ACTOR, rows=stores), now)
    for n in range(CARRIERS):
        carrier = Carrier(
            reference=f"T{n:02d}",
            description=f"Transportadora {n}",
            volumetric_g_per_m3=(0, 167_000, 300_000)[n % 3],
            weight_max_g=BRACKETS_G[-1],
        )
        await put_carrier(tx, PutCarrier(tenant=tenant, carrier=carrier, actor=ACTOR), now)
    free = FreightRule(code="GRATIS", kind=RuleKind.FREE, carriers=("T00",), cart_min_e4=3_000_000)
    await put_rule(tx, PutRule(tenant=tenant, rule=free, actor=ACTOR), now)


def _store(n: int) -> SellerDraft:
    state, cep = STATES[n % len(STATES)]
    place = Address(cep=cep, street="Rua da Loja", number=str(n), city="Cidade", state=state)
    return SellerDraft(
        cnpj=f"{n:012d}00",
        name=f"Loja {n}",
        pickup_enabled=n % 2 == 0,
        handling_days=n % 3,
        priority=n % 10,
        body=SellerBody(address=place, latitude=Decimal(n % 30) - 30, longitude=Decimal(n % 20) - 55),
    )


def _tables(ranges: int) -> Iterator[NewTable]:
    for n in range(CARRIERS):
        origins: Sequence[str] = [""] if n < NATIONAL else [state for state, _ in STATES]
        for origin, state in enumerate(origins):
            yield NewTable(reference=f"T{n:02d}", origin_state=state, rows=_rows(ranges, 7 * n + origin))


def _rows(ranges: int, salt: int) -> Wide:
    """Every CEP in one of so many ranges, each with all weight brackets."""
    ends = np.linspace(0, 100_000_000, ranges + 1).astype(np.int64)
    cep, bracket = (axis.ravel() for axis in np.meshgrid(np.arange(ranges), np.arange(_BRACKETS), indexing="ij"))
    rows = np.zeros((len(cep), 11), dtype=np.int64)
    weights = np.array(BRACKETS_G, dtype=np.int64)
    rows[:, 0], rows[:, 1] = ends[cep], ends[cep + 1] - 1
    rows[:, 2], rows[:, 3] = weights[bracket], weights[bracket + 1]
    rows[:, 4] = 89_000 + (cep * 31 + salt * 977) % 150_000 + bracket * 75_000
    rows[:, 5] = 5_000
    rows[:, 6] = np.where(bracket > 1, 9_000, 0)
    rows[:, 7] = 10_000
    rows[:, 9] = 1 + (cep + salt) % 12
    rows[:, 10] = NO_CUT_OFF if salt % 2 else 14 * 60
    return rows
