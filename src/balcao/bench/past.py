"""A shop with a past: as many orders as the options ask for, of many buyers, channels, stores and carriers."""

import asyncpg

from balcao.base.batch import Sent
from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.bench.bench import FILL_AT_ONCE, Bench
from balcao.bench.shop import ACTOR, CNPJ
from balcao.bench.store.copies import read_template
from balcao.bench.store.past import CHANNELS, OPEN_SHARE, Past, Stretch, fill_past
from balcao.bench.store.sample import tidy
from balcao.orders.note_terms import note_all
from balcao.sellers.find import find_sellers
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.tenants.channels import set_channel
from balcao.tenants.rules import Channel

BRANCHES = [f"{n:014}" for n in range(2, 21)]
"""CNPJs of the shop's other stores."""


async def open_past(bench: Bench, orders: int) -> None:
    """Fill the shop's past, note what its orders are found by, and let the database know its tables' sizes; once."""
    if bench.has_past:
        return
    bench.has_past = True
    await bench.stage.db.run(lambda tx: _branches(tx, bench))
    async with bench.stage.db.read() as tx:
        sellers = [each.seller_id for each in await find_sellers(tx, bench.shop.tenant, cnpjs=[CNPJ, *BRANCHES])]
    connection = await asyncpg.connect(bench.stage.url)
    try:
        tables = await read_template(connection, bench.shop.tenant, bench.template)
        past = Past(tables, bench.template, sellers, bench.shop.skus)
        with bench.screen.progress(f"{orders:,} orders of the past", orders) as advance:
            for start in range(0, orders, FILL_AT_ONCE):
                stretch = Stretch(min(FILL_AT_ONCE, orders - start), orders - start, max(orders // OPEN_SHARE, 1))
                await fill_past(connection, bench.shop.tenant, past, stretch, now_us())
                advance(stretch.size)
        bench.screen.say("noting what they are found by")
        await note_all(bench.stage.db)
        await tidy(connection)
    finally:
        await connection.close()


async def _branches(tx: Tx, bench: Bench) -> None:
    """Channels and stores beside the shop's own."""
    now, tenant = now_us(), bench.shop.tenant
    for name in CHANNELS:
        await set_channel(tx, tenant, Channel(name=name), actor=ACTOR, now=now)
    stores = [Sent(n, SellerDraft(cnpj=cnpj, name=f"Loja {n}", point_sale_id=cnpj)) for n, cnpj in enumerate(BRANCHES)]
    await put_sellers(tx, PutSellers(tenant=tenant, actor=ACTOR, rows=stores), now)
