import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid
from balcao.base.plans import look_up_by_keys
from balcao.base.values import Micros, Tenant, new_id
from balcao.freight.networks import Networks
from balcao.freight.offers import find_offers, purge_offers
from balcao.freight.quote import KeepQuote, keep_quotes, quote_freight
from balcao.freight.rules.model import KEEP_US, AskedItem, AskFacts, Offer, Quote, QuoteFreight, Terms
from balcao.freight.store.facts import find_facts
from balcao.tenants.channels import set_channel
from balcao.tenants.rules import Channel, StockPolicy
from tests.rules.freight_samples import missed
from tests.verbs.freight_shop import CENTRO, CENTRO_ID, NORTE, NORTE_ID, NOW, load, open_shop, rate

QUOTE_ID = new_id()
SAO_PAULO = (1_000_000, 5_999_999)
Ask = Callable[..., Awaitable[Quote]]


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    """The shop, with SEDEX from CENTRO to São Paulo, and NORMAL from every store to everywhere."""
    tenant = await db.run(open_shop)
    small, large = rate(SAO_PAULO, (0, 1000), "10.50", 1), rate(SAO_PAULO, (1000, 30_000), "21", 2)
    await db.run(lambda tx: load(tx, tenant, "SEDEX", small, large, cnpj=CENTRO))
    await db.run(lambda tx: load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4)))
    return tenant


@pytest.fixture
def networks(db: Database) -> Networks:
    return Networks(db)


@pytest.fixture
def ask(db: Database, networks: Networks, tenant: Tenant) -> Ask:
    async def ask(*items: tuple[str, int], now: Micros = NOW, **given: Any) -> Quote:
        terms = {name: given.pop(name) for name in list(given) if name in Terms.__struct_fields__}
        command = QuoteFreight(
            **{
                "tenant": tenant,
                "quote_id": QUOTE_ID,
                "platform": "web",
                "cep": "01001000",
                "items": tuple(AskedItem(sku=sku, quantity=quantity, price=Decimal(9)) for sku, quantity in items),
                "terms": Terms(now=now, **terms),
                **given,
            }
        )
        quote = (await quote_freight(networks, command)).quote
        if command.persist:
            keep = [KeepQuote(ask=command, quote=quote)]
            [quote] = await db.run(lambda tx: keep_quotes(tx, command.tenant, keep, now))
        return quote

    return ask


def brief(quote: Quote) -> list[list[tuple[str, str, str, int]]]:
    names = {CENTRO: "CENTRO", NORTE: "NORTE"}
    return [
        [(names[one.seller.cnpj], one.reference, str(one.amount), one.delivery_time) for one in package.options]
        for package in quote.packages
    ]


async def test_quote_from_the_stores_that_have_it_all(ask: Ask) -> None:
    quote = await ask(("SHIRT", 5))
    assert brief(quote) == [
        [
            ("CENTRO", "PICKUP", "0", 0),
            ("CENTRO", "SEDEX", "10.50", 1),
            ("CENTRO", "NORMAL", "15", 4),
            ("NORTE", "NORMAL", "15", 5),
        ]
    ]
    assert [one.delivery_date for one in quote.packages[0].options] == [
        date(2026, 7, 1),
        date(2026, 7, 2),
        date(2026, 7, 7),
        date(2026, 7, 8),
    ]
    assert quote.unavailables == ()


async def test_what_orders_hold_is_not_offered(ask: Ask) -> None:
    # CENTRO has ten shirts, four of them reserved.
    assert {one[0] for one in brief(await ask(("SHIRT", 6)))[0]} == {"CENTRO"}
    quote = await ask(("SHIRT", 7))
    assert (brief(quote), missed(quote)) == ([], [("SHIRT", 7, 6, "OutOfStock")])


