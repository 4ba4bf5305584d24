"""How a quote is drawn, slowly and plainly: every store, carrier and row, every set of stores, every allotment.

Nothing of the engine is used here but the words (stores, rows, carriers, rules as values): no index, no ordinals, no
integers for money, no pruning. The engine must agree with it on every world.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations, product
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from balcao.base.values import from_micros
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import FreightRule, RuleKind
from balcao.freight.rules.model import Line, Terms
from balcao.freight.rules.rates import RateRow
from balcao.sellers.rules import Seller

BRAZIL = holidays.country_holidays("BR")


class Chart(NamedTuple):
    """A table: whose, from where (a store's CNPJ, a state or neither), its rows."""

    reference: str
    cnpj: str | None
    state: str
    rows: Sequence[RateRow]


class Facts(NamedTuple):
    """A world. `held`: units by store and SKU, None where the stock is not looked at."""

    sellers: Sequence[Seller]
    held: Mapping[str, Mapping[str, int]] | None
    charts: Sequence[Chart]
    carriers: Sequence[Carrier]
    rules: Sequence[FreightRule]
    terms: Terms
    cep: int
    channel: str

    def there(self, seller: Seller, sku: str, need: int) -> int:
        return need if self.held is None else max(0, self.held[seller.cnpj].get(sku, 0))


class Choice(NamedTuple):
    """One option of one store; the first five sort options."""

    amount: Decimal
    day: date
    days: int
    priority: int
    cnpj: str
    reference: str
    is_delivery: bool


Answer = tuple[list[tuple[list[Line], list[Choice]]], list[str], list[tuple[Decimal, date, list[str]]]]
"""Packages with their options, the SKUs that are not quoted, combinations as (total, day, stores)."""


def quote(lines: Sequence[Line], facts: Facts) -> Answer:
    needs = {line.sku: sum(one.quantity for one in lines if one.sku == line.sku) for line in sorted(lines)}
    sellers = sorted((one for one in facts.sellers if one.is_active), key=lambda one: (one.priority, one.cnpj))
    gone = []
    for sku, need in needs.items():
        counts = [facts.there(seller, sku, need) for seller in sellers]
        if (sum(counts) if facts.terms.allow_split else max(counts, default=0)) < need:
            gone.append(sku)
    rest = sorted(line for line in lines if line.sku not in gone)
    cart = sum((line.price * line.quantity for line in lines), Decimal(0))
    if not rest or (gone and not facts.terms.allow_unavailable):
        return [], gone, []
    wanted = {sku: need for sku, need in needs.items() if sku not in gone}
    whole = [one for one in sellers if all(facts.there(one, sku, need) >= need for sku, need in wanted.items())]
    options = sorted(choice for one in whole for choice in choices(rest, one, facts, cart))
    if options:
        return [(rest, shown(options, facts))], gone, []
    if facts.terms.allow_split:
        found = splits(rest, wanted, sellers, facts, cart)
        if found:
            return found[0][1], gone, [one[0] for one in found]
    if facts.terms.allow_unavailable:
        part = largest_part(rest, wanted, sellers, facts, cart)
        if part:
            packed = {line.sku for line in part[0]}
            return [part], sorted([*gone, *(sku for sku in wanted if sku not in packed)]), []
    return [], sorted([*gone, *wanted]), []


def shown(options: list[Choice], facts: Facts) -> list[Choice]:
    seen: list[Choice] = []
    for choice in options:
        if not (facts.terms.unique_slas and any(choice.reference == one.reference for one in seen)):
            seen.append(choice)
    return seen[: facts.terms.results_max or 50]


def largest_part(
    lines: list[Line], needs: Mapping[str, int], sellers: list[Seller], facts: Facts, cart: Decimal
) -> tuple[list[Line], list[Choice]] | None:
    best: list[tuple[int, int, list[str], list[Line], list[Choice]]] = []
    for seller in sellers:
        skus = [sku for sku, need in needs.items() if facts.there(seller, sku, need) >= need]
        some = [line for line in lines if line.sku in skus]
        able = [one for one in sellers if all(facts.there(one, sku, needs[sku]) >= needs[sku] for sku in skus)]
        options = sorted(choice for one in able for choice in choices(some, one, facts, cart)) if skus else []
        if options:
            best.append((-len(skus), -sum(needs[sku] for sku in skus), skus, some, shown(options, facts)))
    return min(best)[3:] if best else None


def splits(
    lines: list[Line], needs: Mapping[str, int], sellers: list[Seller], facts: Facts, cart: Decimal
) -> list[tuple[tuple[Decimal, date, list[str]], list[tuple[list[Line], list[Choice]]]]]:
    """Every set of two and more stores, the fewest first; of each set every allotment."""
    for size in range(2, len(sellers) + 1):
        found = []
        for some in combinations(sellers, size):
            allotted = [
                (total, day, days, order, packages)
                for order, allotment in enumerate(allotments(needs, some, facts))
                if (packages := pack(lines, allotment, some, facts, cart)) is not None
                for total, day, days in [sum_up(packages)]
            ]
            if allotted:
                best = min(allotted, key=lambda one: one[:4])
                ranks = [(seller.priority, seller.cnpj) for seller in some]
                found.append((best[:3], ranks, best[4]))
        if found:
            found.sort(key=lambda one: one[:2])
            return [
                (
                    (key[0], key[1], [cnpj for _, cnpj in ranks]),
                    [(goods, shown(options, facts)) for goods, options in packages],
                )
                for key, ranks, packages in found[: min(facts.terms.results_max or 10, 10)]
            ]
    return []


def allotments(needs: Mapping[str, int], some: Sequence[Seller], facts: Facts) -> Iterator[list[list[tuple[int, int]]]]:
    """For each SKU, how many units each store sends, as (from the how-manieth on, how many); each SKU whole where one
    has it whole.
    """
    shares: list[list[list[tuple[int, int]]]] = []
    for sku, need in needs.items():
        counts = [min(need, facts.there(seller, sku, need)) for seller in some]
        if max(counts) >= need:
            whole = [n for n, count in enumerate(counts) if count >= need]
            shares.append([[(0, need) if n == one else (0, 0) for n in range(len(some))] for one in whole])
        else:
            sent, left = [(0, 0)] * len(some), need
            for n in sorted(range(len(some)), key=lambda n: (-counts[n], n)):
                units = min(left, counts[n])
                sent[n] = (need - left, units)
                left -= units
            if left:
                return
            shares.append([sent])
    yield from (list(allotment) for allotment in product(*shares))


def pack(
    lines: list[Line], allotment: list[list[tuple[int, int]]], some: Sequence[Seller], facts: Facts, cart: Decimal
) -> list[tuple[list[Line], list[Choice]]] | None:
    packages = []
    skus = list(dict.fromkeys(line.sku for line in lines))
    for n, seller in enumerate(some):
        goods: list[Line] = []
        for sku, shares in zip(skus, allotment, strict=True):
            units = [line for line in lines if line.sku == sku for _ in range(line.quantity)]
            first, count = shares[n]
            mine = units[first : first + count]
            goods += [line._replace(quantity=mine.count(line)) for line in dict.fromkeys(mine)]
        options = sorted(choices(goods, seller, facts, cart)) if goods else []
        if not options:
            return None
        packages.append((sorted(goods), options))
    return packages


def sum_up(packages: list[tuple[list[Line], list[Choice]]]) -> tuple[Decimal, date, int]:
    best = [next((one for one in options if one.is_delivery), options[0]) for _, options in packages]
    return sum((one.amount for one in best), Decimal(0)), max(one.day for one in best), max(one.days for one in best)


def choices(goods: list[Line], seller: Seller, facts: Facts, cart: Decimal) -> Iterator[Choice]:
    zone = zone_of(seller)
    now = from_micros(facts.terms.now).astimezone(zone)
    if seller.pickup_enabled:
        day, days = pickup(seller, now)
        yield Choice(Decimal(0), day, days, seller.priority, seller.cnpj, "PICKUP", is_delivery=False)
    if not seller.delivery_enabled or any(line.pickup_only for line in goods):
        return
    for carrier in facts.carriers:
        rows = rows_of(carrier.reference, seller, facts)
        if rows is None or not carrier.is_active:
            continue
        if carrier.cep_ranges and not any(low <= facts.cep <= high for low, high in carrier.cep_ranges):
            continue
        parcels = parcels_of(goods, carrier, individually=facts.terms.package_individually)
        if parcels is None:
            continue
        fitting = [row_for(rows, facts.cep, *parcel) for parcel in parcels]
        if any(row is None for row in fitting):
            continue
        sure = [row for row in fitting if row is not None]
        amount = sum((price(row, *parcel) for row, parcel in zip(sure, parcels, strict=True)), Decimal(0))
        cut_off = min(row.cut_off_min for row in sure)
        cut_off = carrier.cut_off_min if cut_off == 1440 else cut_off
        handed_over, days = dispatch(seller, now, cut_off)
        transit = max(row.delivery_days for row in sure)
        day = carried(handed_over, transit)
        amount = ruled(amount, carrier.reference, facts, cart)
        yield Choice(amount, day, days + transit, seller.priority, seller.cnpj, carrier.reference, is_delivery=True)


def rows_of(reference: str, seller: Seller, facts: Facts) -> Sequence[RateRow] | None:
    state = seller.address.state if seller.address else ""
    origins = [(seller.cnpj, ""), *([(None, state)] if state else []), (None, "")]
    for origin in origins:
        for chart in facts.charts:
            if chart.reference == reference and (chart.cnpj, chart.state) == origin:
                return chart.rows
    return None


def parcels_of(
    goods: list[Line], carrier: Carrier, *, individually: bool
) -> list[tuple[int, Fraction, Decimal]] | None:
    """Each parcel as grams charged, cubic centimetres and value; filled unit by unit, the heaviest first."""
    units = [line for line in goods for _ in range(line.quantity)]
    if any(max(unit.sides_um) > (carrier.side_max_um or 10**12) for unit in units):
        return None
    if any(sum(unit.sides_um) > (carrier.sides_max_um or 10**12) for unit in units):
        return None
    weight_max = None if carrier.weight_max_g is None else carrier.weight_max_g * 1000
    value_max = None if carrier.value_max_e4 is None else Decimal(carrier.value_max_e4) / 10_000
    whole = sum(unit.weight_mg for unit in units), sum((unit.price for unit in units), Decimal(0))
    fits = (weight_max is None or whole[0] <= weight_max) and (value_max is None or whole[1] <= value_max)
    if individually or not fits:
        for unit in units:
            if weight_max is not None and unit.weight_mg > weight_max:
                return None
            if value_max is not None and unit.price > value_max:
                return None
    if individually:
        groups = [[unit] for unit in units]
    elif fits:
        groups = [units]
    else:
        groups = [[]]
        for unit in sorted(units, key=lambda unit: (-unit.weight_mg, -unit.price, unit)):
            group = [*groups[-1], unit]
            too_heavy = weight_max is not None and sum(one.weight_mg for one in group) > weight_max
            too_dear = value_max is not None and sum(one.price for one in group) > value_max
            if too_heavy or too_dear:
                groups.append([unit])
            else:
                groups[-1].append(unit)
    return [parcel(group, carrier) for group in groups]


def parcel(units: list[Line], carrier: Carrier) -> tuple[int, Fraction, Decimal]:
    volume_m3 = sum((Fraction(a * b * c, 10**18) for a, b, c in (unit.sides_um for unit in units)), Fraction(0))
    real = ceil(Fraction(sum(unit.weight_mg for unit in units), 1000))
    volumetric = ceil(volume_m3 * carrier.volumetric_g_per_m3)
    return max(1, real, volumetric), volume_m3 * 10**6, sum((unit.price for unit in units), Decimal(0))


def row_for(rows: Sequence[RateRow], cep: int, weight_g: int, volume_cm3: Fraction, _value: Decimal) -> RateRow | None:
    fitting = [
        row
        for row in rows
        if row.cep_start <= cep <= row.cep_end
        and row.weight_start_g <= weight_g <= row.weight_end_g
        and (row.volume_max_cm3 == 0 or volume_cm3 <= row.volume_max_cm3)
    ]
    return min(fitting, key=lambda row: (row.weight_start_g, row.weight_end_g), default=None)


def price(row: RateRow, weight_g: int, _volume_cm3: Fraction, value: Decimal) -> Decimal:
    of_value = max(value * row.percent / 100, row.insured_min)
    extra = Decimal(max(0, weight_g - row.weight_start_g)) * row.extra_per_kg / 1000
    return (row.price + of_value + extra).quantize(Decimal("0.01"), ROUND_HALF_UP)


def ruled(amount: Decimal, reference: str, facts: Facts, cart: Decimal) -> Decimal:
    mine = [rule for rule in facts.rules if holds(rule, reference, facts, cart)]
    if any(rule.kind is RuleKind.FREE for rule in mine):
        return Decimal(0)
    added = sum(
        (Decimal(rule.amount_e4) / 10_000 + amount * Decimal(rule.percent_e4) / 1_000_000 for rule in mine), Decimal(0)
    )
    return amount + added.quantize(Decimal("0.01"), ROUND_HALF_UP)


def holds(rule: FreightRule, reference: str, facts: Facts, cart: Decimal) -> bool:
    now = facts.terms.now
    return (
        rule.is_active
        and (not rule.channels or facts.channel in rule.channels)
        and (not rule.carriers or reference in rule.carriers)
        and (not rule.cep_ranges or any(low <= facts.cep <= high for low, high in rule.cep_ranges))
        and (rule.cart_min_e4 is None or cart * 10_000 >= rule.cart_min_e4)
        and (rule.cart_max_e4 is None or cart * 10_000 <= rule.cart_max_e4)
        and (rule.from_us is None or rule.from_us <= now)
        and (rule.until_us is None or now < rule.until_us)
    )


def zone_of(seller: Seller) -> ZoneInfo:
    state = seller.address.state if seller.address else ""
    return ZoneInfo(
        seller.time_zone or {"AM": "America/Manaus", "AC": "America/Rio_Branco"}.get(state, "America/Sao_Paulo")
    )


def hours_on(seller: Seller, day: date) -> tuple[str, str] | None:
    """First opening and last closing; None on days when it is closed."""
    if day in seller.holidays or day in BRAZIL:
        return None
    if not seller.working_hours:
        return ("00:00", "24:00") if day.isoweekday() <= 5 else None
    today = [hours for hours in seller.working_hours if hours.weekday == day.isoweekday()]
    return (min(one.opens for one in today), max(one.closes for one in today)) if today else None


def closing(seller: Seller, day: date) -> str | None:
    """Of that weekday, whether or not it is a holiday."""
    if not seller.working_hours:
        return "24:00" if day.isoweekday() <= 5 else None
    return max((one.closes for one in seller.working_hours if one.weekday == day.isoweekday()), default=None)


def dispatch(seller: Seller, now: datetime, cut_off_min: int) -> tuple[date, int]:
    clock = f"{now:%H:%M}"
    closes = closing(seller, now.date())
    is_late = clock >= f"{cut_off_min // 60:02d}:{cut_off_min % 60:02d}" or (closes is not None and clock >= closes)
    day, lost = now.date(), 0
    if is_late and hours_on(seller, day):
        day, lost = day + timedelta(days=1), 1
    while not hours_on(seller, day):
        day += timedelta(days=1)
    for _ in range(seller.handling_days):
        day += timedelta(days=1)
        while not hours_on(seller, day):
            day += timedelta(days=1)
    return day, lost + seller.handling_days


def pickup(seller: Seller, now: datetime) -> tuple[date, int]:
    if seller.pickup_lead_minutes is None:
        return dispatch(seller, now, 1440)
    ready = now.replace(tzinfo=None) + timedelta(minutes=seller.pickup_lead_minutes)
    day = ready.date()
    closes = closing(seller, day)
    if closes is not None and f"{ready:%H:%M}" >= closes:
        day += timedelta(days=1)
    while not hours_on(seller, day):
        day += timedelta(days=1)
    between = (now.date() + timedelta(days=n) for n in range(1, (day - now.date()).days + 1))
    return day, sum(1 for one in between if hours_on(seller, one))


def carried(day: date, days: int) -> date:
    for _ in range(days):
        day += timedelta(days=1)
        while day.isoweekday() > 5 or day in BRAZIL:
            day += timedelta(days=1)
    return day
