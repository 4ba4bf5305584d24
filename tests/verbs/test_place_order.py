"""Placing orders: what is written, what is refused alone, what is only replayed."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from balcao.base.db import Database
from balcao.base.values import new_id
from balcao.orders.rules.friendly import friendly_code
from balcao.orders.rules.model import Order, PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.receipt import Receipt
from balcao.orders.rules.status import Status
from balcao.tenants.rules import DiscountBasis, Policy, Role, StockPolicy
from tests.verbs.invariants import check, refuses_alone
from tests.verbs.shop import (
    CLOSED_STORE,
    NOW,
    OTHER_STORE,
    STORE,
    Shop,
    dump,
    invalid,
    items,
    open_shop,
    receipt,
    refused,
)

pytestmark = pytest.mark.usefixtures("both_ways")
replace = msgspec.structs.replace
DAYS_3_US = 3 * 24 * 3600 * 1_000_000


def quoted(new: NewOrder, key: str) -> NewOrder:
    return replace(new, freight=replace(new.freight, calculation_key=key))


async def test_the_documented_example(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new(external_id="NEOMODE-1")
    got = receipt((await shop.place(new))[0])
    order, history = await shop.whole(got.order_id)
    seq = (await shop.events())[0]["seq"]
    assert got == Receipt(
        order_id=order.order_id,
        external_id="NEOMODE-1",
        friendly_code=friendly_code(seq),
        status=Status.PENDING,
        replayed=False,
    )
    amounts = (order.sub_total_amount, order.discount_amount, order.freight_amount, order.total_amount)
    assert [str(amount) for amount in amounts] == ["19.9", "10", "1.1", "11.0"]
    assert (order.seller_cnpj, order.channel, order.created_by) == (STORE, "ecommerce", "qaapp.channel")
    assert (order.body.buyer, order.body.delivery_address) == (new.buyer, new.delivery_address)
    assert [(line.sku_code, line.quantity, line.reserved, line.consumed) for line in order.items] == [("1", 1, 1, 0)]
    assert [(one.type, one.amount) for one in order.payments] == [(PaymentType.PAYMENT_LINK, Decimal(21))]
    assert (order.expires_us, order.create_us) == (NOW + DAYS_3_US, order.last_update_us)
    assert [(step.status, step.created_us) for step in history.steps] == [(Status.PENDING, order.create_us)]
    assert [(line.type, line.internal_message, line.issuer) for line in history.logs] == [
        ("Status", "Pending (1)", "channel:qaapp.channel"),
        ("Warning", "the payments come to 21.0, the order to 11.0", "channel:qaapp.channel"),
    ]
    assert await shop.level() == (100, 1)
    await check(shop)


async def test_the_event_tells_what_was_placed(db: Database) -> None:
    shop = await open_shop(db)
    got = receipt((await shop.place(shop.new(external_id="A/1")))[0])
    order = await shop.order(got.order_id)
    (event,) = await shop.events()
    assert event == {
        "tenant": "qaapp",
        "seq": event["seq"],
        "at_us": order.last_update_us,
        "type": "order.placed",
        "subject": str(got.order_id),
        "channel": "ecommerce",
        "seller_id": order.seller_id,
        "actor": "qaapp.channel",
        "data": {
            "orderId": str(got.order_id),
            "externalId": "A/1",
            "statusBefore": None,
            "status": "Pending",
            "friendlyCode": got.friendly_code,
            "sellerCnpj": STORE,
            "totalAmount": Decimal("11.0"),
            "isDelivery": True,
            "isShort": False,
        },
    }


async def test_the_senders_own_time_of_creation_is_kept(db: Database) -> None:
    shop = await open_shop(db)
    order, history = await shop.whole(await shop.placed(created_at=datetime(2026, 8, 9, 12, 0, tzinfo=UTC)))
    assert order.create_us == 1_786_276_800_000_000
    assert history.steps[0].created_us == order.last_update_us > NOW
    assert order.expires_us == NOW + DAYS_3_US


async def test_the_same_order_again_is_replayed_and_writes_nothing(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new()
    first = receipt((await shop.place(new))[0])
    dearer = replace(new.items[0], unit_price=Decimal("19.90"))
    before = await dump(db)
    for again in (new, replace(new, items=(dearer,)), replace(new, fee_amount=Decimal("0.00"))):
        assert await shop.place(again) == [replace(first, replayed=True)]
    assert await dump(db) == before


async def test_a_replay_answers_as_at_first_though_the_order_went_on(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new()
    first = receipt((await shop.place(new))[0])
    await shop.pay(first.order_id)
    assert (await shop.order(first.order_id)).status is Status.PENDING_CREATE
    assert await shop.place(new) == [replace(first, replayed=True)]


async def test_another_content_under_the_same_id_names_the_order_that_is_there(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new()
    first = receipt((await shop.place(new))[0])
    other = await refuses_alone(shop, replace(new, order_note="outro"))
    assert refused(other, "external_id_taken").facts == {"id": str(first.order_id)}


async def test_each_channel_and_each_tenant_counts_for_itself(db: Database) -> None:
    shop, rival = await open_shop(db), await open_shop(db, name="rival")
    await shop.channel("marketplace")
    new = shop.new()
    one, two = await shop.place(new, replace(new, channel="marketplace"))
    (three,) = await rival.place(new)
    assert len({receipt(one).order_id, receipt(two).order_id, receipt(three).order_id}) == 3
    await check(shop)
    await check(rival)


async def test_twins_in_one_batch(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new()
    other = replace(new, order_note="outro")
    first, replayed, conflict, again = await shop.place(new, new, other, new)
    assert receipt(replayed) == receipt(again) == replace(receipt(first), replayed=True)
    assert refused(conflict, "external_id_taken").facts == {"id": str(receipt(first).order_id)}
    assert await shop.level() == (100, 1)
    assert len(await shop.events()) == 1
    await check(shop)


async def test_twins_of_what_is_already_there(db: Database) -> None:
    shop = await open_shop(db)
    new = shop.new()
    first = receipt((await shop.place(new))[0])
    before = await dump(db)
    one, two, conflict = await shop.place(new, new, replace(new, order_note="outro"))
    assert receipt(one) == receipt(two) == replace(first, replayed=True)
    refused(conflict, "external_id_taken")
    assert await dump(db) == before


@pytest.mark.parametrize(
    ("bad", "code"),
    [({"items": items(NONE=1)}, "invalid"), ({"items": items(s1=101)}, "out_of_stock")],
    ids=["unknown SKU", "out of stock"],
)
async def test_the_corrected_twin_of_a_refused_order_is_placed(db: Database, bad: dict[str, Any], code: str) -> None:
    """As if they had come one after the other: the first is refused, so the second finds the external id free."""
    shop = await open_shop(db)
    good = shop.new()
    wrong = replace(good, **bad)
    no, yes, replayed, late = await shop.place(wrong, good, good, wrong)
    assert no.code == code
    assert receipt(replayed) == replace(receipt(yes), replayed=True)
    refused(late, "external_id_taken")
    assert await shop.place(good) == [replayed]
    assert (await shop.order(receipt(yes).order_id)).external_id == good.external_id
    await check(shop)


async def test_twins_that_are_both_refused_leave_the_id_free(db: Database) -> None:
    shop = await open_shop(db)
    good = shop.new()
    wrong = replace(good, items=items(NONE=1))
    before = await dump(db)
    assert [invalid(no) for no in await shop.place(wrong, wrong)] == 2 * [
        {"Items[0].SkuCode": ["the SKU 'NONE' does not exist or is not active"]}
    ]
    assert await dump(db) == before
    receipt((await shop.place(good))[0])


@pytest.mark.parametrize(
    ("over", "errors"),
    [
        ({"channel": "none"}, {"Channel": ["the channel 'none' does not exist"]}),
        ({"seller_cnpj": "99888777000166"}, {"Seller": ["the store '99888777000166' does not exist or is not active"]}),
        ({"seller_cnpj": CLOSED_STORE}, {"Seller": [f"the store '{CLOSED_STORE}' does not exist or is not active"]}),
        (
            {"seller_cnpj": None, "point_sale_id": "PDV-3"},
            {"Seller": ["the store 'PDV-3' does not exist or is not active"]},
        ),
        (
            {"items": items(s1=1, INACTIVE=1, DELETED=1, NONE=1)},
            {
                f"Items[{n}].SkuCode": [f"the SKU '{code}' does not exist or is not active"]
                for n, code in enumerate(("INACTIVE", "DELETED", "NONE"), 1)
            },
        ),
        (
            {"bonus_amount": Decimal(12)},
            {"Items": ["the discounts and the bonus exceed what the goods and the freight come to"]},
        ),
    ],
)
async def test_what_the_order_names_and_the_tenant_has_not(
    db: Database, over: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    shop = await open_shop(db)
    assert invalid(await refuses_alone(shop, shop.new(**over))) == errors


async def test_the_store_by_its_point_of_sale_or_by_cnpj_before_it(db: Database) -> None:
    shop = await open_shop(db)
    by_point = await shop.placed(seller_cnpj=None, point_sale_id="PDV-2")
    by_both = await shop.placed(seller_cnpj=STORE, point_sale_id="PDV-2")
    assert (await shop.order(by_point)).seller_cnpj == OTHER_STORE
    assert (await shop.order(by_both)).seller_cnpj == STORE


@pytest.mark.parametrize("key", ["good", "none", "expired", "dearer", "carrier", "store"])
async def test_a_calculation_key_is_kept_to(db: Database, key: str) -> None:
    """Off asks nothing, warn logs, reject refuses."""
    reasons = {
        "none": "no such quote was kept",
        "expired": "the quote has expired",
        "dearer": "the quote was 9.9",
        "carrier": "the quote was for 'PAC'",
        "store": "the quote was for another store",
    }
    shop = await open_shop(db, quote_policy=Policy.REJECT, amount_check=Policy.OFF)
    await shop.channel("warns", amount_check=Policy.OFF)
    await shop.channel("off", amount_check=Policy.OFF, quote_policy=Policy.OFF)
    await keep_offers(shop)
    new = quoted(shop.new(), key)
    warned = receipt((await shop.place(replace(new, channel="warns")))[0])
    assert await shop.logs(warned.order_id, "Warning") == ([reasons[key]] if key in reasons else [])
    off = receipt((await shop.place(replace(new, channel="off")))[0])
    assert await shop.logs(off.order_id, "Warning") == []
    if key in reasons:
        assert invalid(await refuses_alone(shop, new)) == {"Freight.CalculationKey": [reasons[key]]}
    else:
        assert receipt((await shop.place(new))[0])


async def keep_offers(shop: Shop) -> None:
    here, there = shop.stores[STORE], shop.stores[OTHER_STORE]
    offers = [
        ("good", here, "SEDEX", "1.10", NOW + 1),
        ("expired", here, "SEDEX", "1.1", NOW),
        ("dearer", here, "SEDEX", "9.9", NOW + 1),
        ("carrier", here, "PAC", "1.1", NOW + 1),
        ("store", there, "SEDEX", "1.1", NOW + 1),
    ]
    async with shop.db.transaction() as tx:
        await tx.executemany(
            """
            INSERT INTO freight_offer (tenant, calculation_key, quote_id, seller_id, reference, amount, expires_us,
                body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, '{"delivery_time": 1}')
            """,
            [
                (shop.tenant, key, new_id(), store, ref, Decimal(amount), until)
                for key, store, ref, amount, until in offers
            ],
        )


WRONG_DOCUMENT = {"Buyer.Cpf": ["the check digits are wrong"]}
WRONG_AMOUNT = {"PaymentList": ["the payments come to 21.0, the order to 11.0"]}


@pytest.mark.parametrize("check_digits", list(Policy))
@pytest.mark.parametrize("amounts", list(Policy))
async def test_documents_and_amounts_are_checked_as_the_channel_says(
    db: Database, check_digits: Policy, amounts: Policy
) -> None:
    shop = await open_shop(db, document_check=check_digits, amount_check=amounts)
    new = shop.new()
    new = replace(new, buyer=replace(new.buyer, cpf="12345678900"))
    found = {check_digits: WRONG_DOCUMENT} | {
        amounts: (WRONG_DOCUMENT if check_digits is amounts else {}) | WRONG_AMOUNT
    }
    if Policy.REJECT in found:
        assert invalid(await refuses_alone(shop, new)) == found[Policy.REJECT]
        return
    order_id = receipt((await shop.place(new))[0]).order_id
    warned = [message for messages in found.get(Policy.WARN, {}).values() for message in messages]
    assert await shop.logs(order_id, "Warning") == warned


async def test_a_channel_that_is_paid_by_order(db: Database) -> None:
    shop = await open_shop(db, paid_on_create=True)
    (got,) = await shop.place(shop.new())
    order = await shop.order(receipt(got).order_id)
    assert (got.status, order.status, order.expires_us) == (Status.PENDING_CREATE, Status.PENDING_CREATE, None)
    assert (await shop.events())[0]["data"]["status"] == "PendingCreate"
    await check(shop)


async def test_paid_on_pickup_waits_without_end(db: Database) -> None:
    shop = await open_shop(db)
    cash = (NewPayment(type=PaymentType.CASH_ON_PICKUP, amount=Decimal(11)),)
    order = await shop.order(await shop.placed(is_delivery=False, delivery_address=None, payments=cash))
    assert (order.status, order.expires_us) == (Status.PENDING, None)


async def test_the_discount_of_a_line(db: Database) -> None:
    shop = await open_shop(db, discount_basis=DiscountBasis.LINE)
    new = shop.new()
    order = await shop.order(await shop.placed(items=(replace(new.items[0], quantity=2),)))
    assert (order.discount_amount, order.total_amount) == (Decimal(10), Decimal("30.9"))
    assert order.items[0].body.discount_amount == Decimal(10)


async def test_a_large_batch_has_rising_instants_and_codes_of_its_own(db: Database) -> None:
    shop = await open_shop(db, stock_policy=StockPolicy.ACCEPT)
    outcomes = await shop.place(*(shop.new(items=items(s1=1, s2=2)) for _ in range(300)))
    assert len({receipt(outcome).friendly_code for outcome in outcomes}) == 300
    async with db.read() as tx:
        rows = await tx.fetch("SELECT order_id, last_update_us FROM orders ORDER BY last_update_us")
    assert [row["order_id"] for row in rows] == [receipt(outcome).order_id for outcome in outcomes]
    assert rows[-1]["last_update_us"] - rows[0]["last_update_us"] == 299
    assert (await shop.level(), await shop.level("2")) == ((100, 300), (100, 600))
    await check(shop)


async def test_an_empty_batch_is_nothing(db: Database) -> None:
    shop = await open_shop(db)
    before = await dump(db)
    assert await shop.place() == []
    assert await dump(db) == before


async def test_what_is_placed_is_read_back_as_it_was_sent(db: Database) -> None:
    shop = await open_shop(db)
    order = await shop.order(await shop.placed(order_note="ação / # % 'x' \"y\"", cpf_pickup="55570403906"))
    assert isinstance(order, Order)
    assert (order.body.order_note, order.body.cpf_pickup) == ("ação / # % 'x' \"y\"", "55570403906")
    assert order.passed == frozenset({Status.PENDING})
    assert shop.caller(Role.CHANNEL).client_id == order.created_by


WILD = [
    "NULL",
    "null",
    "",
    " ",
    "{}",
    '{"a", NULL}',
    'x"y',
    "back\\slash \\n",
    "tab\tline\nend\r",
    "\x01\x1f\x7f",
    "é ß 漢 😀",
    "$1",
    "'; --",
]
"""Texts that mean something where they are written down on their way."""


async def test_texts_are_kept_letter_by_letter(db: Database) -> None:
    """All of them in one batch, in columns and in what is only kept."""
    shop = await open_shop(db)
    news = [
        shop.new(
            external_id=f"W/{n}{text}",
            buyer=replace(shop.new().buyer, full_name=text, company_name=text or None),
            freight=replace(shop.new().freight, reference=text, description=text),
            order_note=text or None,
        )
        for n, text in enumerate(WILD)
    ]
    for new, placed in zip(news, await shop.place(*news), strict=True):
        order = await shop.order(receipt(placed).order_id)
        assert (order.external_id, order.body.buyer, order.body.freight) == (new.external_id, new.buyer, new.freight)
        assert order.body.order_note == new.order_note
    rows = await shop.db.run(
        lambda tx: tx.fetch("SELECT buyer_name, freight_reference, freight_description FROM orders ORDER BY create_us")
    )
    assert [tuple(row) for row in rows] == [(text, text, text) for text in WILD]
    assert [event["data"]["externalId"] for event in await shop.events()] == [new.external_id for new in news]
    await check(shop)
