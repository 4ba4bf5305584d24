"""Searching orders: what finds them, who finds them, and at what cost."""

import asyncio
from typing import Any

import msgspec
import pytest

from balcao.base.db import LISTED, Database
from balcao.base.errors import Invalid
from balcao.base.paging import Count, PageParameters, ask_page
from balcao.base.values import Tenant
from balcao.orders.find import list_orders
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.note_terms import keep_searchable, note_all, note_terms
from balcao.orders.rules.listing import CREATED, OrderFilter
from balcao.orders.rules.model import Buyer, Tracking
from balcao.orders.rules.searching import FOUND_MAX
from balcao.orders.rules.status import Status
from balcao.orders.search import search_orders
from balcao.orders.track import TrackOrder, track_orders
from balcao.tenants.rules import Caller, Role
from tests.rules.order_samples import BUYER, KEY, invoice
from tests.verbs.plans import Recorder
from tests.verbs.shop import OTHER_STORE, STORE, Shop, open_shop


def buyer(**over: Any) -> Buyer:
    return msgspec.structs.replace(BUYER, **over)


@pytest.fixture
async def shop(db: Database) -> Shop:
    """Three orders of three buyers, the first one on its way; and one of another tenant's."""
    shop = await open_shop(db)
    await shop.channel("app")
    ana = buyer(full_name="Ana Conceição da Silva", email="Ana@Example.com", phone_number="(41) 99999-0001")
    first = await shop.paid(external_id="Pedido 1", buyer=ana, cpf_pickup="11144477735")
    told = InvoiceOrder(caller=shop.caller(), order_id=first, invoice=invoice(KEY, "10"), seller_order_id="ERP-7")
    await shop.one(invoice_orders, told)
    tracking = Tracking(code="BR123BR")
    await shop.one(track_orders, TrackOrder(caller=shop.caller(), order_id=first, tracking=tracking))
    mariana = buyer(full_name="Mariana Silveira", cpf=None, cnpj="12ABC34501DE35", company_name="Açaí & Cia")
    await shop.placed(external_id="B-2", buyer=mariana, channel="app")
    jose = buyer(full_name="José Silva", email="jose@example.com", phone_number="+55 41 3333-0003")
    await shop.placed(external_id="C-3", buyer=jose, seller_cnpj=OTHER_STORE)
    other = await open_shop(db, name="another")
    await other.placed(external_id="Pedido 1", buyer=ana)
    await note_all(db)
    return shop


async def search(shop: Shop, query: str, caller: Caller | None = None, most: int = 20) -> str:
    async with shop.db.read() as tx:
        lines = await search_orders(tx, caller or shop.caller(), query, most)
    return "".join(line.external_id[-1] for line in lines)


FOUND = [
    ("Pedido 1", "1"), ("pedido 1", ""), ("b-2", "2"), (" C-3 ", "3"), ("ERP-7", "1"), ("erp-7", "1"), (KEY, "1"),
    (f"{KEY[:4]} {KEY[4:]}", "1"), ("BR123BR", "1"), ("br123br", "1"), ("ana@example.com", "1"),
    ("ANA@EXAMPLE.COM", "1"),
    ("41999990001", "1"), ("+55 (41) 99999-0001", "1"), ("4133330003", "3"), ("555.704.039-06", "31"),
    ("55570403906", "31"), ("111.444.777-35", "1"), ("12.ABC.345/01DE-35", "2"), ("12abc34501de35", "2"),
    ("silva", "31"), ("SILV", "321"), ("sil con", "1"), ("conceicao ana", "1"), ("Conceição", "1"), ("jose silva", "3"),
    ("acai", "2"), ("cia mari", "2"), ("silva maria", ""), ("da silva", "31"), ("da", ""), ("s", ""), ("", ""),
    ("  ", ""),    ("nobody", ""), ("% _", ""), ("'; --", ""), ("ana@", ""), ("9" * 200, ""),
]  # fmt: skip


async def test_what_finds_an_order(shop: Shop) -> None:
    for query, expected in FOUND:
        assert await search(shop, query) == expected, query
    async with shop.db.read() as tx:
        code = await tx.fetchval(
            "SELECT friendly_code FROM orders WHERE tenant = $1 AND external_id = 'B-2'", shop.tenant
        )
    assert await search(shop, code.lower()) == "2"
    assert await search(shop, "silva", most=1) == "3"
    with pytest.raises(Invalid):
        await search(shop, "x" * 201)


BOUND: list[tuple[dict[str, Any], str]] = [
    ({"seller_cnpj": STORE}, "12"),
    ({"seller_cnpj": OTHER_STORE}, "3"),
    ({"channel": "app"}, "2"),
    ({"channel": "app", "seller_cnpj": OTHER_STORE}, ""),
    ({"seller_cnpj": "11444777000161"}, ""),
    ({"role": Role.CARRIER, "carrier": "SEDEX"}, "1"),
    ({"role": Role.CARRIER, "carrier": "PAC"}, ""),
]


