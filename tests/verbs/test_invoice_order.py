"""Invoicing orders on a real database: the key, the goods, the amounts."""

from decimal import Decimal
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.values import OrderId, new_id
from balcao.orders.change import Outcome
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.rules.model import Order, PaymentType
from balcao.orders.rules.new_order import NewPayment
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Role
from tests.rules.order_samples import invoice
from tests.verbs.invariants import check
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import OTHER_STORE, Shop, dump, invalid, items, open_shop, refused

KEYS = [f"352608041091690001355500100000{n:04}1000000018" for n in range(20)]


def asked(shop: Shop, order_id: OrderId, key: int = 0, **made: Any) -> InvoiceOrder:
    """An invoice of 10 BRL, of everything unless told."""
    document = invoice(KEYS[key], **({"total": "10"} | made))
    return InvoiceOrder(caller=shop.caller(Role.ERP), order_id=order_id, invoice=document)


async def send(shop: Shop, order_id: OrderId, key: int = 0, **made: Any) -> Outcome:
    return await shop.one(invoice_orders, asked(shop, order_id, key, **made))


async def refuses(shop: Shop, cmd: InvoiceOrder) -> Outcome:
    """The refusal of an invoice, of which nothing but a log line stays."""
    before = await dump(shop.db, but=["order_log"])
    outcome = await shop.one(invoice_orders, cmd)
    assert await dump(shop.db, but=["order_log"]) == before
    return outcome


async def test_an_invoice_moves_the_order_and_takes_the_goods(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=3, s2=2))
    cmd = InvoiceOrder(
        caller=shop.caller(Role.ERP), order_id=order_id, invoice=invoice(KEYS[0], "51.1"), seller_order_id="PV-7"
    )
    await shop.one(invoice_orders, cmd)
    order, history = await shop.whole(order_id)
    assert (order.status, order.seller_order_id, order.invoices) == (Status.INVOICE_CREATED, "PV-7", (cmd.invoice,))
    assert [(line.reserved, line.consumed) for line in order.items] == [(0, 3), (0, 2)]
    assert (await shop.level(), await shop.level("2")) == ((97, 0), (98, 0))
    assert [step.status for step in history.steps] == [1, 2, 20]
    assert history.logs[-1].internal_message == f"NF-e 1/1, {KEYS[0]}"
    (event,) = await shop.events("order.invoiced")
    assert event["at_us"] == order.last_update_us
    assert event["data"] == {
        "orderId": str(order_id),
        "externalId": order.external_id,
        "statusBefore": "PendingCreate",
        "status": "InvoiceCreated",
        "invoiceKey": KEYS[0],
        "totalAmount": Decimal("51.1"),
    }
    async with db.read() as tx:
        assert await tx.fetchval("SELECT invoice_key FROM orders WHERE order_id = $1", order_id) == KEYS[0]
    await check(shop)


async def test_the_same_key_again_writes_nothing(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    await send(shop, order_id)
    before = await dump(db)
    assert isinstance(await send(shop, order_id), Order)
    assert isinstance(await send(shop, order_id, total="9", items={"1": 1}), Order)
    assert await dump(db) == before


async def test_the_key_of_another_order_is_refused(db: Database) -> None:
    shop = await open_shop(db)
    owner, other = await shop.paid(), await shop.paid()
    await send(shop, owner)
    no = refused(await refuses(shop, asked(shop, other)), "invoice_key_taken")
    assert no.detail == f"The invoice {KEYS[0]} belongs to another order."
    assert await shop.logs(other, "Refused") == [no.detail]
    await check(shop)


async def test_each_tenant_has_its_own_keys(db: Database) -> None:
    shop, rival = await open_shop(db), await open_shop(db, name="rival")
    for each in (shop, rival):
        assert isinstance(await send(each, await each.paid()), Order)
        await check(each)


async def test_invoices_beyond_the_total_are_refused_and_their_key_stays_free(db: Database) -> None:
    shop = await open_shop(db)
    order_id, other = await shop.paid(), await shop.paid()
    assert refused(await refuses(shop, asked(shop, order_id, total="11.01")), "invoice_exceeds_order")
    await send(shop, order_id, 1, total="6")
    no = refused(await refuses(shop, asked(shop, order_id, total="5.01")), "invoice_exceeds_order")
    assert no.detail == "The order's invoices would come to 11.01, more than its total of 11.0."
    assert isinstance(await send(shop, other), Order)
    await check(shop)


async def test_parts_of_an_order(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=(*items(s1=2), *items(s1=2, s2=1)))
    await send(shop, order_id, 0, total="30", items={"1": 3})
    assert (await shop.level(), await shop.level("2")) == ((97, 1), (100, 1))
    over = await refuses(shop, asked(shop, order_id, 1, total="20", items={"1": 2}))
    assert invalid(over) == {"items": ["The order has not so many left to invoice: 1: 2 invoiced, 1 open."]}
    await send(shop, order_id, 1, total="20", items={"1": 1, "2": 1})
    assert (await shop.level(), await shop.level("2")) == ((96, 0), (99, 0))
    order, history = await shop.whole(order_id)
    assert [one.access_key for one in order.invoices] == KEYS[:2]
    assert [step.status for step in history.steps] == [1, 2, 20]
    await check(shop)


async def test_an_unpaid_order_is_not_invoiced_unless_it_is_paid_on_pickup(db: Database) -> None:
    shop = await open_shop(db)
    cash = NewPayment(type=PaymentType.CASH_ON_PICKUP, amount=Decimal(11))
    unpaid, pickup = await shop.placed(), await shop.placed(is_delivery=False, payments=(cash,))
    no = refused(await refuses(shop, asked(shop, unpaid)))
    assert (no.facts["from"], no.facts["to"], no.facts["reason"]) == (
        "Pending",
        "InvoiceCreated",
        "the order is not paid",
    )
    await send(shop, pickup)
    assert (await shop.order(pickup)).status is Status.INVOICE_CREATED
    await check(shop)


async def test_which_status_takes_an_invoice(db: Database) -> None:
    """Paid and not closed: it moves to 20, or stays where 20 lies behind it or beside."""
    shop = await open_shop(db)
    stays = {6: 20, 20: 20, 7: 7, 8: 8}
    states = [State(status=status, is_delivery=status != 8, resume=_resume(status)) for status in Status]
    ids = await put_orders(shop, states)
    outcomes = await shop.all(
        invoice_orders, *(asked(shop, order_id, status) for status, order_id in enumerate(ids) if status < 20)
    )
    for status, outcome in enumerate(outcomes):
        after = await shop.order(ids[status])
        if status in {9, 10, 11, 12, 13, 16, 17, 18, 19}:
            assert refused(outcome).facts["to"] == "InvoiceCreated"
            assert (after.status, after.invoices) == (status, ())
        else:
            assert (after.status, len(after.invoices)) == (stays.get(status, 20), 1), status
            assert (after.items[0].reserved, after.items[0].consumed) == (0, 1)


def _resume(status: Status) -> Status | None:
    return Status.PROCESSING if status in {13, 16, 17, 18, 19} else None


@pytest.mark.parametrize("first", [Status.SEPARATE, Status.INVOICE_CREATED])
async def test_picking_and_invoicing_in_either_order(db: Database, first: Status) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    separate = MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.SEPARATE)
    if first is Status.SEPARATE:
        await shop.one(move_orders, separate)
        await send(shop, order_id, total="6")
    else:
        await send(shop, order_id, total="6")
        await shop.one(move_orders, separate)
    await send(shop, order_id, 1, total="5")
    order, history = await shop.whole(order_id)
    second = 26 - first
    assert (order.status, [step.status for step in history.steps]) == (second, [1, 2, first, second])
    assert (len(order.invoices), await shop.level()) == (2, (99, 0))
    await check(shop)


