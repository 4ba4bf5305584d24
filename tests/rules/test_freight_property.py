"""The engine against the reference, on thousands of random worlds."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balcao.base.address import Address
from balcao.base.values import Micros, to_micros
from balcao.freight.rules.carrier import Carrier, CepRange
from balcao.freight.rules.charges import FreightRule, RuleKind
from balcao.freight.rules.model import Line, Quote, Terms
from balcao.freight.rules.rates import RateRow, widen
from balcao.freight.rules.table import check_rows
from balcao.sellers.rules import Seller, SellerBody
from balcao.sellers.rules.model import WorkingHours
from tests.rules import freight_reference as reference
from tests.rules.freight_samples import Shelf, World, draw, index, seller

BEGIN = to_micros(datetime(2026, 12, 18, tzinfo=UTC))
"""Three weeks with Christmas, New Year and their weekends."""
MINUTES = 21 * 24 * 60
CEPS = (10, 19, 20, 25, 29, 30)
"""Where the ranges of the tables end and begin."""
Dice = random.Random


def a_store(number: int, dice: Dice) -> Seller:
    hours = [
        WorkingHours(weekday=day, opens="09:00", closes=dice.choice(["12:00", "18:00", "22:00"]))
        for day in dice.sample(range(1, 8), dice.randint(1, 7))
    ]
    body = SellerBody(
        address=Address(
            cep="1", street="", number="", neighborhood="", city="", state=dice.choice(["SP", "AM", "AC", ""])
        ),
        working_hours=tuple(hours) if dice.random() < 0.5 else (),
        holidays=tuple(date(2026, 12, 20) + timedelta(days=dice.randint(0, 20)) for _ in range(dice.randint(0, 3))),
        time_zone=dice.choice([None, None, "America/Noronha"]),
        pickup_lead_minutes=dice.choice([None, None, 0, 90, 3000]),
    )
    return seller(
        number,
        body=body,
        priority=dice.randint(0, 2),
        is_active=dice.random() < 0.9,
        pickup_enabled=dice.random() < 0.3,
        delivery_enabled=dice.random() < 0.85,
        handling_days=dice.randint(0, 2),
    )


def some_rows(dice: Dice) -> list[RateRow]:
    """Sound rows: some brackets, in each some ranges that do not meet, their ends shared or not."""
    rows = []
    edges = sorted(dice.sample([0, 1, 1000, 1500, 2000, 3000, 5000, 9000], dice.randint(2, 5)))
    for low, high in pairwise(edges):
        gap = dice.choice([0, 0, 1])
        for cep in dice.choice([[(0, 19), (20, 29)], [(10, 25)], [(0, 99_999_999)], [(20, 20), (25, 30)]]):
            rows.append(
                RateRow(
                    cep_start=cep[0],
                    cep_end=cep[1],
                    weight_start_g=low + (gap if low + gap < high else 0),
                    weight_end_g=high,
                    price=Decimal(dice.randint(0, 3000)) / 100,
                    percent=Decimal(dice.choice([0, 0, 5, 33])) / 10,
                    extra_per_kg=Decimal(dice.choice([0, 0, 125, 7])) / 100,
                    insured_min=Decimal(dice.choice([0, 0, 250])) / 100,
                    volume_max_cm3=dice.choice([0, 0, 2000]),
                    delivery_days=dice.randint(0, 6),
                    cut_off_min=dice.choice([1440, 1440, 840]),
                )
            )
    return rows


def a_carrier(name: str, dice: Dice) -> Carrier:
    return Carrier(
        reference=name,
        description=name.title(),
        is_active=dice.random() < 0.95,
        volumetric_g_per_m3=dice.choice([0, 0, 300_000, 167_000]),
        weight_max_g=dice.choice([None, None, 2000, 3000]),
        value_max_e4=dice.choice([None, None, 250_000]),
        side_max_um=dice.choice([None, None, 250_000]),
        sides_max_um=dice.choice([None, None, 500_000]),
        cep_ranges=dice.choice([(), (), (CepRange(10, 20),)]),
        cut_off_min=dice.choice([1440, 900]),
    )


def a_rule(code: str, dice: Dice) -> FreightRule:
    kind = dice.choice([RuleKind.FREE, RuleKind.SURCHARGE, RuleKind.SURCHARGE])
    from_us = Micros(BEGIN + dice.randint(0, MINUTES) * 60_000_000)
    return FreightRule(
        code=code,
        kind=kind,
        is_active=dice.random() < 0.9,
        channels=dice.choice([(), ("web",), ("app",)]),
        carriers=dice.choice([(), ("A",), ("A", "B")]),
        cep_ranges=dice.choice([(), (CepRange(0, 20),)]),
        cart_min_e4=dice.choice([None, 300_000]),
        cart_max_e4=dice.choice([None, 900_000]),
        from_us=dice.choice([None, from_us]),
        until_us=dice.choice([None, Micros(from_us + 9 * 24 * 3600 * 1_000_000)]),
        amount_e4=dice.choice([10_000, 12_345]) if kind is RuleKind.SURCHARGE else 0,
        percent_e4=dice.choice([0, 105_000]) if kind is RuleKind.SURCHARGE else 0,
    )


def a_cart(dice: Dice, skus: str) -> list[Line]:
    measures = {
        sku: (
            dice.choice([0, 1, 999_999, 1_000_000, 700_001]),
            dice.choice([(0, 0, 0), (200_000, 100_000, 50_000), (300_000, 90_000, 90_000)]),
        )
        for sku in skus
    }
    lines = {
        (sku, price): dice.randint(1, 3)
        for sku in dice.sample(skus, dice.randint(1, len(skus)))
        for price in dice.sample([Decimal(10), Decimal("19.99"), Decimal(7)], dice.choice([1, 1, 2]))
    }
    return [
        Line(sku, quantity, price, *measures[sku], pickup_only=sku == "Z") for (sku, price), quantity in lines.items()
    ]


def a_world(dice: Dice, stores_max: int, skus: str) -> tuple[list[Line], reference.Facts]:
    stores = [a_store(number, dice) for number in dice.sample(range(1, 30), dice.randint(1, stores_max))]
    charts = {
        (name, cnpj, state): reference.Chart(name, cnpj, state, some_rows(dice) if dice.random() < 0.9 else [])
        for name in "ABC"
        for cnpj, state in [(None, ""), (None, "SP"), *((one.cnpj, "") for one in stores)]
        if dice.random() < 0.6
    }
    terms: dict[str, Any] = {
        name: dice.random() < chance
        for name, chance in [
            ("allow_split", 0.7),
            ("allow_unavailable", 0.3),
            ("package_individually", 0.2),
            ("unique_slas", 0.2),
        ]
    }
    facts = reference.Facts(
        sellers=stores,
        held={one.cnpj: {sku: dice.choice([0, 0, 1, 2, 4, 9]) for sku in skus} for one in stores}
        if dice.random() < 0.9
        else None,
        charts=list(charts.values()),
        carriers=[a_carrier(name, dice) for name in "ABC"],
        rules=[a_rule(f"R{n}", dice) for n in range(dice.choice([0, 0, 1, 3]))],
        terms=Terms(
            now=Micros(BEGIN + dice.randint(0, MINUTES) * 60_000_000),
            results_max=dice.choice([None, None, 1, 3]),
            **terms,
        ),
        cep=dice.choice(CEPS),
        channel=dice.choice(["web", "app"]),
    )
    return a_cart(dice, skus), facts


def as_world(facts: reference.Facts) -> World:
    ids = {one.cnpj: one.seller_id for one in facts.sellers}
    tables = [
        index(chart.reference, chart.rows, state=chart.state, **({"seller_id": ids[chart.cnpj]} if chart.cnpj else {}))
        for chart in facts.charts
    ]
    shelves = [
        Shelf(one, None if facts.held is None else facts.held[one.cnpj]) for one in facts.sellers if one.is_active
    ]
    return World(shelves, tables, facts.terms, facts.carriers, facts.rules, facts.cep, facts.channel)


def as_answer(quote: Quote) -> reference.Answer:
    packages = [
        (
            list(package.lines),
            [
                reference.Choice(
                    option.amount,
                    option.delivery_date,
                    option.delivery_time,
                    option.seller.priority,
                    option.seller.cnpj,
                    option.reference,
                    is_delivery=option.type == "Delivery",
                )
                for option in package.options
            ],
        )
        for package in quote.packages
    ]
    combined = [
        (one.total_amount, one.delivery_date, [package.sellers[0].cnpj for package in one.packages])
        for one in quote.combinations
    ]
    return packages, [one.sku for one in quote.unavailables], combined


def agree(dice: Dice, stores_max: int, skus: str) -> Quote:
    lines, facts = a_world(dice, stores_max, skus)
    quote = draw(lines, [], as_world(facts))
    assert as_answer(quote) == reference.quote(lines, facts)
    other = facts._replace(sellers=facts.sellers[::-1], charts=facts.charts[::-1], carriers=facts.carriers[::-1])
    assert as_answer(draw(dice.sample(lines, len(lines)), [], as_world(other))) == as_answer(quote)
    return quote


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**40))
def test_small_worlds_agree_with_the_reference(seed: int) -> None:
    agree(Dice(seed), 4, "PQZ")


@pytest.mark.parametrize("block", range(4))
def test_worlds_of_many_stores_agree_with_the_reference(block: int) -> None:
    kinds = {"nothing": 0, "one package": 0, "several packages": 0}
    for seed in range(block * 250, block * 250 + 250):
        quote = agree(Dice(seed), 7, "PQRST")
        kinds["nothing" if not quote.packages else "several packages" if quote.combinations else "one package"] += 1
    assert min(kinds.values()) >= 20, kinds


def test_exact_for_twelve_stores() -> None:
    for seed in range(12):
        agree(Dice(f"twelve {seed}"), 12, "PQRS")


def test_the_rows_of_these_worlds_are_sound() -> None:
    dice = Dice(1)
    assert all(check_rows(widen(some_rows(dice))) == [] for _ in range(200))
