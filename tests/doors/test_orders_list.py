"""Lists of orders over HTTP (contract, sections 3.3 and 3.4)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from balcao.orders.note_terms import note_all
from balcao.tenants.rules import Role
from tests.doors.shop import COMMERCE, ORDERS, Api, path_of
from tests.verbs.shop import OTHER_STORE, STORE

ENVELOPE = ["page", "perPage", "maxCount", "maxCountCapped", "sortField", "sortAscending", "maxPage", "next", "orders"]
CHANNELS = ("ecommerce", "Loja São João", "loja_b2b", "100%")


async def names(api: Api, role: Role = Role.ADMIN, bound: Any = None, **query: Any) -> list[str]:
    """The external ids that the list answers to this query."""
    answer = await api.get(ORDERS + "/", role=role, bound=bound, params=query)
    assert answer.status_code == 200, answer.text
    return [order["externalId"] for order in answer.json()["orders"]]


async def polled(api: Api, cnpj: str = STORE, **query: Any) -> list[dict[str, Any]]:
    """What one store's poll answers."""
    answer = await api.get(f"{COMMERCE}/sellers/{cnpj}/orders", role=Role.ERP, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


@pytest.fixture
async def five(api: Api) -> list[str]:
    """A to E: placed, paid, invoiced, cancelled; the last one in another channel, by another carrier and card."""
    for channel in CHANNELS[1:]:
        await api.shop.channel(channel)
    card = {"AcquirerMessage": "", "AcquirerApprovalCode": "1"}
    link = {"Amount": 11, "PaymentMethod": {"Type": 7}}
    pix = {"Amount": 11, "PaymentMethod": {"Type": 6}, **card}
    visa = {"Amount": 11, "QuantityInstallments": 1, "PaymentMethod": {"Type": 1, "Brand": "Visa"}, **card}
    ids = [
        await api.placed(ExternalId="A", CreateDate="2026-01-01T00:00:00Z"),
        await api.paid(ExternalId="B", CreateDate="2026-01-02T00:00:00Z", PaymentList=[pix]),
        await api.invoiced(ExternalId="C", CreateDate="2026-01-03T00:00:00Z", PaymentList=[pix, link]),
        await api.paid(ExternalId="D", CreateDate="2026-01-04T00:00:00Z", Channel=CHANNELS[1]),
        await api.placed(ExternalId="E", CreateDate="2026-01-05T00:00:00Z", Channel=CHANNELS[2], PaymentList=[visa],
                         Freight__Reference="JADLOG", Freight__Description="Jadlog é",
                         Seller={"Cnpj": OTHER_STORE}),
    ]  # fmt: skip
    await api.done("POST", path_of(ids[3], "cancel"), {"reason": "x"}, role=Role.CHANNEL)
    return ids


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "EDCBA"),
    ({"sortAscending": "true"}, "ABCDE"),
    ({"sortField": "createDate", "sortAscending": "false"}, "EDCBA"),
    ({"sortField": "lastUpdate"}, "DECBA"),
    ({"SORTFIELD": "LASTUPDATE", "SortAscending": "True"}, "ABCED"),
    ({"since": "2026-01-03T00:00:00Z"}, "EDC"),
    ({"since": "2026-01-03"}, "EDC"),
    ({"since": "2026-01-02T21:00:00-03:00"}, "EDC"),
    ({"since": "2026-01-03T00:00:00.000001"}, "ED"),
    ({"until": "2026-01-03T00:00:00Z"}, "CBA"),
    ({"since": "2026-01-02", "until": "2026-01-03T12:00:00"}, "CB"),
    ({"status": "Pending"}, "EA"),
    ({"status": "1"}, "EA"),
    ({"status": "pending, PENDINGCREATE"}, "EBA"),
    ({"status": "1,2,20"}, "ECBA"),
    ({"status": "InvoicedCreated"}, "C"),
    ({"status": "InvoiceCreated"}, "C"),
    ({"status": "Canceled"}, "D"),
    ({"status": "CreatedInternal"}, "EA"),
    ({"status": "AwaitingCreation,CanceledByBuyer"}, "DB"),
    ({"status": "11"}, "D"),
    ({"status": "10", "useCanonicalStatus": "true"}, "D"),
    ({"status": "Finalized"}, ""),
    ({"status": ","}, ""),
    ({"status": ""}, "EDCBA"),
    ({"channel": "ecommerce"}, "CBA"),
    ({"channel": "Loja São João"}, "D"),
    ({"channel": "loja são%"}, "D"),
    ({"channel": "Loja%"}, "ED"),
    ({"channel": "%ão%"}, "D"),
    ({"channel": "loja_b2b"}, "E"),
    ({"channel": "loja_____"}, ""),
    ({"channel": "%"}, "EDCBA"),
    ({"paymentType": "Pix"}, "CB"),
    ({"paymentType": "CreditCard,pix"}, "ECB"),
    ({"paymentType": "PaymentLink"}, "DCA"),
    ({"paymentType": "Voucher"}, ""),
    ({"freightReference": "JADLOG"}, "E"),
    ({"freightReference": "SEDEX"}, "DCBA"),
    ({"freightDescription": "Jadlog é"}, "E"),
    ({"freightReference": "SEDEX", "status": "2", "paymentType": "Pix", "since": "2026-01-01"}, "B"),
    ({"nobodyKnows": "this"}, "EDCBA"),
]


