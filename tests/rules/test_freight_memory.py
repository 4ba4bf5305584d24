"""What a network remembers of one quote never shows in another: asked again, it answers as a fresh one does."""

from random import Random as Dice

import pytest
from msgspec.structs import replace

from balcao.base.values import Micros
from balcao.freight.rules.desk import Desk
from balcao.freight.rules.draw import draw_quote
from balcao.freight.rules.model import to_e4
from tests.rules.freight_samples import (
    WEDNESDAY,
    Shelf,
    draw,
    finish,
    line,
    means,
    network,
    offered,
    room_of,
    seller,
    tariff,
)
from tests.rules.test_freight_property import BEGIN, CEPS, MINUTES, a_world, as_answer, as_world

MINUTE_US = 60_000_000


@pytest.mark.parametrize("seed", range(40))
def test_other_minutes_channels_and_places_by_the_same_network(seed: int) -> None:
    dice = Dice(f"memory {seed}")  # noqa: S311 (worlds, no secrets)
    lines, facts = a_world(dice, 5, "PQZ")
    world = as_world(facts)
    lasting = network(
        [shelf.seller for shelf in world.shelves], world.tables, carriers=world.carriers, rules=world.rules
    )
    for _ in range(12):
        now = Micros(BEGIN + dice.randint(0, MINUTES) * MINUTE_US + dice.choice([-1, 0, 1]))
        terms = replace(world.terms, now=now)
        asked = world._replace(terms=terms, cep=dice.choice(CEPS), channel=dice.choice(["web", "app"]))
        cart_e4 = sum(to_e4(one.price) * one.quantity for one in lines)
        desk = Desk(lasting, terms, cep=asked.cep, channel=asked.channel, cart_e4=cart_e4)
        again = finish(draw_quote(desk, sorted(lines), [], room_of(lines, asked, desk)))
        assert as_answer(again) == as_answer(draw(lines, [], asked))


def test_an_instant_before_the_cut_off_and_the_very_instant() -> None:
    net = network([seller(1)], [tariff(None, "NORMAL", (0, 1000, "10", 1))])
    noon_us = WEDNESDAY - WEDNESDAY % MINUTE_US
    held = [net.timetable(Micros(noon_us + n)) for n in (-1, 0, MINUTE_US - 1, MINUTE_US, 0)]
    assert held[1] is held[2]
    assert [one.handover(net.places[0].calendar).minute for one in held] == [
        minute := held[1].handover(net.places[0].calendar).minute - 1, minute + 1, minute + 1, minute + 2, minute + 1,
    ]  # fmt: skip


def test_alike_stores_share_what_is_offered() -> None:
    shelves = [Shelf(seller(number), None) for number in (1, 2, 3)]
    quote = draw([line("A")], [], means(shelves, [tariff(None, "NORMAL", (0, 1000, "10", 1))]))
    assert offered(quote) == [[("1", "NORMAL", "10", 1), ("2", "NORMAL", "10", 1), ("3", "NORMAL", "10", 1)]]
    assert len({id(option.service) for option in quote.packages[0].options}) == 1
