"""The two enumerations of statuses that the API documents, misspelling included, and how a filter names them."""

from collections.abc import Iterable, Mapping
from enum import IntEnum


class Status(IntEnum):
    """`order.status`, the raw one. The wire's names are `WIRE_NAMES`."""

    NONE = 0
    PENDING = 1
    PENDING_CREATE = 2
    PENDING_APPROVAL = 3
    APPROVED_EXTERNAL = 4
    PROCESSING = 5
    SEPARATE = 6
    IN_DELIVERY = 7
    READY_FOR_PICKUP = 8
    FINALIZED = 9
    CANCELED_BY_SELLER = 10
    CANCELED_BY_BUYER = 11
    CANCELED_BY_ADMIN = 12
    PENDING_CANCEL = 13
    PENDING_CREATE_PRE_ORDER = 14
    PRE_ORDER_CREATED = 15
    ERROR_CANCEL = 16
    PENDING_UPDATE = 17
    UPDATED = 18
    ERROR_UPDATE = 19
    INVOICE_CREATED = 20
    CANCELED_BY_PROCESSOR = 21


class Summary(IntEnum):
    """The canonical statuses: what `useCanonicalStatus=true` answers. Numbers from 4 on are this project's."""

    NONE = 0
    AWAITING_CREATION = 1
    CREATED_INTERNAL = 2
    CREATED_EXTERNAL = 3
    AWAITING_INVOICE_CREATION = 4
    INVOICE_CREATED = 5
    SEPARATED = 6
    SHIPPING = 7
    READY_FOR_PICKUP = 8
    FINALIZED = 9
    CANCELED = 10
    ERROR = 11
    IN_PROGRESS = 12


WORDS: Mapping[Status, tuple[str, Summary, str, str]] = {
    # status: (name on the wire, canonical summary, Portuguese, English)
    Status.NONE: ("None", Summary.CREATED_INTERNAL, "Recebido", "Received"),
    Status.PENDING: ("Pending", Summary.CREATED_INTERNAL, "Aguardando pagamento", "Awaiting payment"),
    Status.PENDING_CREATE: ("PendingCreate", Summary.AWAITING_CREATION, "Pago", "Paid"),
    Status.PENDING_APPROVAL: (
        "PendingApproval",
        Summary.AWAITING_CREATION,
        "Aguardando a loja",
        "Awaiting the store",
    ),
    Status.APPROVED_EXTERNAL: (
        "ApprovedExternal",
        Summary.CREATED_EXTERNAL,
        "Confirmado pela loja",
        "Confirmed by the store",
    ),
    Status.PROCESSING: ("Processing", Summary.AWAITING_INVOICE_CREATION, "Em faturamento", "Being invoiced"),
    Status.SEPARATE: ("Separate", Summary.SEPARATED, "Separado", "Separated"),
    Status.IN_DELIVERY: ("InDelivery", Summary.SHIPPING, "Em transporte", "In transit"),
    Status.READY_FOR_PICKUP: (
        "ReadyForPickup",
        Summary.READY_FOR_PICKUP,
        "Pronto para retirada",
        "Ready for pickup",
    ),
    Status.FINALIZED: ("Finalized", Summary.FINALIZED, "Finalizado", "Completed"),
    Status.CANCELED_BY_SELLER: (
        "CandeledBySeller",
        Summary.CANCELED,
        "Cancelado pela loja",
        "Cancelled by the store",
    ),
    Status.CANCELED_BY_BUYER: (
        "CanceledByBuyer",
        Summary.CANCELED,
        "Cancelado pelo cliente",
        "Cancelled by the customer",
    ),
    Status.CANCELED_BY_ADMIN: (
        "CanceledByAdmin",
        Summary.CANCELED,
        "Cancelado pelo administrador",
        "Cancelled by the administrator",
    ),
    Status.PENDING_CANCEL: (
        "PendingCancel",
        Summary.CANCELED,
        "Cancelamento solicitado",
        "Cancellation requested",
    ),
    Status.PENDING_CREATE_PRE_ORDER: (
        "PendingCreatePreOrder",
        Summary.AWAITING_CREATION,
        "Aguardando pré-venda",
        "Awaiting pre-order",
    ),
    Status.PRE_ORDER_CREATED: (
        "PreOrderCreated",
        Summary.CREATED_EXTERNAL,
        "Pré-venda criada",
        "Pre-order created",
    ),
    Status.ERROR_CANCEL: ("ErrorCancel", Summary.ERROR, "Cancelamento recusado", "Cancellation refused"),
    Status.PENDING_UPDATE: (
        "PendingUpdate",
        Summary.IN_PROGRESS,
        "Alteração em andamento",
        "Update in progress",
    ),
    Status.UPDATED: ("Updated", Summary.IN_PROGRESS, "Alterado", "Updated"),
    Status.ERROR_UPDATE: ("ErrorUpdate", Summary.ERROR, "Falha na alteração", "Update failed"),
    Status.INVOICE_CREATED: (
        "InvoiceCreated",
        Summary.INVOICE_CREATED,
        "Nota fiscal emitida",
        "Invoice issued",
    ),
    Status.CANCELED_BY_PROCESSOR: (
        "CanceledByProcessor",
        Summary.CANCELED,
        "Cancelado automaticamente",
        "Cancelled automatically",
    ),
}
CANCELLED = frozenset(
    {
        Status.CANCELED_BY_SELLER,
        Status.CANCELED_BY_BUYER,
        Status.CANCELED_BY_ADMIN,
        Status.CANCELED_BY_PROCESSOR,
    }
)
TERMINAL = CANCELLED | {Status.FINALIZED}
OPEN = frozenset(Status) - TERMINAL

