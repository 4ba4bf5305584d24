"""What an event is and who wants it: types, days, bindings."""

import msgspec
import pytest

from balcao.base.errors import Conflict, Invalid
from balcao.base.values import Micros, Tenant
from balcao.events.envelope import cloud_event
from balcao.events.rules import (
    DAY_US,
    Binding,
    Consumer,
    Day,
    EventFilter,
    LoggedEvent,
    check_consumer_name,
    check_reached,
    days_ahead,
    oldest_day,
    read_types,
)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([], ()),
        (["order.paid"], ("order.paid",)),
        (["order.paid, order.*", "stocks.counted"], ("order.paid", "order.*", "stocks.counted")),
        (["order.paid,,order.paid"], ("order.paid",)),
        (["*"], ()),
        (["order.paid,*"], ()),
        (["freight_table.loaded"], ("freight_table.loaded",)),
    ],
)
def test_types(sent: list[str], read: tuple[str, ...]) -> None:
    assert read_types(sent) == read


@pytest.mark.parametrize("wrong", ["Order.paid", "order.", ".paid", "order*", "order.*.x", "%", "a b", "**"])
def test_no_types(wrong: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_types(["order.paid", wrong])
    assert refusal.value.errors == {"types": [f"{wrong!r} is no type: send such as order.placed or order.*"]}


def test_too_many_types() -> None:
    assert len(read_types([f"t{n}.x" for n in range(50)])) == 50
    with pytest.raises(Invalid) as refusal:
        read_types([f"t{n}.x" for n in range(51)])
    assert refusal.value.errors == {"types": ["at most 50"]}


def test_patterns() -> None:
    wanted = EventFilter(types=("order.*", "freight_table.loaded"), hidden=("credential.*",))
    assert wanted.like() == ["order.%", r"freight\_table.loaded"]
    assert wanted.unlike() == ["credential.%"]
    assert not wanted.is_open
    assert EventFilter().is_open
    assert not EventFilter(seller_ids=()).is_open


def test_days() -> None:
    day = Day.of(20_000 * DAY_US)
    assert (day.name, day.first_us, day.end_us) == ("event_20241004", 20_000 * DAY_US, 20_001 * DAY_US)
    assert Day.of(20_001 * DAY_US - 1) == day == Day.of_name("event_20241004")
    assert Day.of(20_001 * DAY_US) == Day(20_001)


def test_ninety_days_are_kept_and_a_week_is_made() -> None:
    noon = Micros(20_000 * DAY_US + DAY_US // 2)
    assert oldest_day(noon) == Day(20_000 - 90)
    assert sorted(days_ahead(noon)) == [Day(n) for n in range(20_000, 20_008)]


@pytest.mark.parametrize(
    ("binding", "may"),
    [
        (Binding(), True),
        (Binding("site", "1"), True),
        (Binding("site"), False),
        (Binding(None, "1"), False),
        (Binding("app", "1"), False),
    ],
)
def test_who_may_use_a_consumer(binding: Binding, may: bool) -> None:
    consumer = Consumer(name="sap", channel="site", seller_cnpj="1", seq=0, created_us=Micros(0), updated_us=Micros(0))
    assert consumer.is_open_to(binding) is may


def test_an_unbound_consumer_is_not_for_the_bound() -> None:
    consumer = Consumer(name="sap", channel=None, seller_cnpj=None, seq=0, created_us=Micros(0), updated_us=Micros(0))
    assert consumer.is_open_to(Binding())
    assert not consumer.is_open_to(Binding("site"))


@pytest.mark.parametrize("name", ["", " sap", "sap ", "a\nb", "x" * 101])
def test_no_consumer_names(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_consumer_name(name)
    assert list(refusal.value.errors) == ["name"]


def test_consumer_names() -> None:
    check_consumer_name("x" * 100)
    check_consumer_name("sap/loja nº 1")


def test_reached() -> None:
    check_reached(7, 7)
    with pytest.raises(Conflict) as refusal:
        check_reached(8, 7)
    assert (refusal.value.code, refusal.value.facts) == ("cursor_ahead", {"newest": 7})


def test_an_envelope_leaves_out_what_does_not_apply() -> None:
    told = LoggedEvent(3, Micros(0), "tenant.created", "qaapp", None, None, "cli", '{"title": "QA"}')
    shown = cloud_event(Tenant("qaapp"), told, None)
    assert msgspec_text(shown) == (
        '{"specversion":"1.0","id":"3","source":"/tenants/qaapp","type":"tenant.created","subject":"qaapp",'
        '"time":"1970-01-01T00:00:00.000000Z","datacontenttype":"application/json","sequence":"0000000000000000003",'
        '"tenant":"qaapp","actor":"cli","data":{"title": "QA"}}'
    )


def msgspec_text(document: object) -> str:
    return msgspec.json.encode(document).decode()