async def test_stock_is_not_looked_at_when_not_asked_to(ask: Ask) -> None:
    assert {one[0] for one in brief(await ask(("TABLE", 900), ("CUP", 900), check_stock=False))[0]} == {"CENTRO"}
    assert {one[0] for one in brief(await ask(("SHIRT", 20), check_stock=False))[0]} == {"CENTRO", "NORTE"}


async def test_a_channel_that_ignores_stock_is_quoted_without_it(db: Database, tenant: Tenant, ask: Ask) -> None:
    channel = Channel(name="web", stock_policy=StockPolicy.OFF)
    await db.run(lambda tx: set_channel(tx, tenant, channel, actor="test", now=NOW))
    assert {one[0] for one in brief(await ask(("SHIRT", 20)))[0]} == {"CENTRO", "NORTE"}
    assert brief(await ask(("SHIRT", 20), platform="app")) == []


@pytest.mark.parametrize(
    ("given", "stores"),
    [
        ({"origin_cnpj": NORTE}, {"NORTE"}),
        ({"seller_cnpjs": frozenset({CENTRO})}, {"CENTRO"}),
        ({"ignored_cnpjs": frozenset({CENTRO})}, {"NORTE"}),
        ({"bound_cnpj": NORTE}, {"NORTE"}),
    ],
)
async def test_which_stores_are_asked(ask: Ask, given: dict[str, Any], stores: set[str]) -> None:
    assert {one[0] for one in brief(await ask(("SHIRT", 1), **given))[0]} == stores


async def test_an_unknown_origin_is_refused(ask: Ask) -> None:
    with pytest.raises(Invalid) as refusal:
        await ask(("SHIRT", 1), origin_cnpj="33000167000101")
    assert refusal.value.errors == {"originIdentifier": ["is not the CNPJ of an active store"]}


@pytest.mark.parametrize(
    ("cep", "references"),
    [
        ("00999999", ["PICKUP", "NORMAL"]),
        ("01000000", ["PICKUP", "SEDEX", "NORMAL"]),
        ("05999999", ["PICKUP", "SEDEX", "NORMAL"]),
        ("06000000", ["PICKUP", "NORMAL"]),
    ],
)
async def test_ceps_at_the_ends_of_a_range(ask: Ask, cep: str, references: list[str]) -> None:
    quote = await ask(("SHIRT", 1), cep=cep, origin_cnpj=CENTRO)
    assert [one.reference for one in quote.packages[0].options] == references


@pytest.mark.parametrize(
    ("weight_kg", "amount"),
    [("0", "10.50"), ("0.0001", "10.50"), ("1", "10.50"), ("1.0001", "21"), ("30", "21"), ("30.0001", None)],
)
async def test_weights_at_the_ends_of_a_bracket(
    db: Database, networks: Networks, tenant: Tenant, weight_kg: str, amount: str | None
) -> None:
    item = AskedItem(sku="CUP", quantity=1, price=Decimal(9), weight_mg=int(Decimal(weight_kg) * 1_000_000))
    command = QuoteFreight(
        tenant=tenant,
        quote_id=QUOTE_ID,
        platform="",
        cep="01001000",
        items=(item,),
        terms=Terms(now=NOW),
        origin_cnpj=CENTRO,
        use_catalog_measure=False,
    )
    quote = (await quote_freight(networks, command)).quote
    sedex = [str(one.amount) for one in quote.packages[0].options if one.reference == "SEDEX"]
    assert sedex == ([] if amount is None else [amount])


async def test_unknown_and_inactive_skus(ask: Ask) -> None:
    quote = await ask(("SHIRT", 1), ("NONE", 2), ("OLD", 3))
    gone = [("NONE", 2, 0, "UnknownSku"), ("OLD", 3, 0, "InactiveSku")]
    assert (brief(quote), missed(quote)) == ([], gone)
    rest = await ask(("SHIRT", 1), ("NONE", 2), ("OLD", 3), allow_unavailable=True)
    assert (brief(rest)[0][0], missed(rest)) == (("CENTRO", "PICKUP", "0", 0), gone)


