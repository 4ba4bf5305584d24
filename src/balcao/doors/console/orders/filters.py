"""The filters of the orders' list, as they stand in its address. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.paging import PageAsk, PageParameters, ask_page
from balcao.base.values import Micros, cnpj_has_format, strip_document, to_micros
from balcao.doors.console.words import HERE
from balcao.orders.rules.listing import CREATED, UPDATED, OrderFilter
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.status import Summary, statuses_named
from balcao.tenants.rules import Caller

NAMES: Final = ("q", "status", "channel", "seller", "payment", "freight", "since", "until", "sort", "cursor")
"""Everything that the address may hold."""
PER_PAGE: Final = 25
TEXT_MAX: Final = 200


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, each as it was written; empty is "any". since and until are days, `2026-01-31`."""

    q: str = ""
    status: tuple[str, ...] = ()
    channel: str = ""
    seller: str = ""
    payment: str = ""
    freight: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Any]]) -> "Filters":
        """From an address; what is longer than any filter is cut."""
        first: dict[str, str] = {}
        statuses: list[str] = []
        for name, value in pairs:
            text = str(value).replace("\0", "").strip()[: TEXT_MAX if name != "cursor" else None]
            if name == "status" and text:
                statuses += [part.strip() for part in text.split(",") if part.strip()]
            elif name in NAMES and text:
                first.setdefault(name, text)
        return cls(**first, status=tuple(dict.fromkeys(statuses))[:40])

    @property
    def is_open(self) -> bool:
        """Whether nothing is filtered."""
        return msgspec.structs.replace(self, sort="", cursor="") == Filters()

    def address(self, **other: str) -> str:
        """The query of this list, with some filters replaced; another place than asked for begins at the top."""
        fields: dict[str, Any] = msgspec.structs.asdict(self) | {"cursor": ""} | other
        return urlencode({name: value for name, value in fields.items() if value}, doseq=True)

    def wanted(self) -> OrderFilter:
        """As the verb takes it. Raises Invalid that names what cannot be."""
        errors: FieldErrors = {}
        statuses = statuses_named(self.status) if self.status else None
        if self.status and statuses is None:
            errors["status"] = ["?"]
        since, until = _day(self.since, errors, "since"), _day(self.until, errors, "until")
        payment = int(self.payment) if self.payment.isdecimal() and len(self.payment) < 3 else 0
        if self.payment and payment not in tuple(PaymentType):
            errors["payment"] = ["?"]
        if errors:
            raise Invalid(errors=errors)
        return OrderFilter(
            since=_midnight(since),
            until=Micros(to_micros(_start(until + timedelta(days=1))) - 1) if until else None,
            statuses=statuses,
            channel=self.channel.replace("%", "") or None,
            payment_types=frozenset({PaymentType(payment)}) if payment else None,
            freight_reference=self.freight or None,
            query=self.q or None,
        )

    def asked(self) -> PageAsk:
        """Which page. Raises Invalid for a cursor that is none of ours."""
        scope = ("console-orders", msgspec.structs.replace(self, cursor=""))
        sent = PageParameters(per_page=PER_PAGE, cursor=self.cursor or None)
        sorts = (UPDATED, CREATED) if self.sort == "updated" else (CREATED, UPDATED)
        return ask_page(sent, sorts, ascending=self.sort == "oldest", scope=scope)


def narrow(caller: Caller, seller: str) -> Caller:
    """The caller as one who sees only that store, where it may see more; raises Invalid for what is no CNPJ."""
    cnpj = strip_document(seller)
    if not cnpj or caller.seller_cnpj is not None:
        return caller
    if not cnpj_has_format(cnpj):
        raise Invalid(errors={"seller": ["?"]})
    return msgspec.structs.replace(caller, seller_cnpj=cnpj)


GROUPS: Final[Mapping[Summary, tuple[str, str]]] = {
    Summary.CREATED_INTERNAL: ("Aguardando pagamento", "Awaiting payment"),
    Summary.AWAITING_CREATION: ("Pagos, para a loja", "Paid, for the store"),
    Summary.CREATED_EXTERNAL: ("Confirmados", "Confirmed"),
    Summary.AWAITING_INVOICE_CREATION: ("Em faturamento", "Being invoiced"),
    Summary.INVOICE_CREATED: ("Com nota fiscal", "Invoiced"),
    Summary.SEPARATED: ("Separados", "Separated"),
    Summary.READY_FOR_PICKUP: ("Para retirada", "For pickup"),
    Summary.SHIPPING: ("Em transporte", "In transit"),
    Summary.FINALIZED: ("Finalizados", "Completed"),
    Summary.CANCELED: ("Cancelados", "Cancelled"),
    Summary.ERROR: ("Com erro", "With errors"),
    Summary.IN_PROGRESS: ("Em alteração", "Being changed"),
}
"""The canonical statuses as lists and boards head them, in the order of an order's life."""


def _day(text: str, errors: FieldErrors, name: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.min
    if day is not None and not 2000 <= day.year < 2200:
        errors[name] = ["?"]
        return None
    return day


def _midnight(day: date | None) -> Micros | None:
    return to_micros(_start(day)) if day else None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)