async def test_twins_of_a_key_in_one_batch(db: Database) -> None:
    """The first order that may have the invoice gets it, whoever named the key before."""
    shop = await open_shop(db)
    unpaid, one, two = await shop.placed(), await shop.paid(), await shop.paid()
    nobody = OrderId(new_id())
    outcomes = await shop.all(invoice_orders, *(asked(shop, each) for each in (nobody, unpaid, one, two, one)))
    assert [type(outcome) for outcome in outcomes[:1]] == [NotFound]
    assert refused(outcomes[1]).facts["reason"] == "the order is not paid"
    assert [isinstance(outcome, Order) for outcome in outcomes[2:]] == [True, False, True]
    refused(outcomes[3], "invoice_key_taken")
    assert [len((await shop.order(each)).invoices) for each in (unpaid, one, two)] == [0, 1, 0]
    await check(shop)


async def test_a_key_that_a_whole_batch_was_refused_stays_free(db: Database) -> None:
    shop = await open_shop(db)
    unpaid, later = await shop.placed(), await shop.placed()
    before = await dump(db, but=["order_log"])
    for outcome in await shop.all(invoice_orders, asked(shop, unpaid), asked(shop, later)):
        refused(outcome)
    assert await dump(db, but=["order_log"]) == before


async def test_many_orders_in_one_batch_and_one_of_them_twice(db: Database) -> None:
    shop = await open_shop(db)
    ids = [await shop.paid(items=items(s1=1, s2=1)) for _ in range(4)]
    cmds = [asked(shop, order_id, n) for n, order_id in enumerate(ids)]
    outcomes = await shop.all(invoice_orders, asked(shop, ids[0], 9, total="11.1"), *cmds)
    assert all(isinstance(outcome, Order) for outcome in outcomes)
    assert [one.access_key for one in (await shop.order(ids[0])).invoices] == [KEYS[9], KEYS[0]]
    assert (await shop.level(), await shop.level("2")) == ((96, 0), (96, 0))
    assert len(await shop.events("order.invoiced")) == 5
    await check(shop)


async def test_a_store_invoices_its_own_orders_only(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    stranger = shop.caller(Role.ERP, seller_cnpj=OTHER_STORE)
    before = await dump(db)
    cmd = InvoiceOrder(caller=stranger, order_id=order_id, invoice=invoice(KEYS[0], "10"))
    outcome = await shop.one(invoice_orders, cmd)
    assert isinstance(outcome, NotFound)
    assert await dump(db) == before


async def test_an_order_that_reserved_nothing_takes_nothing(db: Database) -> None:
    shop = await open_shop(db, stock_policy="off")
    order_id = await shop.paid()
    await send(shop, order_id)
    await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.FINALIZED))
    assert (await shop.order(order_id)).status is Status.FINALIZED
    assert await shop.level() == (100, 0)
    await check(shop)


async def test_what_no_invoice_took_goes_when_the_order_is_finished(db: Database) -> None:
    shop = await open_shop(db)
    partly, pickup = await shop.paid(items=items(s1=3)), await shop.paid(is_delivery=False, items=items(s2=2))
    await send(shop, partly, total="10", items={"1": 1})
    assert await shop.level() == (99, 2)
    for order_id in (partly, pickup):
        await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.FINALIZED))
    assert (await shop.level(), await shop.level("2")) == ((97, 0), (98, 0))
    await check(shop)
