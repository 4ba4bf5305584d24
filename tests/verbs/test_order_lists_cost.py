"""What lists of orders cost where there are many: no more than the rows that they answer, whatever is asked."""

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from typing import Any

import pytest

from balcao.base.db import LISTED, Database, Tx
from balcao.base.paging import COUNT_MAX, PageAsk, PageParameters, ask_page
from balcao.base.values import Micros
from balcao.orders.count import count_open_orders, count_open_orders_by_store
from balcao.orders.find import is_settled, list_ends, list_orders
from balcao.orders.rules.listing import CREATED, OPEN_COUNT_MAX, SELLER_POLL_MAX, UPDATED, OrderFilter
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.status import Status
from balcao.orders.store.lists import poll_seller
from balcao.tenants.rules import Caller, Role
from tests.verbs.plans import Look, Recorder
from tests.verbs.shop import OTHER_STORE, STORE, Shop, open_shop

ORDERS = 15_000
A_FEW = 1_500
"""Rows: a page of twenty-one from each of the few stretches of an index that there are to look at."""
FIRST_US, STEP_US = Micros(1_700_000_000_000_000), 1_000_000
MIDDLE_US = Micros(FIRST_US + ORDERS // 2 * STEP_US)


@pytest.fixture
async def database_url(own_database_url: str) -> str:
    """A table without a past: VACUUM passes over the few pages with something to clean in one that was large once."""
    return own_database_url


@pytest.fixture
async def young(db: Database) -> Shop:
    """Two stores and three channels with one order, as the planner knows."""
    shop = await open_shop(db)
    for channel in ("app", "loja"):
        await shop.channel(channel)
    order_id = await shop.placed()
    async with db.transaction() as tx:
        await tx.execute("UPDATE orders SET status = 10 WHERE tenant = $1 AND order_id = $2", shop.tenant, order_id)
    await _vacuum(db)
    return shop


@pytest.fixture
async def shop(young: Shop) -> Shop:
    """Fifteen thousand orders in three channels and two stores, most of them done with, by two carriers."""
    await fill(young)
    await _vacuum(young.db)
    return young


async def _vacuum(db: Database) -> None:
    """Until the planner knows that everybody may see all of it: that waits for transactions that are older."""
    async with asyncio.timeout(60), db.read() as tx:
        while True:
            await tx.execute("VACUUM (ANALYZE) orders")
            if await tx.fetchval("SELECT relallvisible >= relpages FROM pg_class WHERE oid = 'orders'::regclass"):
                return
            await asyncio.sleep(0.05)


async def fill(shop: Shop) -> None:
    async with shop.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO orders
            SELECT copy.* FROM orders o, generate_series(1, $3::int) n, jsonb_populate_record(o, jsonb_build_object(
                'order_id', lpad(to_hex(n), 32, '0'), 'external_id', 'M' || n, 'friendly_code', 'F' || n,
                'channel', (ARRAY['ecommerce', 'app', 'loja'])[1 + n % 3],
                'status', CASE WHEN n > $3 - 1000 THEN 1 + n % 5 WHEN n % 10 = 0 THEN 11 ELSE 9 END,
                'seller_id', ($2::uuid[])[1 + n % 2], 'payment_types', jsonb_build_array(6 + n % 2),
                'freight_reference', (ARRAY['SEDEX', 'PAC'])[1 + n % 2], 'invoice_key', 'K' || n,
                'freight_description', (ARRAY['Sedex', 'Pac'])[1 + n % 2],
                'create_us', $4 + n * $5::bigint, 'last_update_us', $4 + n * $5::bigint + 5)) copy
             WHERE o.tenant = $1
            """,
            *(shop.tenant, [shop.stores[STORE], shop.stores[OTHER_STORE]], ORDERS, FIRST_US, STEP_US),
        )


def rows(looks: list[Look]) -> int:
    return sum(look.rows for look in looks)


def only_by_index(looks: list[Look]) -> bool:
    return bool(looks) and all(look.kind in {"Index Scan", "Index Only Scan"} for look in looks)


BOTH = (CREATED, UPDATED)
CASES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({}, BOTH),
    ({"statuses": frozenset({Status.FINALIZED})}, BOTH),
    ({"statuses": frozenset({Status.PENDING})}, BOTH),
    ({"statuses": frozenset({Status.READY_FOR_PICKUP})}, BOTH),
    ({"channel": "app"}, BOTH),
    ({"channel": "%O%", "statuses": frozenset({Status.FINALIZED, Status.PENDING})}, BOTH),
    ({"channel": "nobody's"}, BOTH),
    ({"freight_reference": "PAC"}, (CREATED,)),
    ({"freight_reference": "PAC", "statuses": frozenset({Status.FINALIZED}), "channel": "loja"}, (CREATED,)),
    ({"freight_reference": "nobody's"}, BOTH),
    ({"freight_description": "nobody's"}, BOTH),
    ({"payment_types": frozenset({PaymentType.PIX})}, (CREATED,)),
    ({"payment_types": frozenset({PaymentType.VOUCHER})}, BOTH),
    ({"since": MIDDLE_US}, (CREATED,)),
    ({"last_update_since": MIDDLE_US}, (UPDATED,)),
    ({"last_update_since": MIDDLE_US, "statuses": frozenset({Status.FINALIZED})}, (UPDATED,)),
]


@pytest.fixture
async def listed(database_url: str) -> AsyncIterator[Tx]:
    """A connection of those that settled lists go by."""
    db = await Database.open(database_url, 1, settings=LISTED)
    async with db.read() as tx:
        yield tx
    await db.close()


def by(tx: Tx, listed: Tx, caller: Caller, wanted: OrderFilter, ask: PageAsk) -> Recorder:
    """Takes down what is asked of the connection that the list's door would take."""
    settled = is_settled(caller, wanted, ask)
    return Recorder(listed if settled else tx, planned_once=settled)


async def test_pages_look_at_little_more_than_they_answer(shop: Shop, listed: Tx) -> None:
    async with shop.db.read() as tx:
        for given, sorts in CASES:
            wanted = OrderFilter(**given)
            for sort, ascending in [(sort, ascending) for sort in sorts for ascending in (False, True)]:
                ask = ask_page(PageParameters(sort_field=sort.field, sort_ascending=ascending), BOTH)
                recorder = by(tx, listed, shop.caller(), wanted, ask)
                first = await list_orders(recorder.tx, shop.caller(), wanted, ask)
                looked = list(chain.from_iterable(await recorder.looks("orders")))
                assert only_by_index(looked), (given, looked)
                assert rows(looked) <= max(A_FEW, first.count.rows + 2) + A_FEW, (given, sort, ascending, looked)
                if first.count.rows >= COUNT_MAX:
                    assert first.next is not None
                    ask = ask_page(PageParameters(cursor=first.next), BOTH)
                    again = by(tx, listed, shop.caller(), wanted, ask)
                    await list_orders(again.tx, shop.caller(), wanted, ask)
                    (page,) = await again.looks("orders")
                    assert only_by_index(page), (given, page)
                    assert rows(page) <= A_FEW, (given, sort, ascending, page)


async def test_what_one_index_settles_is_one_statement(shop: Shop, listed: Tx) -> None:
    settled = []
    for given, sorts in CASES:
        wanted, ask = OrderFilter(**given), ask_page(PageParameters(sort_field=sorts[0].field), BOTH)
        recorder = by(listed, listed, shop.caller(), wanted, ask)
        await list_orders(recorder.tx, shop.caller(), wanted, ask)
        settled.append(is_settled(shop.caller(), wanted, ask))
        assert len(recorder.statements) == 1 or not settled[-1], given
    assert [given for (given, _), is_one in zip(CASES, settled, strict=True) if not is_one] == [
        {"freight_description": "nobody's"}
    ]


async def test_plans_of_a_young_shop_do_when_it_has_grown(young: Shop, listed: Tx) -> None:
    recorder = Recorder(listed, planned_once=True)
    for given, sorts in CASES:
        wanted, ask = OrderFilter(**given), ask_page(PageParameters(sort_field=sorts[0].field), BOTH)
        if is_settled(young.caller(), wanted, ask):
            await list_orders(recorder.tx, young.caller(), wanted, ask)
    await poll_seller(recorder.tx, young.caller(), STORE, OrderFilter(last_update_since=MIDDLE_US))
    kept = await recorder.keep()
    await fill(young)
    for looks in await recorder.looks_when_kept(kept, "orders"):
        assert only_by_index(looks), looks
        # Of a table with one row any index is the best: until it is analysed again, count and page may read each order
        # once, along another one. But never an order for each order.
        assert rows(looks) <= 2 * ORDERS + A_FEW, looks


async def test_a_page_far_down_and_a_bound_credentials_cost_no_more(shop: Shop, listed: Tx) -> None:
    await _far_down(shop, listed)
    await _bound(shop, listed)
    await _poll(shop, listed)


async def test_both_ends_of_each_status_cost_no_more(shop: Shop) -> None:
    async with shop.db.read() as tx:
        for statuses in (frozenset({Status.PENDING, Status.PENDING_CREATE}), frozenset(Status)):
            recorder = Recorder(tx)
            wanted = OrderFilter(statuses=statuses)
            lines = await list_ends(recorder.tx, shop.caller(), wanted, oldest=25, newest=5)
            (page,) = await recorder.looks("orders")
            assert only_by_index(page), page
            assert 50 <= len(lines) <= 30 * len(statuses)
            assert rows(page) <= A_FEW, page


async def _far_down(shop: Shop, listed: Tx) -> None:
    for since in (None, FIRST_US):
        wanted = OrderFilter(last_update_since=since)
        async with shop.db.read() as tx:
            sent = PageParameters(sort_field="lastUpdate", sort_ascending=True, page=500)
            far = await list_orders(tx, shop.caller(), wanted, ask_page(sent, BOTH))
            ask = ask_page(PageParameters(cursor=far.next), BOTH)
            recorder = by(tx, listed, shop.caller(), wanted, ask)
            found = await list_orders(recorder.tx, shop.caller(), wanted, ask)
            (page,) = await recorder.looks("orders")
        assert [line.external_id for line in found.rows[:2]] == ["M10001", "M10002"]
        assert rows(page) <= 50


BOUND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"role": Role.CHANNEL, "channel": "app"}, {}),
    ({"role": Role.CHANNEL, "channel": "app"}, {"statuses": frozenset({Status.FINALIZED})}),
    ({"role": Role.ERP, "seller_cnpj": STORE}, {}),
    ({"role": Role.CARRIER, "carrier": "PAC"}, {}),
    ({"role": Role.CARRIER, "carrier": "nobody"}, {}),
]


