"""Whatever is asked of a few orders in whatever order: stock, invoices, statuses, the log and the clock agree."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balcao.base.db import Database
from balcao.base.errors import BalcaoError, NotFound
from balcao.base.values import Micros, OrderId
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.expire import expire_due_orders
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.label import LabelOrder, label_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.rules.model import Label, Order, PaymentStatus, PaymentType, Tracking
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.new_order import NewPayment
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.receipt import Receipt
from balcao.orders.rules.status import Status
from balcao.orders.track import TrackOrder, track_orders
from balcao.tenants.rules import StockPolicy
from tests.rules.order_samples import invoice
from tests.verbs.invariants import check
from tests.verbs.shop import Shop, items, open_shop

CHANNELS: dict[str, dict[str, Any]] = {
    "ecommerce": {},
    "asks": {"cancel_needs_consent": True, "cancel_on_denied": True},
    "ships": {"ship_without_invoice": True, "stock_policy": StockPolicy.ACCEPT},
    "blind": {"paid_on_create": True, "stock_policy": StockPolicy.OFF},
}
HOUR_US = 3_600_000_000
EXPIRY_S = 4 * 3600
VERBS = {
    "pay": (pay_orders, PayOrder),
    "move": (move_orders, MoveOrder),
    "cancel": (cancel_orders, CancelOrder),
    "invoice": (invoice_orders, InvoiceOrder),
    "track": (track_orders, TrackOrder),
    "label": (label_orders, LabelOrder),
}
_tenants = count(1)

quantities = st.dictionaries(st.sampled_from(["s1", "s2", "UNCOUNTED"]), st.integers(1, 3), min_size=1)
kinds = st.sampled_from([PaymentType.PAYMENT_LINK, PaymentType.PIX, PaymentType.CASH_ON_PICKUP])
amounts = st.sampled_from([Decimal(1), Decimal(31), Decimal(100)])
news = st.builds(
    PaymentNews,
    type=st.none() | kinds,
    amount=st.none() | amounts,
    status=st.none() | st.none() | st.sampled_from(PaymentStatus),
    nsu=st.none() | st.sampled_from(["1", "2"]),
)
documents = st.builds(
    invoice,
    st.sampled_from([f"key {n}" for n in range(4)]),
    st.sampled_from([None, "1", "10"]),
    st.dictionaries(st.sampled_from(["1", "2"]), st.integers(1, 2)),
)
paths = st.sampled_from(["a", "b"])
labels = st.builds(Label, number=st.just(0), file_name=paths, content_type=paths, path=paths)
trackings = st.builds(Tracking, code=st.none() | st.sampled_from(["BR1", "BR2"]))
ANSWERS = [Status.PENDING_CANCEL, Status.ERROR_CANCEL, Status.PENDING_UPDATE, Status.UPDATED, Status.ERROR_UPDATE]
told = {
    "pay": st.fixed_dictionaries({"payments": st.lists(news, min_size=1, max_size=2).map(tuple)}),
    "move": st.fixed_dictionaries({"to": st.sampled_from([*Status, *ANSWERS, *ANSWERS])}),
    "cancel": st.fixed_dictionaries({"by": st.sampled_from(CancelledBy), "reason": st.just("x")}),
    "invoice": st.fixed_dictionaries({"invoice": documents}),
    "track": st.fixed_dictionaries({"tracking": trackings}),
    "label": st.fixed_dictionaries({"label": st.none() | labels, "tracking": trackings}),
}
place = st.fixed_dictionaries(
    {
        "items": quantities.map(lambda wanted: items(**wanted)),
        "is_delivery": st.booleans(),
        "payments": st.lists(st.builds(NewPayment, type=kinds, amount=amounts), min_size=1, max_size=2).map(tuple),
        "channel": st.sampled_from(sorted(CHANNELS)),
    }
)
OFTEN = ["pay", "pay", "move", "move", "move", "invoice", "invoice", "track", "label", "cancel"]
changes = st.sampled_from(OFTEN).flatmap(
    lambda verb: st.tuples(st.just(verb), st.lists(st.tuples(st.integers(0, 3), told[verb]), min_size=1, max_size=4))
)
steps = st.one_of(changes, changes, changes, st.tuples(st.just("expire"), st.integers(0, 1)))


class World:
    """The shop, its orders and how they stood last."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.ids: list[OrderId] = []
        self.last: dict[OrderId, Order] = {}

    async def place(self, orders: Sequence[dict[str, Any]]) -> None:
        """Orders for the others to be told of; few are left when the stock is."""
        outcomes = await self.shop.place(*(self.shop.new(**order) for order in orders))
        self.ids = [outcome.order_id for outcome in outcomes if isinstance(outcome, Receipt)]
        await self.look()

    async def look(self) -> None:
        """See how the orders stand."""
        self.last = {order_id: await self.shop.order(order_id) for order_id in self.ids}

    async def step(self, verb: str, facts: Any) -> None:
        """One batch, or the clockwork."""
        if verb == "expire":
            self.shop.now = Micros(self.shop.now + facts * HOUR_US)
            await expire_due_orders(self.shop.db, self.shop.now)
            await self.look()
            return
        run, make = VERBS[verb]
        cmds = [
            make(caller=self.shop.caller(), order_id=self.ids[slot], **said)
            for slot, said in facts
            if slot < len(self.ids)
        ]
        outcomes: list[Outcome] = await self.shop.all(run, *cmds)  # type: ignore[arg-type]
        assert not any(isinstance(outcome, NotFound) for outcome in outcomes)
        for order_id in {cmd.order_id for cmd in cmds}:
            mine = [out for cmd, out in zip(cmds, outcomes, strict=True) if cmd.order_id == order_id]
            await self._compare(order_id, mine)

    async def _compare(self, order_id: OrderId, outcomes: Sequence[Outcome]) -> None:
        """The order is what the last good answer said; without one, what it was; and its instant tells which."""
        before, after = self.last[order_id], await self.shop.order(order_id)
        good = [outcome for outcome in outcomes if not isinstance(outcome, BalcaoError)]
        if not good:
            assert after == before
        else:
            instant = after.last_update_us
            assert after == msgspec.structs.replace(good[-1], last_update_us=instant, labels=after.labels)
            changed = msgspec.structs.replace(after, last_update_us=before.last_update_us) != before
            assert instant > before.last_update_us if changed else instant >= before.last_update_us
        self.last[order_id] = after


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(orders=st.lists(place, min_size=4, max_size=4), script=st.lists(steps, min_size=20, max_size=40))
async def test_whatever_is_asked(db: Database, orders: list[dict[str, Any]], script: list[tuple[str, Any]]) -> None:
    shop = await open_shop(db, name=f"t{next(_tenants)}", payment_expiry_s=EXPIRY_S)
    for name, channel in CHANNELS.items():
        await shop.channel(name, payment_expiry_s=EXPIRY_S, **channel)
    for sku in ("1", "2"):
        await shop.count(sku, 5)
    world = World(shop)
    await world.place(orders)
    await check(shop)
    for verb, facts in script:
        await world.step(verb, facts)
        await check(shop)