async def test_a_split_over_both_stores(ask: Ask) -> None:
    cart = (("TABLE", 1), ("CUP", 5))
    assert missed(await ask(*cart)) == [("CUP", 5, 9, "NoCommonStore"), ("TABLE", 1, 2, "NoCommonStore")]
    quote = await ask(*cart, allow_split=True)
    assert brief(quote) == [
        [("CENTRO", "PICKUP", "0", 0), ("CENTRO", "SEDEX", "21", 2)],
        [("NORTE", "NORMAL", "15", 5)],
    ]
    [combination] = quote.combinations
    assert (combination.total_amount, combination.delivery_time) == (Decimal(36), 5)
    assert combination.packages == quote.packages


async def test_the_order_of_the_items_does_not_matter(ask: Ask) -> None:
    cart = [("SHIRT", 1), ("CUP", 2), ("TABLE", 1), ("SHIRT", 3), ("NONE", 1)]
    given = {"allow_unavailable": True, "allow_split": True}
    first = await ask(*cart, **given)
    assert len(first.packages) == 2
    for _ in range(5):
        random.Random(1).shuffle(cart)  # noqa: S311
        assert await ask(*cart, **given) == first


async def test_a_kept_quote_is_found_by_its_keys_for_fifteen_days(db: Database, tenant: Tenant, ask: Ask) -> None:
    quote = await ask(("SHIRT", 5), persist=True)
    options = quote.packages[0].options
    keys = [str(one.calculation_key) for one in options]
    assert len(set(keys)) == 4
    assert min(map(len, keys)) == 32
    async with db.read() as tx:
        offers = await find_offers(tx, tenant, [*keys, "never made"])
    until = Micros(NOW + KEEP_US)
    assert [offers.pop(key) for key in keys] == [
        Offer(seller_id=CENTRO_ID, reference="PICKUP", amount=Decimal(0), expires_us=until, delivery_time=0),
        Offer(seller_id=CENTRO_ID, reference="SEDEX", amount=Decimal("10.5"), expires_us=until, delivery_time=1),
        Offer(seller_id=CENTRO_ID, reference="NORMAL", amount=Decimal(15), expires_us=until, delivery_time=4),
        Offer(seller_id=NORTE_ID, reference="NORMAL", amount=Decimal(15), expires_us=until, delivery_time=5),
    ]
    assert offers == {}


async def test_expired_offers_are_cleared_away(db: Database, tenant: Tenant, ask: Ask) -> None:
    old = await ask(("SHIRT", 5), persist=True, results_max=2)
    new = await ask(("SHIRT", 5), persist=True, results_max=1, now=Micros(NOW + 1))
    other = await db.run(lambda tx: open_shop(tx, "other"))
    keys = [str(one.calculation_key) for quote in (old, new) for one in quote.packages[0].options]
    at = Micros(NOW + KEEP_US)
    assert await db.run(lambda tx: purge_offers(tx, tenant, Micros(at - 1))) == 0
    assert await db.run(lambda tx: purge_offers(tx, other, Micros(at + 9))) == 0
    assert await db.run(lambda tx: purge_offers(tx, tenant, at)) == 2
    async with db.read() as tx:
        assert list(await find_offers(tx, tenant, keys)) == keys[2:]
        assert await find_offers(tx, other, keys) == {}
        assert await find_offers(tx, tenant, []) == {}


