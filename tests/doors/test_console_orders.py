"""Orders in the console, over HTTP: the list, the page, what may be done, and what another store's people see."""

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest

from balcao.users.rules import UserRole
from tests.doors.conftest import NO_TLS
from tests.doors.shop import Api, key_of, nfe, path_of
from tests.staff import Staff, add_user, text_of
from tests.verbs.shop import OTHER_STORE, STORE


@pytest.fixture
async def ana(api: Api, server_url: str) -> AsyncIterator[Staff]:
    """An administrator who is logged in, in Portuguese."""
    await add_user(api.db, api.shop.tenant)
    async with Staff(server_url, NO_TLS, **{"Accept-Language": "pt"}) as staff:
        await staff.log_in()
        yield staff


@pytest.fixture
async def rui(api: Api, server_url: str) -> AsyncIterator[Staff]:
    """An operator of the other store."""
    await add_user(api.db, api.shop.tenant, "rui@loja.example", UserRole.OPERATOR, [OTHER_STORE])
    async with Staff(server_url, NO_TLS, **{"Accept-Language": "pt"}) as staff:
        await staff.log_in("rui@loja.example")
        yield staff


def page_of(order_id: str) -> str:
    return f"/console/orders/{order_id}"


async def test_list_and_filters(api: Api, ana: Staff) -> None:
    paid, new = await api.paid(ExternalId="A/1 #ç"), await api.placed(ExternalId="B-2")
    found = await ana.get("/console/orders", params={"q": "A/1 #ç", "status": "PendingCreate"})
    assert page_of(paid) in found.text
    everything = await ana.get("/console/orders")
    assert page_of(paid) in everything.text
    assert page_of(new) in everything.text
    for query, there, gone in (
        ("status=PendingCreate", paid, new),
        ("status=CreatedInternal", new, paid),
        ("status=Pending,PendingCreate&sort=oldest", new, None),
        ("channel=ecommerce&payment=7&freight=SEDEX", new, None),
        (f"seller={STORE}&since=2020-01-01&until=2100-01-01", paid, None),
        ("until=2020-01-01", None, paid),
        ("channel=other", None, paid),
        (f"seller={OTHER_STORE}", None, paid),
        ("payment=1", None, paid),
    ):
        text = (await ana.get(f"/console/orders?{query}")).text
        assert there is None or page_of(there) in text, query
        assert gone is None or page_of(gone) not in text, query


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "since=yesterday", "since=0001-01-01", "payment=99", "seller=x", "cursor=x", "payment=²"],
)
async def test_bad_filters_are_told(ana: Staff, query: str) -> None:
    answer = await ana.get(f"/console/orders?{query}")
    assert answer.status_code == 400
    assert "Dados inválidos" in text_of(answer.text)


async def test_pages_follow_one_another(api: Api, ana: Staff) -> None:
    ids = [await api.placed() for _ in range(27)]
    first = (await ana.get("/console/orders")).text
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = (await ana.get(link)).text
    shown = [[each for each in ids if page_of(each) in text] for text in (first, second)]
    assert [len(some) for some in shown] == [25, 2]
    assert sorted(shown[0] + shown[1]) == sorted(ids)


@pytest.mark.parametrize("number", ["external_id", "friendly_code", "id"])
async def test_a_number_leads_to_its_order(api: Api, ana: Staff, number: str) -> None:
    order_id = await api.placed(ExternalId="UM/SÓ 1")
    order = await api.order(order_id)
    asked = {"external_id": order["externalId"], "friendly_code": order["friendlyCode"].lower(), "id": order_id}[number]
    answer = await ana.get("/console/orders", params={"q": asked})
    assert answer.url.path == page_of(order_id)


async def test_export(api: Api, ana: Staff) -> None:
    order_id = await api.placed(ExternalId="=1+1")
    answer = await ana.get("/console/orders.csv?status=Pending")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["id"], row["externalId"], row["status"]) for row in rows] == [(order_id, "'=1+1", "Pending")]
    assert (await ana.get("/console/orders.csv?status=x")).status_code == 400


