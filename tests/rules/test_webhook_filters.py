from uuid import UUID

import pytest

from balcao.base.errors import Invalid
from balcao.base.values import Micros
from balcao.events.rules import LoggedEvent
from balcao.webhooks.rules.filters import Matcher, check_wanted, wants
from balcao.webhooks.rules.model import LIVE, Reader, Wanted

STORE, OTHER = UUID(int=7), UUID(int=8)


def _event(
    kind: str = "order.paid", *, seq: int = 5, channel: str | None = None, seller: UUID | None = None
) -> LoggedEvent:
    return LoggedEvent(seq, Micros(1), kind, "subject", channel, seller, "actor", "{}")


def _reader(n: int, *types: str, seq: int = 0, upto: int | None = None) -> Reader:
    return Reader(
        webhook_id=UUID(int=n), reader_id=LIVE, seq=seq, upto=upto, wanted=Wanted(types=types), room=100
    )  # fmt: skip


@pytest.mark.parametrize(
    ("types", "kind", "is_wanted"),
    [
        ((), "order.paid", True),
        (("order.paid",), "order.paid", True),
        (("order.paid",), "order.placed", False),
        (("order.paid",), "order.paid.late", False),
        (("order.*",), "order.paid", True),
        (("order.*",), "order.paid.late", True),
        (("order.*",), "orders.paid", False),
        (("order.*",), "order", False),
        (("order.paid.*",), "order.paid.late", True),
        (("order.paid.*",), "order.paid", False),
        (("stocks.changed", "order.*"), "order.paid", True),
        ((), "credential.created", False),
        ((), "channel.changed", False),
        ((), "tenant.created", False),
        ((), "webhook.disabled", False),
        (("webhook.disabled",), "webhook.disabled", True),
        (("credential.*",), "credential.created", True),
        (("channel.changed",), "channel.changed", True),
    ],
)
def test_types(types: tuple[str, ...], kind: str, is_wanted: bool) -> None:
    assert wants(Wanted(types=types), _event(kind)) is is_wanted
    assert bool(list(Matcher([_reader(1, *types)]).readers_of(_event(kind)))) is is_wanted


@pytest.mark.parametrize(
    ("wanted", "channel", "seller", "is_wanted"),
    [
        (Wanted(channels=("site",)), "site", None, True),
        (Wanted(channels=("site", "app")), "app", None, True),
        (Wanted(channels=("site",)), "app", None, False),
        (Wanted(channels=("site",)), None, None, False),
        (Wanted(seller_ids=(STORE,)), None, STORE, True),
        (Wanted(seller_ids=(STORE,)), None, OTHER, False),
        (Wanted(seller_ids=(STORE,)), "site", None, False),
        (Wanted(channels=("site",), seller_ids=(STORE,)), "site", STORE, True),
        (Wanted(channels=("site",), seller_ids=(STORE,)), "site", OTHER, False),
    ],
)
def test_channels_and_sellers(wanted: Wanted, channel: str | None, seller: UUID | None, is_wanted: bool) -> None:
    assert wants(wanted, _event(channel=channel, seller=seller)) is is_wanted


def test_each_reader_gets_an_event_once() -> None:
    readers = [_reader(1, "order.paid", "order.*"), _reader(2), _reader(3, "stocks.*"), _reader(4, "order.*")]
    found = Matcher(readers).readers_of(_event())
    assert sorted(reader.webhook_id.int for reader in found) == [1, 2, 4]


@pytest.mark.parametrize(
    ("seq", "upto", "is_wanted"), [(4, None, True), (5, None, False), (4, 5, True), (0, 4, False), (6, None, False)]
)
def test_a_reader_gets_what_lies_ahead_of_it(seq: int, upto: int | None, is_wanted: bool) -> None:
    assert bool(list(Matcher([_reader(1, seq=seq, upto=upto)]).readers_of(_event(seq=5)))) is is_wanted


def test_filters_are_checked_and_put_in_order() -> None:
    wanted = Wanted(types=("order.*", " order.paid, order.*"), channels=("a", "b", "a"), seller_ids=(STORE, STORE))
    assert check_wanted(wanted) == Wanted(types=("order.*", "order.paid"), channels=("a", "b"), seller_ids=(STORE,))
    assert check_wanted(Wanted(types=("*", "order.paid"))) == Wanted()


@pytest.mark.parametrize("kind", ["Order.paid", "order.", ".paid", "order.*.x", "ord*", "order paid"])
def test_types_that_cannot_be(kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_wanted(Wanted(types=(kind,)))
    assert refused.value.errors == {"types": [f"{kind!r} is no type: send such as order.placed or order.*"]}


def test_lists_too_long() -> None:
    with pytest.raises(Invalid) as refused:
        check_wanted(Wanted(channels=tuple(map(str, range(51))), seller_ids=(STORE,) * 501))
    assert refused.value.errors == {"channels": ["at most 50"], "sellers": ["at most 500"]}
