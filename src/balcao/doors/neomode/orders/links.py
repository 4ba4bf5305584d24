"""The addresses of an order's files and actions; a file's link is signed, so that a browser can open it."""

import hashlib
import hmac
from functools import cache
from urllib.parse import quote
from uuid import UUID

from balcao.base.errors import Forbidden
from balcao.base.secret_key import secret_key
from balcao.base.settings import Settings
from balcao.base.values import Micros
from balcao.doors.door import Door
from balcao.orders.rules.model import Invoice, Label, Order

PREFIX = "/cp/management/commerce/orders"
DAY_US = 24 * 3600 * 1_000_000
LINK_DAYS = 7


class Links:
    """Makes public addresses for one request's answers."""

    def __init__(self, here: str, settings: Settings, now: Micros) -> None:
        self._here = here
        self._key = signing_key(settings)
        # Whole days, so that the same order reads the same all day long.
        self._expires_us = (now // DAY_US + LINK_DAYS + 1) * DAY_US

    @classmethod
    def of(cls, door: Door) -> "Links":
        """For the request at this door."""
        return cls(door.url(""), door.settings, door.now)

    def order(self, order: Order) -> str:
        """The order's own address; those of the actions on it lie below."""
        return f"{self._here}{PREFIX}/{order.order_id}"

    def xml(self, order: Order, invoice: Invoice) -> str | None:
        """The NF-e's file: ours where we have it, else what the sender named."""
        if invoice.body.xml_path is None:
            return invoice.body.xml_url
        return self._file(order, f"xml_{invoice.access_key}.xml")

    def danfe(self, order: Order, invoice: Invoice) -> str | None:
        """The DANFE: ours where we made it, else what the sender named."""
        if invoice.body.danfe_path is None:
            return invoice.body.file_url
        return self._file(order, f"file_{invoice.access_key}.pdf")

    def label(self, order: Order, label: Label) -> str:
        """A shipping label's file."""
        return self._file(order, f"label_{label.number}")

    def _file(self, order: Order, name: str) -> str:
        path = file_path(order.tenant, order.order_id, name)
        signature = sign(self._key, path, self._expires_us)
        return f"{self._here}{path}?expires={self._expires_us}&signature={signature}"


def file_path(tenant: str, order_id: UUID, name: str) -> str:
    """The path of an order's file, below the host: what a link signs."""
    return f"/order-files/{quote(tenant, safe='')}/{order_id}/{quote(name, safe='')}"


@cache
def signing_key(settings: Settings) -> bytes:
    """The key of this installation's file links."""
    return secret_key(settings, "order-files")


def sign(key: bytes, path: str, expires_us: int) -> str:
    """What proves that we gave out this path's link until then."""
    return hmac.new(key, f"{path}\n{expires_us}".encode(), hashlib.sha256).hexdigest()


def check_signature(key: bytes, path: str, *, expires_us: int, signature: str, now: Micros) -> None:
    """Raise Forbidden unless the link is one of ours and not past its time."""
    if not hmac.compare_digest(sign(key, path, expires_us).encode(), signature.encode()):
        raise Forbidden("The link's signature is wrong.", code="bad_signature")
    if expires_us <= now:
        raise Forbidden("The link has expired; read the order again for a fresh one.", code="link_expired")
