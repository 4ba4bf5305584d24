"""Put and remove the rules for free shipping and surcharges."""

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict, FieldErrors, Invalid, NotFound
from balcao.base.values import Micros, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.freight.rules.charges import RULES_MAX, FreightRule, check_rule
from balcao.freight.store import settings as store


class PutRule(msgspec.Struct, frozen=True, kw_only=True):
    """The whole rule: what is left out has its default."""

    tenant: Tenant
    rule: FreightRule
    actor: str


class RemoveRule(msgspec.Struct, frozen=True, kw_only=True):
    """The rule of that code."""

    tenant: Tenant
    code: str
    actor: str


async def put_rule(tx: Tx, cmd: PutRule, now: Micros) -> FreightRule:
    """The rule, in force from the commit on. Raises Invalid, and Conflict beyond a thousand rules.

    Appends `freight_rule.changed`.
    """
    errors: FieldErrors = {}
    for field, message in check_rule(cmd.rule):
        errors.setdefault(field, []).append(message)
    if errors:
        raise Invalid(errors=errors)
    is_known = await store.lock_rule(tx, cmd.tenant, cmd.rule.code)
    if not is_known and await store.count_rules(tx, cmd.tenant) >= RULES_MAX:
        raise Conflict(f"There are {RULES_MAX} freight rules already: remove one first.", code="too_many_freight_rules")
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    await store.save_rule(tx, cmd.tenant, cmd.rule, ticks.at(0))
    await store.mark_changed(tx, cmd.tenant, new_id(), ticks.at(0))
    await append(tx, cmd.tenant, [_event("freight_rule.changed", cmd.rule.code, cmd.actor)], ticks)
    return cmd.rule


async def remove_rule(tx: Tx, cmd: RemoveRule, now: Micros) -> None:
    """Out of force from the commit on. Raises NotFound. Appends `freight_rule.removed`."""
    if not await store.lock_rule(tx, cmd.tenant, cmd.code):
        raise NotFound("There is no freight rule of this code.", code="freight_rule_not_found")
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    await store.delete_rule(tx, cmd.tenant, cmd.code)
    await store.mark_changed(tx, cmd.tenant, new_id(), ticks.at(0))
    await append(tx, cmd.tenant, [_event("freight_rule.removed", cmd.code, cmd.actor)], ticks)


def _event(kind: str, code: str, actor: str) -> Event:
    return Event(type=kind, subject=code, actor=actor, data={"code": code})
