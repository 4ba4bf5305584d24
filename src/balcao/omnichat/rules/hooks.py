"""A hook as it is kept: what names its order, and what makes two sends of it one. Pure."""

import hashlib

from balcao.base.errors import Invalid
from balcao.omnichat.rules.model import OBJECT_ID_LENGTH_MAX, HookKind, NewHook
from balcao.omnichat.rules.reading import Part, read_document
from balcao.omnichat.rules.statuses import CANCEL


def read_hook(kind: HookKind, integration_id: str, body: str) -> NewHook:
    """The hook to keep. Raises Invalid where it does not say which order, or which status, it is about.

    A provisioning sent twice is one where it is the same to the byte; a notification where it tells the same status of
    the same instant; an order is cancelled once.
    """
    document = read_document(body)
    order = document if document.has("objectId") else document.part("order")
    object_id = order.text("objectId")
    if not 0 < len(object_id) <= OBJECT_ID_LENGTH_MAX:
        where = "objectId" if kind is HookKind.PROVISION else "order.objectId"
        raise Invalid(errors={where: [f"must have 1 to {OBJECT_ID_LENGTH_MAX} characters"]})
    if kind is HookKind.STATUS:
        return _notification(document.part("statusChange"), integration_id, object_id, body)
    is_order = kind is HookKind.PROVISION
    return NewHook(
        integration_id=integration_id,
        object_id=object_id,
        kind=kind,
        hash=_hash(body if is_order else CANCEL),
        body=body,
        status="" if is_order else CANCEL,
    )


def message_of(body: str) -> str:
    """What a notification says beside its status."""
    return read_document(body).part("statusChange").text("message")


def _notification(change: Part, integration_id: str, object_id: str, body: str) -> NewHook:
    status = change.text("status").upper()
    if not status:
        raise Invalid(errors={"statusChange.status": ["is required"]})
    said_us, responsible = change.instant("updatedAt"), change.text("responsible")
    same = body if said_us is None else f"{status}\n{responsible}\n{said_us}"
    return NewHook(
        integration_id=integration_id,
        object_id=object_id,
        kind=HookKind.STATUS,
        hash=_hash(same),
        body=body,
        status=status,
        responsible=responsible,
        **({} if said_us is None else {"said_us": said_us}),
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