async def test_every_filter_and_sort(api: Api, five: list[str]) -> None:
    assert len(five) == 5
    for query, expected in FILTERS:
        assert "".join(await names(api, **query)) == expected, query


async def test_the_envelope_and_a_line(api: Api, five: list[str]) -> None:
    answer = await api.get(ORDERS, params={"status": 20})
    page = answer.json()
    assert list(page) == ENVELOPE
    assert {name: page[name] for name in ENVELOPE[:-1]} == {
        "page": 1, "perPage": 20, "maxCount": 1, "maxCountCapped": False, "sortField": "createDate",
        "sortAscending": False, "maxPage": 1, "next": None,
    }  # fmt: skip
    order = await api.order(five[2])
    assert page["orders"] == [
        {
            "id": five[2], "externalId": "C", "friendlyCode": order["friendlyCode"], "sellerOrderId": None,
            "createDate": "2026-01-03T00:00:00.000000Z", "lastUpdate": order["lastUpdate"], "channel": "ecommerce",
            "status": 20, "statusName": "InvoiceCreated", "isDelivery": True, "isShort": False,
            "seller": {"cnpj": STORE, "pointSaleId": "PDV-1", "fullName": STORE},
            "buyer": {"fullName": "Implantacao Neomode", "document": "55570403906"},
            "freight": {"reference": "SEDEX", "description": "SEDEX", "amount": 1.1},
            "paymentTypes": [6, 7], "invoiceKey": order["invoice"]["key"], "trackingCode": None,
            "subTotalAmount": 19.9, "discountAmount": 10, "freightAmount": 1.1, "feeAmount": 0, "bonusAmount": 0,
            "totalAmount": 11,
        }
    ]  # fmt: skip


