"""Trackings and labels over HTTP (contract, sections 3.8 and 3.9)."""

import base64
from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import Api, b64, path_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
ZPL = b"^XA\n^FO50,50^FDBR123^FS\n^XZ\n"
MIB = 1024 * 1024
CARRIER = {"carrier": "SEDEX"}


def label(content: bytes, **more: Any) -> dict[str, Any]:
    return {"label": {"fileName": "label", "content": b64(content)}, **more}


async def send_label(api: Api, order_id: str, body: Any = None, **more: Any) -> Any:
    return await api.put(path_of(order_id, "trackings"), body, role=Role.CARRIER, bound=CARRIER, **more)


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("31/08/2026", "2026-08-31"),
        ("2026-08-31", "2026-08-31"),
        ("2026-08-31T23:59:59", "2026-08-31"),
        ("2026-08-31T23:59:59.123-03:00", "2026-08-31"),
        ("2026-08-31T10:00:00Z", "2026-08-31"),
        (" 31/08/2026 ", "2026-08-31"),
        ("", None),
        (None, None),
    ],
)
async def test_a_tracking_ships(api: Api, date: str | None, shown: str | None) -> None:
    order_id = await api.invoiced()
    body = {
        "carrierName": "SEDEX",
        "trackingLink": "https://r.example/BR1",
        "trackingCode": "BR1",
        "deliveryDate": date,
    }
    await api.done("PUT", path_of(order_id, "trackingdetails"), body, role=Role.ERP)
    order = await api.order(order_id)
    assert (order["status"], order["statusName"]) == (7, "InDelivery")
    assert order["tracking"] == {
        "carrierName": "SEDEX", "trackingLink": "https://r.example/BR1", "trackingCode": "BR1", "deliveryDate": shown,
    }  # fmt: skip


async def test_dates_that_are_none(api: Api) -> None:
    order_id = await api.invoiced()
    for date in (
        "31/13/2026",
        "32/08/2026",
        "29/02/2026",
        "2026-13-01",
        "tomorrow",
        "31-08-2026",
        "2026-08-31T25:00:00",
    ):
        answer = await api.put(path_of(order_id, "trackingdetails"), {"deliveryDate": date}, role=Role.ERP)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["deliveryDate"]), date
    assert (await api.order(order_id))["status"] == 20


async def test_a_tracking_by_external_id_and_again(api: Api) -> None:
    order_id = await api.invoiced()
    external = (await api.order(order_id))["externalId"]
    for _ in range(2):
        body = {"Carrier": "SEDEX", "TrackingCode": "BR1"}
        await api.done("PUT", path_of("external", external, "trackingdetails"), body, role=Role.ERP)
    order = await api.order(order_id)
    assert (order["status"], order["tracking"]["carrierName"]) == (7, "SEDEX")
    assert [step["status"] for step in order["steps"]].count(7) == 1


async def test_what_does_not_ship(api: Api) -> None:
    pickup = await api.paid(IsDelivery=False)
    for order_id in (await api.placed(), await api.paid(), pickup):
        before = (await api.order(order_id))["status"]
        answer = await api.put(path_of(order_id, "trackingdetails"), {"trackingCode": "BR1"}, role=Role.ERP)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["to"]) == (409, "refused_transition", "InDelivery")
        assert isinstance(problem["allowed"], list)
        order = await api.order(order_id)
        assert (order["status"], order["tracking"]) == (before, None)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (ZPL, "application/zpl"), (b"\n" + ZPL.lower(), "application/zpl")],
)
async def test_a_label_as_json(api: Api, content: bytes, kind: str) -> None:
    order_id = await api.invoiced()
    answer = await send_label(api, order_id, label(content, carrierName="Correios", trackingCode="BR1", plp="PLP-7"))
    assert (answer.status_code, answer.content) == (204, b"")
    order = await api.order(order_id)
    assert (order["status"], order["plp"], order["tracking"]["trackingCode"]) == (20, "PLP-7", "BR1")
    (shown,) = order["labels"]
    assert (shown["number"], shown["fileName"], shown["contentType"]) == (1, "label", kind)
    file = await api.client.get(shown["url"])
    assert (file.status_code, file.content, file.headers["Content-Type"]) == (200, content, kind)


async def test_base64_as_clients_write_it(api: Api) -> None:
    order_id = await api.invoiced()
    wrapped = base64.encodebytes(PDF * 3).decode()
    assert "\n" in wrapped.strip()
    for n, text in enumerate(
        (
            wrapped,
            "data:application/pdf;base64," + b64(PDF * 4),
            b64(PDF + b"1").rstrip("="),
            wrapped.replace("\n", "\r\n"),
        )
    ):
        answer = await send_label(api, order_id, {"label": {"content": text, "fileName": f"{n}.pdf"}})
        assert answer.status_code == 204, answer.text
    sizes = [len((await api.client.get(one["url"])).content) for one in (await api.order(order_id))["labels"]]
    assert sizes == [len(PDF) * 3, len(PDF) * 4, len(PDF) + 1]  # the last is the first again