async def test_the_buyer_is_shown_to_who_asks_and_the_log_says_so(api: Api, ana: Staff) -> None:
    order_id = await api.placed()
    before = (await ana.get(page_of(order_id))).text
    assert "Farjalla" not in before
    assert "55570403906" not in before
    after = await ana.post(f"{page_of(order_id)}/reveal", on=page_of(order_id))
    assert "555.704.039-06" in after.text
    assert "Farjalla" in after.text
    assert "Dados do cliente consultados" in text_of(after.text)
    asked = "SELECT count(*) FROM order_log WHERE type = 'BuyerSeen' AND issuer = 'admin:ana@loja.example'"
    assert await api.value(asked) == 1


async def test_the_whole_journey_by_hand(api: Api, ana: Staff) -> None:
    order_id = await api.placed()
    page = page_of(order_id)
    assert "Pagamento aprovado." in text_of((await ana.post(f"{page}/pay", on=page, nsu="123")).text)
    answer = await ana.post(f"{page}/move", on=page, to="ApprovedExternal")
    assert "Confirmado pela loja" in text_of(answer.text)
    xml = nfe("11.00")
    answer = await ana.post(f"{page}/invoice", on=page, xml=("nota.xml", xml))
    assert "anexada" in text_of(answer.text), text_of(answer.text)
    danfe = await ana.get(f"{page}/files/file_{key_of(xml)}.pdf")
    assert (danfe.status_code, danfe.content[:5]) == (200, b"%PDF-")
    answer = await ana.post(f"{page}/label", on=page, label=("etiqueta.pdf", b"%PDF-1.4 label"), code="BR1")
    assert "Etiqueta anexada." in text_of(answer.text)
    answer = await ana.post(f"{page}/ship", on=page, carrier="SEDEX", code="BR1", link="", date="2026-12-24")
    assert "Despachado." in text_of(answer.text)
    answer = await ana.post(f"{page}/move", on=page, to="Finalized")
    assert "Finalizado" in text_of(answer.text)
    body = await api.order(order_id)
    assert [step["status"] for step in body["steps"]] == [1, 2, 4, 20, 7, 9]


async def test_refusals_are_explained(api: Api, ana: Staff) -> None:
    order_id = await api.paid()
    page = page_of(order_id)
    for action, fields, said in (
        ("move", {"to": "Finalized"}, "O pedido está em «Pago» e não pode passar para «Finalizado»"),
        ("move", {"to": "nonsense"}, "Dados inválidos"),
        ("ship", {}, "e não pode passar para «Em transporte»"),
        ("ship", {"date": "tomorrow"}, "deliveryDate"),
        ("cancel", {"by": "buyer"}, "motivo: é obrigatório"),
        ("cancel", {"by": "nobody", "reason": "x"}, "Você não tem acesso a isto."),
        ("invoice", {}, "escolha o arquivo"),
        ("invoice", {"xml": ("x.xml", b"<no/>")}, "Dados inválidos"),
        ("invoice", {"xml": ("x.xml", b"\xff\xfe\x00")}, "Dados inválidos"),
        ("label", {"label": ("x.pdf", b"%PDF-1.4")}, "não tem nota fiscal"),
        ("label", {"label": ("x.pdf", b"<html>")}, "must be a PDF"),
        ("pay", {"nsu": " "}, "é obrigatório"),
        ("hand-over", {"code": "x", "document": "y"}, "o pedido é entregue em casa"),
    ):
        answer = await ana.post(f"{page}/{action}", on=page, **fields)
        assert answer.url.path == page, action
        assert said in text_of(answer.text), (action, text_of(answer.text)[:600])
    assert (await api.order(order_id))["status"] == 2


async def test_handing_over_needs_code_and_document(api: Api, ana: Staff) -> None:
    order_id = await api.paid(IsDelivery=False, CpfPickUp="52998224725")
    page = page_of(order_id)
    await api.done("PUT", path_of(order_id, "status"), {"status": "ReadyForPickup"})
    code = (await api.order(order_id))["friendlyCode"]
    answer = await ana.post(f"{page}/hand-over", on=page, code="ZZZ", document="529.982.247-25")
    assert "O código amigável não é o deste pedido." in text_of(answer.text)
    answer = await ana.post(f"{page}/hand-over", on=page, code=code.lower(), document="111.444.777-35")
    assert "O documento não é o do cliente" in text_of(answer.text)
    assert (await api.order(order_id))["status"] == 8
    assert await api.value("SELECT count(*) FROM order_log WHERE type = 'Refused'") == 2
    answer = await ana.post(f"{page}/hand-over", on=page, code=f" {code.lower()} ", document="529.982.247-25")
    assert "Entregue ao cliente." in text_of(answer.text)
    assert (await api.order(order_id))["status"] == 9