async def test_a_quote_changes_nothing_unless_kept(db: Database, ask: Ask) -> None:
    async def counts() -> list[int]:
        async with db.read() as tx:
            tables = ("event", "orders", "stock", "freight_offer")
            seen = [await tx.fetchval(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608
            return [*seen, await tx.fetchval("SELECT sum(reserved) FROM stock")]

    before = await counts()
    quote = await ask(("SHIRT", 5))
    assert {one.calculation_key for one in quote.packages[0].options} == {None}
    assert await counts() == before
    await ask(("NONE", 1), persist=True)
    assert await counts() == before
    await ask(("SHIRT", 5), persist=True)
    assert await counts() == [*before[:3], 4, before[4]]


class Counting(Database):
    """Counts the statements of its reads."""

    def __init__(self, db: Database) -> None:
        self._counted = db
        self.seen: list[str] = []

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        async with self._counted.read() as tx:
            with tx.query_logger(lambda query: self.seen.append(query.query)):
                yield tx


async def test_a_quote_is_one_query_whatever_the_cart(db: Database, tenant: Tenant) -> None:
    counting = Counting(db)
    networks = Networks(counting)

    async def queries(*codes: str) -> int:
        counting.seen.clear()
        command = QuoteFreight(
            tenant=tenant,
            quote_id=QUOTE_ID,
            platform="web",
            cep="01001000",
            items=tuple(AskedItem(sku=code, quantity=1, price=Decimal(9)) for code in codes),
            terms=Terms(now=NOW, allow_split=True, allow_unavailable=True),
        )
        await quote_freight(networks, command)
        return len(counting.seen)

    await queries("SHIRT")
    assert await queries("SHIRT") == 1
    assert await queries("SHIRT", "CUP", "TABLE", "OLD", *(f"NONE{n}" for n in range(400))) == 1


async def test_the_query_is_planned_once_whatever_the_carts(db: Database, tenant: Tenant) -> None:
    """PostgreSQL makes five plans for the very values, then one for all: were it not the cheaper one, it would plan
    every question anew.
    """
    async with db.read() as tx:
        for count in (1, 2, 3, 8, 1, 40, 1, 2, 1, 5):
            skus = frozenset(f"SKU{n}" for n in range(count)) | {"SHIRT"}
            [facts] = await find_facts(tx, tenant, [AskFacts("web", skus, with_stock=True)])
            assert set(facts.skus) == {"SHIRT"}
        plans = await tx.fetch(
            """
            SELECT generic_plans, custom_plans FROM pg_prepared_statements
             WHERE statement LIKE '%AS policies%' AND statement NOT LIKE '%pg_prepared%'
            """
        )
    assert [tuple(row) for row in plans] == [(5, 5)]


async def test_shelves_are_read_off_their_key(own_database_url: str) -> None:
    """Where they have not changed since they were vacuumed, nothing else is looked into."""
    db, seen = await Database.open(own_database_url, 1), list[Any]()
    tenant = await db.run(lambda tx: open_shop(tx, "qaapp"))
    async with db.read() as tx:
        await tx.execute(
            """
            INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
            SELECT $1, s.seller_id, md5(n::text)::uuid, 5, 0, n
              FROM seller s, generate_series(1, 5000) AS n WHERE s.tenant = $1
            """,
            tenant,
        )
        await tx.execute("VACUUM ANALYZE stock")
    async with db.transaction() as tx:
        await look_up_by_keys(tx)
        with tx.query_logger(seen.append):
            await find_facts(tx, tenant, [AskFacts("web", frozenset({"SHIRT"}), with_stock=True)])
            await asyncio.sleep(0)  # the logger is called in the loop's next turn
        plan = [line for (line,) in await tx.fetch(f"EXPLAIN {seen[0].query}", *seen[0].args)]
    assert [line.partition("(")[0].strip(" ->") for line in plan if "stock" in line] == [
        "Index Only Scan using stock_pkey on stock k"
    ]
    await db.close()


async def test_tenants_do_not_see_each_others_stores_and_tables(db: Database, ask: Ask) -> None:
    other = await db.run(lambda tx: open_shop(tx, "other"))
    quote = await ask(("SHIRT", 5), tenant=other)
    assert brief(quote) == [[("CENTRO", "PICKUP", "0", 0)]]


async def test_nul_in_a_platform_is_refused(ask: Ask) -> None:
    with pytest.raises(Invalid):
        await ask(("SHIRT", 1), platform="a\0b")