@pytest.mark.parametrize("field", ["label", "file", "anything"])
async def test_a_label_as_multipart(api: Api, field: str) -> None:
    order_id = await api.invoiced()
    answer = await send_label(
        api,
        order_id,
        data={"CarrierName": "Correios", "trackingcode": "BR1", "trackingLink": "", "deliveryDate": "31/08/2026",
              "PLP": "P1", "unknown": "x"},
        files={field: ("étiqueta 1.pdf", PDF, "text/html")},
    )  # fmt: skip
    assert (answer.status_code, answer.content) == (204, b""), answer.text
    order = await api.order(order_id)
    assert order["tracking"] == {
        "carrierName": "Correios", "trackingLink": None, "trackingCode": "BR1", "deliveryDate": "2026-08-31",
    }  # fmt: skip
    assert order["plp"] == "P1"
    (shown,) = order["labels"]
    assert (shown["fileName"], shown["contentType"]) == ("étiqueta 1.pdf", "application/pdf")
    assert (await api.client.get(shown["url"])).content == PDF


async def test_a_tracking_alone_in_either_form(api: Api) -> None:
    order_id = await api.invoiced()
    assert (await send_label(api, order_id, {"trackingLink": "https://r.example/1"})).status_code == 204
    answer = await send_label(api, order_id, files={"trackingCode": (None, "BR2")})
    assert answer.status_code == 204, answer.text
    tracking = (await api.order(order_id))["tracking"]
    assert (tracking["trackingCode"], tracking["trackingLink"]) == ("BR2", "https://r.example/1")


async def test_the_same_file_again_and_another(api: Api) -> None:
    order_id = await api.invoiced()
    for content in (PDF, PDF, PNG, PDF):
        assert (await send_label(api, order_id, label(content))).status_code == 204
    assert [one["number"] for one in (await api.order(order_id))["labels"]] == [1, 2]


NO_LABELS: dict[str, bytes] = {
    "a page that calls itself PDF": b"<html><script>alert(1)</script>%PDF-1.7</html>",
    "a picture of another kind": b"GIF89a",
    "a vector picture": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    "a program": b"MZ\x90\x00",
    "nothing": b"",
    "a page around ZPL": b"<html><body>^XA^XZ</body></html>",
}


async def test_what_is_no_label(api: Api) -> None:
    order_id = await api.invoiced()
    before = await api.order(order_id)
    for name, content in NO_LABELS.items():
        body = {"label": {"fileName": "l.pdf", "contentType": "application/pdf", "content": b64(content)}}
        answers = [
            await send_label(api, order_id, body | {"trackingCode": "BR9"}),
            await send_label(api, order_id, files={"label": ("l.pdf", content, "application/pdf")},
                             data={"trackingCode": "BR9"}),
        ]  # fmt: skip
        for answer in answers:
            assert (answer.status_code, list(answer.json()["errors"])) == (400, ["label.content"]), (name, answer.text)
    assert await api.order(order_id) == before


async def test_bodies_that_are_wrong(api: Api) -> None:
    order_id = await api.invoiced()
    for body, fields in (
        ({}, ["label"]),
        ({"carrierName": "x"}, ["label"]),
        ({"label": {"content": "not Base64!"}}, ["label.content"]),
        ({"label": {"fileName": "x"}}, ["label.content"]),
        ({"label": {"content": 1}}, ["label.content"]),
        ({"trackingCode": 1}, ["trackingCode"]),
        ({"trackingCode": "1", "deliveryDate": "soon"}, ["deliveryDate"]),
        (b"", ["body"]),
    ):
        answer = await send_label(api, order_id, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, fields), (body, answer.text)
    kind = {"Content-Type": "multipart/form-data"}
    answer = await send_label(api, order_id, b"no boundary", headers=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json"), answer.text
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await send_label(api, order_id, b"--b\r\nnonsense", headers=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json"), answer.text


async def test_how_large_a_label_may_be(api: Api) -> None:
    order_id = await api.invoiced()
    largest = PDF + bytes(5 * MIB - len(PDF))
    assert (await send_label(api, order_id, label(largest))).status_code == 204
    assert (await send_label(api, order_id, files={"f": ("l.pdf", largest[:-1], "x/y")})).status_code == 204
    for answer in (
        await send_label(api, order_id, label(largest + b"1")),
        await send_label(api, order_id, files={"f": ("l.pdf", largest + b"1", "x/y")}),
        await send_label(api, order_id, label(largest * 2)),
        await send_label(api, order_id, files={"f": ("l.pdf", largest * 2, "x/y")}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len((await api.order(order_id))["labels"]) == 2


async def test_when_no_label_is_taken(api: Api) -> None:
    paid, shipped = await api.paid(), await api.shipped()
    answer = await api.put(path_of(paid, "trackings"), label(PDF), role=Role.ERP)
    assert (answer.status_code, answer.json()["code"]) == (409, "refused_transition")
    assert (await send_label(api, paid, label(PDF))).status_code == 404  # a carrier sees it once it is invoiced
    assert (await send_label(api, shipped, label(PDF))).status_code == 204
    await api.done("PUT", path_of(shipped, "status"), {"status": 9}, role=Role.CARRIER, bound=CARRIER)
    assert (await send_label(api, shipped, label(PNG))).status_code == 409


async def test_a_file_name_does_no_harm(api: Api) -> None:
    order_id = await api.invoiced()
    for n, name in enumerate(("../../etc/passwd", "a\r\nSet-Cookie: x=1", "<script>", "x" * 400)):
        body = {"label": {"fileName": name, "content": b64(PDF + str(n).encode())}}
        assert (await send_label(api, order_id, body)).status_code == 204
    shown = (await api.order(order_id))["labels"]
    assert [one["fileName"][:20] for one in shown] == [
        ".._.._etc_passwd", "a__Set-Cookie_ x_1", "_script_", "x" * 20,
    ]  # fmt: skip
    for one in shown:
        assert "Set-Cookie" not in (await api.client.get(one["url"])).headers
