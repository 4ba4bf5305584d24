"""Rules for free shipping and surcharges over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import Micros, iso, to_micros
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.v1.freight import settings
from balcao.doors.v1.freight.settings import (
    OFFICE,
    READERS,
    TAGS,
    CepsAsked,
    CepsShown,
    part_of,
    read_ranges,
    refuse_bound,
    show_ranges,
)
from balcao.doors.wire import Instant, Money, Wire, WireResponse
from balcao.doors.wire.shapes import Bounds
from balcao.freight.change_rules import PutRule, RemoveRule, put_rule, remove_rule
from balcao.freight.find import list_rules
from balcao.freight.rules.charges import FreightRule, RuleKind, money_e4
from balcao.freight.rules.model import E4

PATH = "/v1/freight-rules/{code:str}"
Percent = Annotated[
    Decimal, msgspec.Meta(extra={"bounds": Bounds(digits=4, places=4, minimum=Decimal(0), maximum=Decimal(1000))})
]


class RuleAsked(Wire, kw_only=True):
    """A whole rule on deliveries: what is left out does not restrict it.

    `kind`: `free` (nothing is paid for the freight) or `surcharge` (`amount`, and `percent` of the carrier's price, are
    added). Of all rules that hold, surcharges add up and one free is enough. `minCartValue`, `maxCartValue`: the whole
    cart's, both included; `from`, `until`: instants, the second one excluded.
    """

    __example__: ClassVar[Any] = {
        "kind": "free",
        "channels": ["site"],
        "carriers": ["JADEX"],
        "cepRanges": [{"start": "01000-000", "end": "19999-999"}],
        "minCartValue": 199,
        "from": "2026-11-23T00:00:00-03:00",
        "until": "2026-12-01T00:00:00-03:00",
    }

    kind: RuleKind
    is_active: bool = True
    channels: list[str] = msgspec.field(default_factory=list)
    carriers: list[str] = msgspec.field(default_factory=list)
    cep_ranges: list[CepsAsked] = msgspec.field(default_factory=list)
    min_cart_value: Money | None = None
    max_cart_value: Money | None = None
    from_: datetime | None = msgspec.field(default=None, name="from")
    until: datetime | None = None
    amount: Money = Decimal(0)
    percent: Percent = Decimal(0)


class RuleShown(Wire, kw_only=True):
    """A rule."""

    code: str
    kind: str
    is_active: bool
    channels: list[str]
    carriers: list[str]
    cep_ranges: list[CepsShown]
    min_cart_value: Decimal | None
    max_cart_value: Decimal | None
    from_: Instant | None = msgspec.field(name="from")
    until: Instant | None
    amount: Decimal
    percent: Decimal


class Rules(Wire, kw_only=True):
    """All rules, by code."""

    rules: list[RuleShown]


@get(
    "/v1/freight-rules",
    opt=READERS,
    tags=TAGS,
    operation_id="listFreightRules",
    responses=problem_responses(401, 403, 503),
)
async def get_rules(door: Door) -> Response[Rules]:
    """The rules for free shipping and surcharges, in force or not."""
    async with door.db.read() as tx:
        rules = await list_rules(tx, door.tenant)
    return WireResponse(Rules(rules=[_shown(rule) for rule in rules]))


@put(PATH, opt=OFFICE, tags=TAGS, operation_id="putFreightRule", responses=problem_responses(401, 403, 409, 503))
async def put_one(door: Door, code: FromPath[str], data: JSONBody[RuleAsked]) -> Response[RuleShown]:
    """Make the rule of that code, or replace it."""
    cmd = PutRule(tenant=door.tenant, rule=_rule(code, data), actor=door.caller.client_id)

    async def change(tx: Tx) -> RuleShown:
        return _shown(await put_rule(tx, cmd, door.now))

    return await settings.put(door, change)


@delete(
    PATH,
    opt=OFFICE,
    tags=TAGS,
    operation_id="deleteFreightRule",
    status_code=204,
    responses=problem_responses(401, 403, 404, 503),
)
async def delete_one(door: Door, code: FromPath[str]) -> None:
    """Remove the rule."""
    refuse_bound(door)
    cmd = RemoveRule(tenant=door.tenant, code=code, actor=door.caller.client_id)
    await door.db.run(lambda tx: remove_rule(tx, cmd, door.now))
    await door.house.networks.refresh(door.tenant)


def _rule(code: str, sent: RuleAsked) -> FreightRule:
    errors: FieldErrors = {}
    ranges = read_ranges(sent.cep_ranges, errors)
    if errors:
        raise Invalid(errors=errors)
    return FreightRule(
        code=code,
        kind=sent.kind,
        is_active=sent.is_active,
        channels=tuple(sent.channels),
        carriers=tuple(sent.carriers),
        cep_ranges=ranges,
        cart_min_e4=money_e4(sent.min_cart_value),
        cart_max_e4=money_e4(sent.max_cart_value),
        from_us=None if sent.from_ is None else to_micros(sent.from_),
        until_us=None if sent.until is None else to_micros(sent.until),
        amount_e4=int(sent.amount * E4),
        percent_e4=int(sent.percent * E4),
    )


def _shown(rule: FreightRule) -> RuleShown:
    return RuleShown(
        code=rule.code,
        kind=rule.kind,
        is_active=rule.is_active,
        channels=list(rule.channels),
        carriers=list(rule.carriers),
        cep_ranges=show_ranges(rule.cep_ranges),
        min_cart_value=part_of(rule.cart_min_e4, E4),
        max_cart_value=part_of(rule.cart_max_e4, E4),
        from_=_instant(rule.from_us),
        until=_instant(rule.until_us),
        amount=Decimal(rule.amount_e4) / E4,
        percent=Decimal(rule.percent_e4) / E4,
    )


def _instant(at_us: Micros | None) -> str | None:
    return None if at_us is None else iso(at_us)


routes: Sequence[HTTPRouteHandler] = (get_rules, put_one, delete_one)
