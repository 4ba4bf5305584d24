"""Make a carrier or change what it takes and where it goes."""

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import Micros, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.freight.rules.carrier import Carrier, check_carrier
from balcao.freight.store import settings as store


class PutCarrier(msgspec.Struct, frozen=True, kw_only=True):
    """The whole carrier: what is left out has its default."""

    tenant: Tenant
    carrier: Carrier
    actor: str


async def put_carrier(tx: Tx, cmd: PutCarrier, now: Micros) -> Carrier:
    """The carrier as it stands from the commit on; one that is as sent already is not told of.

    Raises Invalid. Appends `freight_carrier.changed`.
    """
    errors: FieldErrors = {}
    for field, message in check_carrier(cmd.carrier):
        errors.setdefault(field, []).append(message)
    if errors:
        raise Invalid(errors=errors)
    known = await store.lock_carriers(tx, cmd.tenant, [cmd.carrier.reference])
    if known.get(cmd.carrier.reference) == cmd.carrier:
        return cmd.carrier
    await store.save_carriers(tx, cmd.tenant, [cmd.carrier])
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    await store.mark_changed(tx, cmd.tenant, new_id(), ticks.at(0))
    event = Event(
        type="freight_carrier.changed",
        subject=cmd.carrier.reference,
        actor=cmd.actor,
        data={"reference": cmd.carrier.reference, "description": cmd.carrier.description},
    )
    await append(tx, cmd.tenant, [event], ticks)
    return cmd.carrier
