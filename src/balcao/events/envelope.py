"""An event as the world is told it: CloudEvents 1.0, in its JSON form. Pure."""

from typing import Any, Final

import msgspec

from balcao.base.values import Tenant, iso
from balcao.events.rules import LoggedEvent

JSON_TYPE: Final = "application/cloudevents+json"
BATCH_TYPE: Final = "application/cloudevents-batch+json"
_SEQUENCE_DIGITS: Final = 19


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the JSON form of CloudEvents 1.0, with extension attributes; those that do not apply are left out.

    `source` and `id` together name one event for ever; `id` is its number in the tenant's log. `sequence` is that
    number padded with zeros, since the sequence extension wants texts that sort as the numbers do. `actor` is the
    client id of who did it, or a process's name. `channel` and `sellercnpj` say whose event it is.
    """

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    sequence: str
    tenant: str
    actor: str
    channel: str | msgspec.UnsetType = msgspec.UNSET
    sellercnpj: str | msgspec.UnsetType = msgspec.UNSET
    data: Any


def cloud_event(tenant: Tenant, event: LoggedEvent, seller_cnpj: str | None) -> CloudEvent:
    """The envelope around an event; its data goes in as the text that it is."""
    return CloudEvent(
        specversion="1.0",
        id=str(event.seq),
        source=f"/tenants/{tenant}",
        type=event.type,
        subject=event.subject,
        time=iso(event.at_us),
        datacontenttype="application/json",
        sequence=f"{event.seq:0{_SEQUENCE_DIGITS}d}",
        tenant=tenant,
        actor=event.actor,
        channel=msgspec.UNSET if event.channel is None else event.channel,
        sellercnpj=msgspec.UNSET if seller_cnpj is None else seller_cnpj,
        data=msgspec.Raw(event.data.encode()),
    )
