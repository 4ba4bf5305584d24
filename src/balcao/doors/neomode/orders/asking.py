"""The query parameters of the lists of orders."""

from datetime import datetime
from typing import Annotated

from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from balcao.base.errors import Invalid
from balcao.base.values import Micros, to_micros
from balcao.orders.rules.listing import OrderFilter
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.status import Status, statuses_named

PAYMENT_FILTERS = {
    "Voucher": PaymentType.VOUCHER,
    "CreditCard": PaymentType.CREDIT_CARD,
    "Pix": PaymentType.PIX,
    "Bankslip": PaymentType.BANK_SLIP,
    "DebitCard": PaymentType.DEBIT_CARD,
    "PaymentLink": PaymentType.PAYMENT_LINK,
    "Cash": PaymentType.CASH_ON_PICKUP,
}


def changed(
    last_update_since: Annotated[datetime | None, QueryParameter(name="lastUpdateSince")] = None,
    last_update_until: Annotated[datetime | None, QueryParameter(name="lastUpdateUntil")] = None,
    status: FromQuery[str | None] = None,
    use_canonical_status: Annotated[bool, QueryParameter(name="useCanonicalStatus")] = False,
) -> OrderFilter:
    """What both lists filter by: changes after (exclusive) and until, and statuses by id or name.

    An id is the raw status's, or with `useCanonicalStatus=true` the canonical one's.
    """
    return OrderFilter(
        last_update_since=_micros(last_update_since),
        last_update_until=_micros(last_update_until),
        statuses=_statuses(status, canonical_ids=use_canonical_status),
    )


def described(
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    channel: FromQuery[str | None] = None,
    payment_type: Annotated[str | None, QueryParameter(name="paymentType")] = None,
    freight_reference: Annotated[str | None, QueryParameter(name="freightReference")] = None,
    freight_description: Annotated[str | None, QueryParameter(name="freightDescription")] = None,
    sought: Annotated[str | None, QueryParameter(name="query")] = None,
) -> OrderFilter:
    """What the list of all sellers filters by beside that, and what it is searched for."""
    return OrderFilter(
        since=_micros(since),
        until=_micros(until),
        channel=channel,
        payment_types=_payment_types(payment_type),
        freight_reference=freight_reference,
        freight_description=freight_description,
        query=sought,
    )


CHANGED = Provide(changed, sync_to_thread=False)
DESCRIBED = Provide(described, sync_to_thread=False)


def _micros(at: datetime | None) -> Micros | None:
    return None if at is None else to_micros(at)


def _statuses(text: str | None, *, canonical_ids: bool) -> frozenset[Status] | None:
    if text is None:
        return None
    words = [word for word in text.split(",") if word.strip()]
    found = statuses_named(words, canonical_ids=canonical_ids)
    if found is None:
        raise Invalid(errors={"status": ["must be ids or names of statuses, comma-separated"]})
    return found


def _payment_types(text: str | None) -> frozenset[PaymentType] | None:
    if text is None:
        return None
    known = {name.casefold(): kind for name, kind in PAYMENT_FILTERS.items()}
    words = [word.strip().casefold() for word in text.split(",") if word.strip()]
    if not known.keys() >= set(words):
        raise Invalid(errors={"paymentType": [f"must be of {', '.join(PAYMENT_FILTERS)}, comma-separated"]})
    return frozenset(known[word] for word in words)
