"""Pages of the feed as they are answered: CloudEvents in an envelope, as a batch, or line by line."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.doors.paths import address
from balcao.doors.wire import Wire, WireResponse
from balcao.events.envelope import BATCH_TYPE, CloudEvent, cloud_event
from balcao.events.feed import FeedPage
from balcao.sellers.find import find_sellers

LINES_TYPE: Final = "application/x-ndjson"
JSON_TYPE: Final = "application/json"
NAMES_MAX: Final = 100_000

_encoder = msgspec.json.Encoder()


class EventPage(Wire, kw_only=True):
    """Some of a log, in order.

    `next` is what to send as `after` next time, also when `events` is empty; `newest` the log's last number, and `more`
    whether there was more to read when this was read.
    """

    __example__: ClassVar[Any] = {
        "events": [
            {
                "specversion": "1.0",
                "id": "42",
                "source": "/tenants/qaapp",
                "type": "order.paid",
                "subject": "01980b54-6a3c-7c11-9d0e-6f1d2f4a8b77",
                "time": "2026-08-01T12:00:00.000000Z",
                "datacontenttype": "application/json",
                "sequence": "0000000000000000042",
                "tenant": "qaapp",
                "actor": "qaapp.abcdefghij",
                "channel": "ecommerce",
                "sellercnpj": "04109169000135",
                "data": {"externalId": "NEOMODE-1", "statusBefore": "Pending", "status": "PendingCreate"},
            }
        ],
        "next": 42,
        "newest": 42,
        "more": False,
    }

    events: list[CloudEvent]
    next: int
    newest: int
    more: bool


class SellerNames:
    """The CNPJs of stores by their ids, remembered: a store keeps its CNPJ for ever."""

    def __init__(self) -> None:
        self._cnpjs: dict[UUID, str] = {}

    async def learn(self, tx: Tx, tenant: Tenant, page: FeedPage) -> Mapping[UUID, str]:
        """The CNPJs of the page's stores, and of others."""
        unknown = {event.seller_id for event in page.events if event.seller_id} - self._cnpjs.keys()
        if unknown:
            if len(self._cnpjs) > NAMES_MAX:
                self._cnpjs.clear()
                unknown = {event.seller_id for event in page.events if event.seller_id}
            sellers = await find_sellers(tx, tenant, ids=list(unknown))
            self._cnpjs |= {seller.seller_id: seller.cnpj for seller in sellers}
        return self._cnpjs


class ShownPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page with its events in their envelopes."""

    page: FeedPage
    events: Sequence[CloudEvent]

    def lines(self) -> bytes:
        """Each event on a line of its own."""
        return _encoder.encode_lines(self.events)


def envelop(tenant: Tenant, page: FeedPage, cnpjs: Mapping[UUID, str]) -> ShownPage:
    """The page's events in their envelopes."""
    events = [
        cloud_event(tenant, event, cnpjs.get(event.seller_id) if event.seller_id else None) for event in page.events
    ]
    return ShownPage(page=page, events=events)


def answer(request: Request[Any, Any, Any], media_type: str, shown: ShownPage) -> Response[Any]:
    """The page as the caller wants it; a batch says in its `Link` header what comes next."""
    page = shown.page
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if media_type == BATCH_TYPE:
        sent = parse_qsl(request.scope["query_string"].decode())
        kept = [(name, value) for name, value in sent if name not in ("after", "consumer")]
        query = urlencode([("after", page.next), *kept])
        headers["Link"] = f'<{address(request, "v1", "events")}?{query}>; rel="next"'
        return Response(_encoder.encode(shown.events), media_type=BATCH_TYPE, headers=headers)
    body = EventPage(events=list(shown.events), next=page.next, newest=page.newest, more=not page.is_end)
    return WireResponse(body, headers=headers)