async def test_canonical_statuses(api: Api, five: list[str]) -> None:
    assert len(five) == 5
    answer = await api.get(ORDERS, params={"useCanonicalStatus": "true"})
    assert [(order["status"], order["statusName"]) for order in answer.json()["orders"]] == [
        (2, "CreatedInternal"),
        (10, "Canceled"),
        (5, "InvoiceCreated"),
        (1, "AwaitingCreation"),
        (2, "CreatedInternal"),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": 0}, "page"), ({"page": "x"}, "page"), ({"page": "9" * 30}, "page"), ({"perPage": -1}, "perPage"),
        ({"sortField": "price"}, "sortField"), ({"sortAscending": "up"}, "sortAscending"), ({"cursor": "x"}, "cursor"),
        ({"status": "Shipped"}, "status"), ({"status": "22"}, "status"), ({"paymentType": "Cheque"}, "paymentType"),
        ({"since": "yesterday"}, "since"), ({"until": "2026-13-01"}, "until"),
        ({"lastUpdateSince": "now"}, "lastUpdateSince"), ({"useCanonicalStatus": "perhaps"}, "useCanonicalStatus"),
        ({"channel": "a\0b"}, "channel"), ({"since": "10000-01-01"}, "since"), ({"query": "x" * 201}, "query"),
    ],
)  # fmt: skip
async def test_queries_that_are_wrong(api: Api, query: dict[str, Any], field: str) -> None:
    answer = await api.get(ORDERS, params=query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.text


async def test_a_list_is_searched(api: Api, five: list[str]) -> None:
    assert await note_all(api.db) == 5
    key = (await api.order(five[2]))["invoice"]["key"]
    for query, expected in (
        ({"query": "B"}, "B"), ({"query": "b"}, "B"), ({"query": key}, "C"), ({"query": "IMPLANTAÇÃO neo"}, "EDCBA"),
        ({"query": "555.704.039-06"}, "EDCBA"), ({"query": "nobody"}, ""), ({"query": ""}, "EDCBA"),
        ({"query": "%\\"}, ""),
        ({"query": "neomode", "status": "Pending", "sortAscending": "true"}, "AE"),
        ({"query": "neomode", "sortField": "lastUpdate"}, "DECBA"), ({"query": "neomode", "channel": "loja%"}, "ED"),
    ):  # fmt: skip
        assert "".join(await names(api, **query)) == expected, query
    assert await names(api, role=Role.CHANNEL, bound={"channel": CHANNELS[1]}, query="neomode") == ["D"]
    assert await names(api, role=Role.CARRIER, bound={"carrier": "SEDEX"}, query="neomode") == ["C"]
    first = (await api.get(ORDERS, params={"query": "neomode", "perPage": 2})).json()
    assert ([line["externalId"] for line in first["orders"]], first["maxCount"]) == (["E", "D"], 5)
    rest = await api.get(ORDERS, params={"query": "neomode", "cursor": first["next"]})
    assert [line["externalId"] for line in rest.json()["orders"]] == ["C", "B", "A"]
    other = await api.get(ORDERS, params={"query": "neo", "cursor": first["next"]})
    assert (other.status_code, other.json()["code"]) == (400, "invalid_cursor")


async def many(api: Api, count: int) -> list[str]:
    return [await api.placed(ExternalId=f"N{n:02}") for n in range(count)]


async def test_pages_by_number_and_by_cursor(api: Api) -> None:
    await many(api, 7)
    newest = [f"N{n:02}" for n in reversed(range(7))]
    by_number = [await names(api, page=page, perPage=3) for page in (1, 2, 3, 4)]
    assert by_number == [newest[:3], newest[3:6], newest[6:], []]
    first = (await api.get(ORDERS, params={"perPage": 3})).json()
    assert (first["maxCount"], first["maxPage"]) == (7, 3)
    await api.placed(ExternalId="LATER")  # comes before the first page: a cursor does not mind
    seen, cursor, turns = [], first["next"], 1
    while cursor is not None:
        page = (await api.get(ORDERS, params={"perPage": 3, "cursor": cursor})).json()
        turns += 1
        assert (page["page"], page["maxCount"]) == (turns, 7)
        seen += [order["externalId"] for order in page["orders"]]
        cursor = page["next"]
    assert (seen, turns) == (newest[3:], 3)
    wrong = await api.get(ORDERS, params={"perPage": 3, "cursor": first["next"], "status": "Pending"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_cursor")
    assert len(await names(api, perPage=1000)) == 8
    assert (await api.get(ORDERS, params={"perPage": 1000})).json()["perPage"] == 200


async def test_last_update_is_exclusive_and_exact(api: Api) -> None:
    await many(api, 3)
    lines = (await api.get(ORDERS, params={"sortField": "lastUpdate", "sortAscending": "true"})).json()["orders"]
    at = [line["lastUpdate"] for line in lines]
    assert len(set(at)) == 3
    assert await names(api, lastUpdateSince=at[1]) == ["N02"]
    assert await names(api, lastUpdateUntil=at[1]) == ["N01", "N00"]
    assert await names(api, lastUpdateSince=at[0], lastUpdateUntil=at[2]) == ["N01", "N02"]
    before = (datetime.fromisoformat(at[1]) - timedelta(microseconds=1)).isoformat()
    assert await names(api, lastUpdateSince=before) == ["N01", "N02"]
    assert await names(api, lastUpdateSince=at[1].removesuffix("Z")) == ["N02"]  # without a zone it is UTC
    assert await names(api, lastUpdateSince=at[2]) == []
    # With lastUpdateSince the oldest change comes first, unless told.
    assert await names(api, lastUpdateSince="2020-01-01T00:01:01") == ["N00", "N01", "N02"]


async def test_a_poller_sees_every_change_once(api: Api) -> None:
    seen: list[tuple[str, str]] = []
    ids: list[str] = []

    async def work(n: int) -> None:
        order_id = await api.paid()
        ids.append(order_id)
        if n % 2:
            await api.done("PUT", path_of(order_id, "status"), {"status": 4}, role=Role.ERP)

    async def poll(until: asyncio.Event) -> None:
        since = "2020-01-01T00:01:01"
        while True:
            last = until.is_set()
            page = (await api.get(ORDERS, params={"lastUpdateSince": since, "perPage": 3})).json()["orders"]
            seen.extend((order["id"], order["lastUpdate"]) for order in page)
            since = page[-1]["lastUpdate"] if page else since
            if last and not page:
                return

    done = asyncio.Event()
    poller = asyncio.create_task(poll(done))
    await asyncio.gather(*(work(n) for n in range(16)))
    done.set()
    await poller
    assert len(set(seen)) == len(seen)
    assert [at for _, at in seen] == sorted(at for _, at in seen)
    final = {order_id: (await api.order(order_id))["lastUpdate"] for order_id in ids}
    assert dict(seen) == final


async def test_one_stores_poll(api: Api, five: list[str]) -> None:
    orders = await polled(api)
    assert [order["externalId"] for order in orders] == ["A", "B", "C", "D"]  # oldest change first
    assert orders[2] == await api.order(five[2], role=Role.ERP)
    for cnpj in ("04.109.169%2F0001-35", f"{STORE}/"):
        assert [order["id"] for order in await polled(api, cnpj)] == [order["id"] for order in orders]
    assert [order["externalId"] for order in await polled(api, OTHER_STORE)] == ["E"]
    assert await polled(api, "11444777000161") == []
    for query, expected in (
        ({"status": 2}, "B"), ({"status": "2"}, "B"), ({"status": "PendingCreate,20"}, "BC"), ({"status": 9}, ""),
        ({"date": "2020-01-01T00:01:01"}, "ABCD"), ({"date": "2026-01-02T00:00:00"}, "BCD"),
        ({"lastUpdateSince": orders[1]["lastUpdate"]}, "CD"), ({"lastUpdateUntil": orders[1]["lastUpdate"]}, "AB"),
        ({"LastUpdateSince": orders[0]["lastUpdate"], "lastupdateuntil": orders[2]["lastUpdate"], "status": 2}, "B"),
    ):  # fmt: skip
        assert "".join(order["externalId"] for order in await polled(api, **query)) == expected, query


async def test_a_poll_answers_two_hundred_at_most(api: Api) -> None:
    order_id = await api.placed()
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO orders
            SELECT (jsonb_populate_record(o, jsonb_build_object('order_id', gen_random_uuid(), 'external_id', 'M' || n,
                    'friendly_code', 'F' || n, 'last_update_us', o.last_update_us + n))).*
              FROM orders o, generate_series(1, 250) n
            """
        )
    first = await polled(api)
    assert (len(first), first[0]["id"]) == (200, order_id)
    rest = await polled(api, lastUpdateSince=first[-1]["lastUpdate"])
    assert [order["externalId"] for order in first[1:] + rest] == [f"M{n}" for n in range(1, 251)]


async def test_times_are_utc_to_the_microsecond(api: Api) -> None:
    before = datetime.now(UTC)
    await api.placed()
    (order,) = (await api.get(ORDERS)).json()["orders"]
    for name in ("createDate", "lastUpdate"):
        assert len(order[name]) == 27
        assert order[name].endswith("Z")
    assert datetime.fromisoformat(order["lastUpdate"]) >= before.replace(microsecond=0)
