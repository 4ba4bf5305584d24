"""How statuses, payments and ages look. Pure."""

from collections.abc import Mapping
from typing import Final

from balcao.orders.rules.model import PaymentStatus, PaymentType
from balcao.orders.rules.status import CANCELLED, Status

_TONES: Final[Mapping[Status, str]] = {
    Status.PENDING: "soon",
    Status.PENDING_CREATE: "move",
    Status.PENDING_APPROVAL: "move",
    Status.APPROVED_EXTERNAL: "move",
    Status.PROCESSING: "move",
    Status.SEPARATE: "move",
    Status.INVOICE_CREATED: "move",
    Status.IN_DELIVERY: "fine",
    Status.READY_FOR_PICKUP: "fine",
    Status.FINALIZED: "fine",
    Status.PENDING_CANCEL: "late",
    Status.ERROR_CANCEL: "late",
    Status.ERROR_UPDATE: "late",
    **dict.fromkeys(CANCELLED, ""),
}
PAYMENTS: Final[Mapping[PaymentType, tuple[str, str]]] = {
    PaymentType.CREDIT_CARD: ("Cartão de crédito", "Credit card"),
    PaymentType.DEBIT_CARD: ("Cartão de débito", "Debit card"),
    PaymentType.BANK_SLIP: ("Boleto", "Bank slip"),
    PaymentType.VOUCHER: ("Vale", "Voucher"),
    PaymentType.CASH_ON_PICKUP: ("Dinheiro na retirada", "Cash on pickup"),
    PaymentType.PIX: ("PIX", "PIX"),
    PaymentType.PAYMENT_LINK: ("Link de pagamento", "Payment link"),
}
PAYMENT_STATES: Final[Mapping[PaymentStatus, tuple[str, str, str]]] = {
    PaymentStatus.PENDING: ("Pendente", "Pending", "soon"),
    PaymentStatus.AUTHORIZED: ("Autorizado", "Authorized", "fine"),
    PaymentStatus.CAPTURED: ("Capturado", "Captured", "fine"),
    PaymentStatus.DENIED: ("Negado", "Denied", "late"),
    PaymentStatus.REFUNDED: ("Estornado", "Refunded", ""),
    PaymentStatus.CANCELLED: ("Cancelado", "Cancelled", ""),
}
HOUR_US: Final = 3_600_000_000
_DUE_HOURS: Final[Mapping[Status, int]] = {
    Status.PENDING_CREATE: 2,
    Status.PENDING_APPROVAL: 2,
    Status.APPROVED_EXTERNAL: 8,
    Status.PROCESSING: 12,
    Status.SEPARATE: 24,
    Status.INVOICE_CREATED: 24,
    Status.READY_FOR_PICKUP: 7 * 24,
    Status.PENDING_CANCEL: 24,
}
"""Hours after its creation within which an order should have left each status: the clocks of the board."""


def tone_of(status: Status) -> str:
    """The colour of a status: soon, move, fine, late, or none."""
    return _TONES.get(status, "")


def left_s(status: Status, create_us: int, now_us: int) -> int | None:
    """Seconds until an order is late, negative once it is; None where no clock runs."""
    hours = _DUE_HOURS.get(status)
    return None if hours is None else (create_us + hours * HOUR_US - now_us) // 1_000_000


def urgency(left: int | None) -> str:
    """`late`, `soon` in the last half hour, else nothing."""
    if left is None:
        return ""
    return "late" if left < 0 else "soon" if left < 1800 else ""
