"""Taking the carrier's label: it waits for the operator, nothing ships yet."""

import pytest

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.values import OrderId
from balcao.orders.change import Outcome
from balcao.orders.label import LabelOrder, label_orders
from balcao.orders.rules.model import Label, Order, Tracking
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Role
from tests.verbs.invariants import check
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import Shop, dump, open_shop, refused

PARCEL = Tracking(carrier_name="Correios", code="BR1")


def pdf(path: str) -> Label:
    return Label(number=0, file_name=f"{path}.pdf", content_type="application/pdf", path=path)


def asked(shop: Shop, order_id: OrderId, *, path: str | None = "a", plp: str | None = None) -> LabelOrder:
    carrier = shop.caller(Role.CARRIER, carrier="SEDEX")
    label = None if path is None else pdf(path)
    return LabelOrder(caller=carrier, order_id=order_id, label=label, tracking=PARCEL, plp=plp)


async def send(shop: Shop, cmd: LabelOrder) -> Outcome:
    return await shop.one(label_orders, cmd)


async def invoiced(shop: Shop) -> OrderId:
    return (await put_orders(shop, [State(status=Status.INVOICE_CREATED, is_invoiced=True)]))[0]


async def test_a_label_and_its_tracking_are_kept_and_nothing_ships(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await invoiced(shop)
    await send(shop, asked(shop, order_id, plp="PLP-1"))
    order, history = await shop.whole(order_id)
    assert (order.status, order.body.tracking, order.body.plp) == (Status.INVOICE_CREATED, PARCEL, "PLP-1")
    assert order.labels == (Label(number=1, file_name="a.pdf", content_type="application/pdf", path="a"),)
    assert [step.status for step in history.steps] == [Status.INVOICE_CREATED]
    assert [(line.type, line.issuer) for line in history.logs] == [("Label", "carrier:qaapp.carrier")]
    (event,) = await shop.events("order.labelled")
    assert (event["at_us"], event["data"]["label"], event["data"]["status"]) == (
        order.last_update_us,
        "a.pdf",
        "InvoiceCreated",
    )
    before = await dump(db)
    assert isinstance(await send(shop, asked(shop, order_id, plp="PLP-1")), Order)
    assert await dump(db) == before


async def test_several_labels_are_numbered_as_they_come(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await invoiced(shop)
    await shop.all(label_orders, *(asked(shop, order_id, path=path) for path in ("a", "b", "a")))
    await send(shop, asked(shop, order_id, path="c"))
    await send(shop, asked(shop, order_id, path=None, plp="PLP-1"))
    order = await shop.order(order_id)
    assert [(label.number, label.path) for label in order.labels] == [(1, "a"), (2, "b"), (3, "c")]
    assert len(await shop.events("order.labelled")) == 4


async def test_an_order_without_invoice_takes_no_label(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    before = await dump(db, but=["order_log"])
    assert isinstance(await send(shop, asked(shop, order_id)), NotFound)
    operator = LabelOrder(caller=shop.caller(Role.OPERATOR), order_id=order_id, label=pdf("a"), tracking=PARCEL)
    assert refused(await send(shop, operator)).facts["reason"] == "the order has no invoice"
    assert await dump(db, but=["order_log"]) == before
    await check(shop)


@pytest.mark.parametrize("status", [Status.FINALIZED, Status.CANCELED_BY_SELLER])
async def test_a_closed_order_takes_no_label(db: Database, status: Status) -> None:
    shop = await open_shop(db)
    (order_id,) = await put_orders(shop, [State(status=status, is_invoiced=True)])
    before = await dump(db, but=["order_log"])
    operator = LabelOrder(caller=shop.caller(Role.OPERATOR), order_id=order_id, label=pdf("a"), tracking=PARCEL)
    assert refused(await send(shop, operator)).facts["reason"] == "the order is closed"
    assert await dump(db, but=["order_log"]) == before


async def test_a_carrier_sees_only_what_it_carries(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await invoiced(shop)
    before = await dump(db)
    other = LabelOrder(
        caller=shop.caller(Role.CARRIER, carrier="PAC"), order_id=order_id, label=pdf("a"), tracking=PARCEL
    )
    assert isinstance(await send(shop, other), NotFound)
    assert await dump(db) == before
