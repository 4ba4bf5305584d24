"""Free shipping and surcharges: which rules hold for a cart, and what they do to a carrier's price."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import msgspec

from balcao.base.values import MONEY_MAX, Micros
from balcao.freight.rules.carrier import CepRange, check_ranges

RULES_MAX = 1000
NAMES_MAX = 200
PERCENT_MAX_E4 = 1000 * 10_000
_MONEY_MAX_E4 = int(MONEY_MAX * 10_000)
_HALF, _HUNDRED_PERCENT = 500_000, 1_000_000


class RuleKind(StrEnum):
    """What a rule does: nothing is paid for the freight, or more is."""

    FREE = "free"
    SURCHARGE = "surcharge"


class FreightRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule on deliveries; pickup is never charged. Everything that is empty or None does not restrict it.

    channels, carriers: names and freight references for which it holds; cart_min_e4, cart_max_e4: the cart's value,
    both included; from_us, until_us: instants, the second one excluded; amount_e4 and percent_e4 (of the carrier's
    price): what a surcharge adds.
    """

    code: str
    kind: RuleKind
    is_active: bool = True
    channels: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    cep_ranges: tuple[CepRange, ...] = ()
    cart_min_e4: int | None = None
    cart_max_e4: int | None = None
    from_us: Micros | None = None
    until_us: Micros | None = None
    amount_e4: int = 0
    percent_e4: int = 0


class Charge(NamedTuple):
    """What the rules make of one carrier's price for one cart; codes: of the rules that hold."""

    amount_e4: int = 0
    percent_e4: int = 0
    is_free: bool = False
    codes: tuple[str, ...] = ()

    def on(self, cents: int) -> int:
        """The price in centavos after it, half a centavo rounded up. Surcharges add up; free is free all the same."""
        if self.is_free:
            return 0
        added = self.amount_e4 * 10_000 + cents * self.percent_e4
        return cents + (added + _HALF) // _HUNDRED_PERCENT


NO_CHARGE = Charge()


class Occasion(NamedTuple):
    """For whom rules are asked: the channel, the CEP, the whole cart's value and the instant."""

    channel: str
    cep: int
    cart_e4: int
    now: Micros


def holding(rules: Iterable[FreightRule], at: Occasion) -> list[FreightRule]:
    """The rules that hold, whatever the carrier, by code."""
    return sorted((rule for rule in rules if _holds(rule, at)), key=lambda rule: rule.code)


def charge_of(rules: Sequence[FreightRule], reference: str) -> Charge:
    """What those rules make of this carrier's price."""
    mine = [rule for rule in rules if not rule.carriers or reference in rule.carriers]
    if not mine:
        return NO_CHARGE
    return Charge(
        amount_e4=sum(rule.amount_e4 for rule in mine if rule.kind is RuleKind.SURCHARGE),
        percent_e4=sum(rule.percent_e4 for rule in mine if rule.kind is RuleKind.SURCHARGE),
        is_free=any(rule.kind is RuleKind.FREE for rule in mine),
        codes=tuple(rule.code for rule in mine),
    )


class Charges:
    """What some rules, all of which hold, make of every carrier's price."""

    def __init__(self, rules: Sequence[FreightRule]) -> None:
        named = {reference for rule in rules for reference in rule.carriers}
        self._others = charge_of([rule for rule in rules if not rule.carriers], "")
        self._named = {reference: charge_of(rules, reference) for reference in named}

    def of(self, reference: str) -> Charge:
        """Of this carrier's."""
        return self._named.get(reference, self._others)


def check_rule(rule: FreightRule) -> Iterator[tuple[str, str]]:
    """What is wrong with it: field, as it is sent, and message."""
    if not 1 <= len(rule.code) <= 100 or rule.code != rule.code.strip() or not rule.code.isprintable():
        yield "code", "must have 1 to 100 printable characters, without blanks around"
    for field, names in (("channels", rule.channels), ("carriers", rule.carriers)):
        if len(names) > NAMES_MAX:
            yield field, f"must be at most {NAMES_MAX}"
    for field, value in (("minCartValue", rule.cart_min_e4), ("maxCartValue", rule.cart_max_e4)):
        if value is not None and not 0 <= value <= _MONEY_MAX_E4:
            yield field, "must be an amount, not negative"
    if None not in (rule.cart_min_e4, rule.cart_max_e4) and (rule.cart_min_e4 or 0) > (rule.cart_max_e4 or 0):
        yield "maxCartValue", "must not be below minCartValue"
    if None not in (rule.from_us, rule.until_us) and (rule.from_us or 0) >= (rule.until_us or 0):
        yield "until", "must be after from"
    if not 0 <= rule.amount_e4 <= _MONEY_MAX_E4:
        yield "amount", "must be an amount, not negative"
    if not 0 <= rule.percent_e4 <= PERCENT_MAX_E4:
        yield "percent", f"must be from 0 to {PERCENT_MAX_E4 // 10_000}"
    if rule.kind is RuleKind.SURCHARGE and not (rule.amount_e4 or rule.percent_e4):
        yield "amount", "a surcharge needs an amount or a percent"
    if rule.kind is RuleKind.FREE and (rule.amount_e4 or rule.percent_e4):
        yield "amount", "free shipping has no amount and no percent"
    yield from check_ranges(rule.cep_ranges)


def _holds(rule: FreightRule, at: Occasion) -> bool:
    return (
        rule.is_active
        and (not rule.channels or at.channel in rule.channels)
        and (rule.cart_min_e4 is None or at.cart_e4 >= rule.cart_min_e4)
        and (rule.cart_max_e4 is None or at.cart_e4 <= rule.cart_max_e4)
        and (rule.from_us is None or at.now >= rule.from_us)
        and (rule.until_us is None or at.now < rule.until_us)
        and (not rule.cep_ranges or any(one.start <= at.cep <= one.end for one in rule.cep_ranges))
    )


def money_e4(amount: Decimal | None) -> int | None:
    """Reais as whole ten-thousandths."""
    return None if amount is None else int(amount * 10_000)