async def _bound(shop: Shop, listed: Tx) -> None:
    async with shop.db.read() as tx:
        for bound, query in BOUND:
            caller = shop.caller(**bound)
            ask = ask_page(PageParameters(), [UPDATED] if caller.seller_cnpj else BOTH)
            recorder = by(tx, listed, caller, OrderFilter(**query), ask)
            found = await list_orders(recorder.tx, caller, OrderFilter(**query), ask)
            looked = list(chain.from_iterable(await recorder.looks("orders")))
            assert only_by_index(looked)
            assert rows(looked) <= max(A_FEW, found.count.rows + 2) + A_FEW


async def _poll(shop: Shop, listed: Tx) -> None:
    for statuses in (None, {Status.FINALIZED}, {Status.PENDING, Status.PENDING_CREATE}, {Status.UPDATED}):
        wanted = OrderFilter(last_update_since=MIDDLE_US, statuses=None if statuses is None else frozenset(statuses))
        recorder = Recorder(listed, planned_once=True)
        found = await poll_seller(recorder.tx, shop.caller(), STORE, wanted)
        (looks,) = await recorder.looks("orders")
        assert {look.by for look in looks} == {"orders_by_store", "orders_pkey"}
        assert rows(looks) <= (1_000 + len(found) if found else 0)
        assert len(found) in {0, SELLER_POLL_MAX} or statuses == {Status.PENDING, Status.PENDING_CREATE}


async def test_counts_stop_where_nobody_reads_on(shop: Shop) -> None:
    async with shop.db.read() as tx:
        await tx.execute("UPDATE orders SET status = 4 WHERE tenant = $1 AND channel = 'app'", shop.tenant)
        await tx.execute("VACUUM (ANALYZE) orders")
        recorder = Recorder(tx)
        everywhere = await count_open_orders(recorder.tx, shop.caller())
        stores = await count_open_orders_by_store(recorder.tx, shop.caller())
        seen = await recorder.looks("orders")
    assert everywhere[Status.APPROVED_EXTERNAL] == (1_000 + 133, True)
    assert everywhere[Status.PENDING] == (133, False)
    assert {cnpj: counts[Status.APPROVED_EXTERNAL] for cnpj, counts in stores.items()} == {
        STORE: (OPEN_COUNT_MAX, True),
        OTHER_STORE: (OPEN_COUNT_MAX, True),
    }
    for looks in seen:
        assert {look.kind for look in looks} == {"Index Only Scan"}
        assert rows(looks) <= 3_000