async def test_an_orders_events_are_there_when_they_are_asked_for(api: Api, ana: Staff, rui: Staff) -> None:
    order_id, other = await api.paid(), await api.paid()
    await ana.post(f"{page_of(order_id)}/move", on=page_of(order_id), to="ApprovedExternal")
    assert f'hx-get="{page_of(order_id)}/events"' in (await ana.get(page_of(order_id))).text
    text = text_of((await ana.get(f"{page_of(order_id)}/events")).text)
    assert [int(seq) for seq in re.findall(r" #(\d+) \d\d/", text)] == await api.value(
        "SELECT array_agg(seq ORDER BY seq DESC) FROM event WHERE subject = $1", order_id
    )
    assert "order.moved" in text
    assert (await rui.get(f"{page_of(other)}/events")).status_code == 404


async def test_another_stores_orders_are_not_there(api: Api, rui: Staff) -> None:
    theirs, own = await api.invoiced(Seller={"Cnpj": STORE}), await api.placed(Seller={"Cnpj": OTHER_STORE})
    external = (await api.order(theirs))["externalId"]
    assert (await rui.get(page_of(own))).status_code == 200
    page = page_of(theirs)
    for path in (page, f"{page}/slip", f"{page}/events", f"{page}/files/label_1", f"/console/picking/{theirs}"):
        answer = await rui.get(path)
        assert (answer.status_code, external in answer.text) == (404, False), path
    for path in (
        "/console",
        "/console/orders",
        f"/console/orders?seller={STORE}",
        "/console/orders?q=" + external,
        f"/console?seller={STORE}",
        f"/console/picking?seller={STORE}",
        f"/console/picking/print?seller={STORE}",
        f"/console/orders.csv?seller={STORE}",
        "/console/attention",
    ):
        answer = await rui.get(path)
        assert theirs not in answer.text, path
    before = await api.order(theirs)
    for action, fields in (
        ("move", {"to": "InDelivery"}),
        ("cancel", {"by": "seller", "reason": "x"}),
        ("ship", {"code": "BR1"}),
        ("pay", {"nsu": "1"}),
        ("reveal", {}),
        ("hand-over", {"code": "x", "document": "y"}),
        ("invoice", {"xml": ("x.xml", nfe())}),
        ("label", {"label": ("x.pdf", b"%PDF-1.4")}),
    ):
        answer = await rui.post(f"{page}/{action}", on="/console/orders", **fields)
        assert "Não encontrado." in text_of(answer.text), action
    box = f"/console/picking/{theirs}"
    for path in (f"/console/attention/{theirs}", f"{box}/scan", f"{box}/reject"):
        answer = await rui.post(path, on="/console", code="1", line="1", reason="damaged", quantity="1")
        assert "Não encontrado." in text_of(answer.text), path
    assert await api.order(theirs) == before


async def test_bad_addresses_are_no_mishap(api: Api, ana: Staff) -> None:
    order_id = await api.placed()
    nobody = "01a21bf2-7b0f-703b-91d6-a799e58889f4"
    assert (await ana.get(page_of(nobody))).status_code == 404
    for path in ("/console/orders/x", f"{page_of(order_id)}/files/..%2f..%2fsecret", f"{page_of(order_id)}/nothing"):
        assert (await ana.get(path)).status_code == 404, path
    for body, kind in (
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"csrf=%00%ff", "application/x-www-form-urlencoded"),
    ):
        headers = {"Content-Type": kind}
        answer = await ana.http.post(f"{page_of(order_id)}/pay", content=body, headers=headers)
        assert answer.status_code in (400, 403), (body, answer.status_code)