SUMMARY_NAMES: Mapping[Summary, str] = {
    Summary.NONE: "None",
    Summary.AWAITING_CREATION: "AwaitingCreation",
    Summary.CREATED_INTERNAL: "CreatedInternal",
    Summary.CREATED_EXTERNAL: "CreatedExternal",
    Summary.AWAITING_INVOICE_CREATION: "AwaitingInvoiceCreation",
    Summary.INVOICE_CREATED: "InvoiceCreated",
    Summary.SEPARATED: "Separated",
    Summary.SHIPPING: "Shipping",
    Summary.READY_FOR_PICKUP: "ReadyForPickup",
    Summary.FINALIZED: "Finalized",
    Summary.CANCELED: "Canceled",
    Summary.ERROR: "Error",
    Summary.IN_PROGRESS: "InProgress",
}

_BY_NAME: Mapping[str, Status] = {
    **{words[0].casefold(): status for status, words in WORDS.items()},
    "approved": Status.APPROVED_EXTERNAL,
    "canceledbyseller": Status.CANCELED_BY_SELLER,
}
_SUMMARY_BY_NAME: Mapping[str, Summary] = {
    **{name.casefold(): summary for summary, name in SUMMARY_NAMES.items()},
    "invoicedcreated": Summary.INVOICE_CREATED,
}


def wire_name(status: Status) -> str:
    """The documented name, `CandeledBySeller` included."""
    return WORDS[status][0]


def summary_of(status: Status) -> Summary:
    """The canonical status that the documented table gives to a raw one."""
    return WORDS[status][1]


def description_of(status: Status) -> str:
    """What people read: Portuguese with English beside."""
    return f"{WORDS[status][2]} / {WORDS[status][3]}"


def parse_status(text: str) -> Status | None:
    """A raw status by id or name, any case, the accepted spellings included; None when it is neither."""
    word = text.strip()
    if word.isascii() and word.isdigit():
        return Status(int(word)) if len(word) <= 2 and int(word) in Status._value2member_map_ else None
    return _BY_NAME.get(word.casefold())


def statuses_named(words: Iterable[str], *, canonical_ids: bool = False) -> frozenset[Status] | None:
    """The raw statuses that a filter means by ids and names of both enumerations; None when a word is unknown.

    An id is a raw one, or the summary's with `canonical_ids`. A name that both enumerations have means every raw status
    of that summary as well.
    """
    found: set[Status] = set()
    for word in words:
        meant = _meant(word.strip(), canonical_ids=canonical_ids)
        if meant is None:
            return None
        found |= meant
    return frozenset(found)


def _meant(word: str, *, canonical_ids: bool) -> set[Status] | None:
    is_id = word.isascii() and word.isdigit()
    raw = None if is_id and canonical_ids else parse_status(word)
    summary = _SUMMARY_BY_NAME.get(word.casefold())
    if is_id and canonical_ids:
        summary = Summary(int(word)) if len(word) <= 2 and int(word) in Summary._value2member_map_ else None
    if raw is None and summary is None:
        return None
    meant = {status for status in Status if summary is not None and summary_of(status) is summary}
    return meant | ({raw} if raw is not None else set())