async def test_only_what_the_caller_may_see_is_found(shop: Shop) -> None:
    for query in ("silv", "55570403906", "Pedido 1", "B-2", "C-3", "ERP-7", KEY, "BR123BR"):
        everything = await search(shop, query)
        for bound, seen in BOUND:
            expected = "".join(each for each in everything if each in seen)
            assert await search(shop, query, shop.caller(**bound)) == expected, (query, bound)
    assert await search(shop, "ana", Caller(tenant=Tenant("nobody"), client_id="x", role=Role.ADMIN)) == ""


async def test_a_list_is_searched_and_filtered(shop: Shop) -> None:
    async def listed(query: str, **given: Any) -> tuple[str, Count]:
        async with shop.db.read() as tx:
            ask = ask_page(PageParameters(sort_ascending=True), [CREATED])
            page = await list_orders(tx, shop.caller(), OrderFilter(query=query, **given), ask)
        return "".join(line.external_id[-1] for line in page.rows), page.count

    assert await listed("silv") == ("123", Count(3, False))
    assert await listed("silv", statuses=frozenset({Status.PENDING})) == ("23", Count(2, False))
    assert await listed("silv", channel="app") == ("2", Count(1, False))
    assert await listed("silv", freight_reference="PAC") == ("", Count(0, False))
    assert await listed(" ") == ("123", Count(3, False))


async def test_changes_are_noted_once_and_none_is_missed(shop: Shop) -> None:
    assert await note_all(shop.db) == 0
    async with shop.db.read() as tx:
        before = await tx.fetchval("SELECT count(*) FROM order_term")
    late = await shop.placed(external_id="D-4", buyer=buyer(full_name="Zélia Prado"))
    await shop.pay(late)
    assert await search(shop, "zelia") == ""
    assert await search(shop, "D-4") == "4"
    assert await note_all(shop.db) == 1
    assert await search(shop, "zelia prado") == "4"
    await shop.placed(external_id="E-5", buyer=buyer(full_name="Zélia Prado"))
    assert await note_all(shop.db) == 1
    async with shop.db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM order_term") == before + 2 * 5
    async with shop.db.transaction() as tx:  # whoever finds another one at it leaves it alone
        await note_terms(tx, shop.tenant)
        async with shop.db.transaction() as other:
            assert await note_terms(other, shop.tenant) == 0


async def test_the_worker_notes_until_it_is_told_to_stop(db: Database) -> None:
    shop = await open_shop(db)
    stop = asyncio.Event()
    working = asyncio.create_task(keep_searchable(db, stop=stop))
    await shop.placed(external_id="A-1", buyer=buyer(full_name="Ana"))
    async with asyncio.timeout(30):
        while await search(shop, "ana") != "1":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stop.set()
    await working


async def test_a_search_looks_at_little(db: Database, database_url: str) -> None:
    shop = await open_shop(db)
    order_id = await shop.placed(buyer=buyer(full_name="Maria Silva"))
    async with db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO orders
            SELECT copy.* FROM orders o, generate_series(1, 5000) n, jsonb_populate_record(o, jsonb_build_object(
                'order_id', lpad(to_hex(n), 32, '0'), 'external_id', 'M' || n, 'friendly_code', 'F' || n,
                'buyer_name', CASE WHEN n = 777 THEN 'Maria Zanetti'
                    ELSE 'Maria ' || (ARRAY['Silva', 'Souza', 'Costa', 'Silveira'])[1 + n % 4] END,
                'last_update_us', o.last_update_us + n)) copy
             WHERE o.tenant = $1 AND o.order_id = $2
            """,
            *(shop.tenant, order_id),
        )
    assert await note_all(db) == 5001
    async with db.read() as tx:
        await tx.execute("VACUUM (ANALYZE) order_term, orders, order_key")
        await _look(shop, Recorder(tx))
    listed = await Database.open(database_url, 1, settings=LISTED)
    async with listed.read() as tx:
        await _look(shop, Recorder(tx, planned_once=True))
    await listed.close()


async def _look(shop: Shop, recorder: Recorder) -> None:
    for query, most in (("maria", 510), ("mar", 510), ("sil", 1_100), ("maria zan", 10), ("maria sou", 1_300),
                        ("F777", 10), ("nobody here", 10), ("55570403906", 510)):  # fmt: skip
        recorder.statements.clear()
        lines = await search_orders(recorder.tx, shop.caller(), query)
        assert len(recorder.statements) == 1
        assert len(lines) == {"maria zan": 1, "F777": 1, "nobody here": 0}.get(query, 20)
        at_terms = [look for looks in await recorder.looks("order_term") for look in looks]
        assert {look.kind for look in at_terms} == {"Index Only Scan"}, (query, at_terms)
        # The words' counts, and the orders themselves.
        assert sum(look.rows for look in at_terms if look.rows < 1_000) <= most + 1_000, (query, at_terms)
        at_orders = [look for looks in await recorder.looks("orders") for look in looks]
        assert "Seq Scan" not in {look.kind for look in at_orders}, (query, at_orders)
        assert sum(look.rows for look in at_orders) <= 2 * FOUND_MAX + 50, (query, at_orders)
