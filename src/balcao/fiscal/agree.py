"""Hold what a partner sent beside an NF-e against what the NF-e says."""

from datetime import datetime, time
from decimal import Decimal

from balcao.base.errors import FieldErrors

from .note import Nfe


def agree(
    nfe: Nfe,
    *,
    key: str | None = None,
    number: str | int | None = None,
    serie: str | int | None = None,
    total: Decimal | None = None,
    issued_at: datetime | None = None,
) -> FieldErrors:
    """What contradicts the XML, under the contract's field names (3.7); empty when all that was sent agrees.

    None and blank mean "not sent"; leading zeros and spaces in key, number and serie never matter. A time agrees when
    it is the note's second, or the note's wall clock under another zone (ERPs call their local time UTC), or midnight
    of the note's day (ERPs send only the date).
    """
    pairs = [
        ("key", _packed(key), nfe.access_key),
        ("number", _plain(number), str(nfe.number)),
        ("serieNumber", _plain(serie), str(nfe.serie)),
    ]
    errors = {field: _contradiction(sent, read) for field, sent, read in pairs if sent and sent != read}
    if total is not None and total != nfe.total:
        errors["totalAmount"] = _contradiction(f"{total}", f"{nfe.total}")
    if issued_at is not None and not _same_time(issued_at, nfe.issued_at):
        errors["issuanceDate"] = _contradiction(issued_at.isoformat(), nfe.issued_at.isoformat())
    return errors


def _packed(key: str | None) -> str:
    # DANFEs print the key in groups of four, and people copy it so.
    return "".join((key or "").split())


def _plain(number: str | int | None) -> str:
    text = "" if number is None else str(number).strip()
    return text.lstrip("0") or text[:1]


def _same_time(sent: datetime, read: datetime) -> bool:
    sent = sent.replace(microsecond=0)
    wall_clock = sent.replace(tzinfo=None)
    if wall_clock == read.replace(tzinfo=None):
        return True
    if sent.time() == time.min and sent.date() == read.date():
        return True
    return sent.tzinfo is not None and sent == read


def _contradiction(sent: str, read: str) -> list[str]:
    return [f"{sent[:60]} was sent, and the NF-e XML says {read}."]
