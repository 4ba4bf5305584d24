"""The demo's pure parts: carts, bodies, notes, labels, and what is said of them."""

import hashlib
import io
import json
import socket
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from yarl import URL

from balcao.demo.answers import Address, Buyer, Freight, Item, Offer, Order, Pair, Sku, Step, Store
from balcao.demo.bodies import CARD, PAYMENT_LINK, PIX, Sale, order_body, paid_body, quote_body, tracking_body
from balcao.demo.client import Answer, short
from balcao.demo.delivering import is_posted
from balcao.demo.ending import curl_lines, serve_again
from balcao.demo.failure import StepFailed
from balcao.demo.label import label_file, pdf_label, tracking_code, zpl_label
from balcao.demo.note import CITY_CODES, note_of
from balcao.demo.reference import CHANGED, EXAMPLE
from balcao.demo.refusing import SOLD_OUT_STORE
from balcao.demo.report import Report, Row, brl
from balcao.demo.sample import MAIN_STORE, Line, Sample, fill_cart, read_sample, sold_out_cart
from balcao.demo.serving import demo_settings, find_port
from balcao.fiscal.access_key import STATE_CODES
from balcao.fiscal.nfe import read_nfe
from balcao.fiscal.sample import make_sample_nfe

HOME = Address(
    street="Rua Apiacás", number="412", neighborhood="Perdizes", cep="05017020", city="São Paulo", state="SP"
)
ISSUED_AT = datetime(2026, 9, 21, 14, 32, tzinfo=UTC)


@cache
def sample() -> Sample:
    return read_sample()


def _offer(**other: object) -> Offer:
    offer = Offer(
        calculation_key="key",
        type="Delivery",
        reference="SEDEX",
        description="SEDEX",
        amount=Decimal("10.50"),
        delivery_time=2,
        delivery_date="2026-09-23T15:00:00Z",
        seller_cnpj=MAIN_STORE,
    )
    return msgspec.structs.replace(offer, **other)


def _sale(payment: int, offer: Offer | None = None) -> Sale:
    lines = (
        Line(sku_code="A-1", product_code="A", quantity=2, unit_price=Decimal("59.90"), discount_price=Decimal("10")),
        Line(sku_code="B-1", product_code="B", quantity=1, unit_price=Decimal("0.10"), discount_price=Decimal(0)),
    )
    shopper = sample().shopper("São Paulo")
    return Sale(
        channel="app", external_id="D-1", shopper=shopper, lines=lines, offer=offer or _offer(), payment=payment
    )


def _order() -> Order:
    return Order(
        id="01997000-0000-7000-8000-0123456789ab",
        external_id="D-1",
        friendly_code="B-77",
        channel="app",
        status=2,
        last_update="2026-09-21T14:32:00.000001Z",
        is_delivery=True,
        seller=Store(
            cnpj=MAIN_STORE,
            point_sale_id="SP01",
            full_name="Lojas Quaresmeira Paulista",
            company_name="Quaresmeira Comércio Digital Ltda.",
            whatsapp_phone_number="+5511900000101",
            address=HOME,
        ),
        buyer=Buyer(full_name="Ana ^XZ", cpf="99990101809", cnpj=None, phone_number="11900001001", address=HOME),
        delivery_address=HOME,
        items=[
            Item(code="A-1", barcode=None, quantity=2, unit_price=Decimal("59.90"), sku=Sku(name="Vestido")),
            Item(code="B-1", barcode=None, quantity=1, unit_price=Decimal("0.10"), sku=Sku(name="Botão")),
        ],
        freight=Freight(reference="SEDEX", description="SEDEX", delivery_time=2),
        invoice=None,
        labels=[],
        tracking=None,
        steps=[Step(description="Aguardando pagamento", status=1), Step(description="Pago / Paid", status=2)],
        freight_amount=Decimal("10.50"),
        discount_amount=Decimal("20"),
        total_amount=Decimal("110.40"),
    )


def test_carts_are_filled_from_the_shelf_at_the_base_price() -> None:
    shelf = sample().shelf(MAIN_STORE)
    base = {row["ProductCode"]: row["Price"] for row in sample().prices if "SellerCode" not in row}
    products = {product["code"]: product for product in sample().products}
    cart = fill_cart(sample(), MAIN_STORE, skip=0, lines=100, quantity=2)
    assert len({line.product_code for line in cart}) == 100
    for line in cart:
        assert shelf[line.sku_code] >= 5
        assert line.unit_price - line.discount_price == base[line.product_code]
        assert line.total == 2 * base[line.product_code]
        assert (products[line.product_code]["isActive"], products[line.product_code]["pickupOnly"]) == (True, False)
    assert any(line.discount_price > 0 for line in cart)
    assert fill_cart(sample(), MAIN_STORE, skip=40, lines=3) == tuple(
        msgspec.structs.replace(line, quantity=1) for line in cart[40:43]
    )


def test_sold_out_cart_is_of_a_sku_without_stock() -> None:
    [line] = sold_out_cart(sample(), SOLD_OUT_STORE)
    assert sample().shelf(SOLD_OUT_STORE)[line.sku_code] == 0


def test_freight_tables_hold_every_rate_of_the_file() -> None:
    tables = sample().freight_tables
    assert len({(table["reference"], table["sellerCnpj"]) for table in tables}) == len(tables) == 34
    assert sum(len(table["rows"]) for table in tables) == 5128
    assert tables[0]["rows"][0] == {
        "cepStart": "01000000",
        "cepEnd": "05999999",
        "weightStartKg": Decimal(0),
        "weightEndKg": Decimal("0.5"),
        "price": Decimal("10.50"),
        "days": 1,
    }


def test_quote_asks_for_the_cart() -> None:
    [line, _] = _sale(PIX).lines
    assert quote_body([line], "05017020", origin_cnpj=MAIN_STORE) == {
        "originIdentifier": MAIN_STORE,
        "postalCode": "05017020",
        "items": [{"sku": "A-1", "quantity": 2, "price": Decimal("59.90")}],
    }


def test_shopper_wants_a_parcel_with_a_code() -> None:
    assert is_posted(_offer())
    assert not is_posted(_offer(reference="MOTOBOY"))
    assert not is_posted(_offer(type="Pickup"))


def test_order_adds_up_and_names_the_quote() -> None:
    body = order_body(_sale(CARD))
    assert body["PaymentList"][0]["Amount"] == Decimal("110.40")
    assert body["PaymentList"][0]["QuantityInstallments"] == 10
    assert body["Freight"]["CalculationKey"] == "key"
    assert body["DeliveryAddress"] == body["Buyer"]["Address"]
    assert body["Items"][0] == {
        "SkuCode": "A-1",
        "ProductCode": "A",
        "Quantity": 2,
        "UnitPrice": Decimal("59.90"),
        "DiscountPrice": Decimal("10"),
    }


def test_order_to_collect_names_who_collects_and_no_address() -> None:
    sale = _sale(PIX, _offer(type="Pickup", reference="PICKUP", amount=Decimal(0)))
    body = order_body(sale)
    assert (body["IsDelivery"], body["DeliveryAddress"], body["CpfPickUp"]) == (False, None, sale.shopper["Cpf"])
    assert body["PaymentList"][0]["PaymentMethod"] == {"Type": 6, "Info": "Pix"}


@pytest.mark.parametrize("payment", [PIX, CARD, PAYMENT_LINK])
def test_payment_covers_the_order(payment: int) -> None:
    body = paid_body(payment, _order())
    assert (body["amount"], body["paymentStatus"]) == (Decimal("110.40"), 2)
    assert body["paymentMethod"] == {"type": payment}
    assert len(body["nsu"]) == 9
    assert body["nsu"].isdigit()


def test_tracking_says_the_day_as_brazilians_do() -> None:
    assert tracking_body(sample().carrier("PAC"), "PA000000016BR", ISSUED_AT) == {
        "carrierName": "Correios PAC (tabela de demonstração)",
        "trackingCode": "PA000000016BR",
        "trackingLink": "https://rastreio.example/pac/PA000000016BR",
        "deliveryDate": "21/09/2026",
    }


@pytest.mark.parametrize(
    ("number", "code"),
    [(47_312_482, "SE473124829BR"), (0, "SE000000005BR"), (8, "SE000000080BR")],
)
def test_tracking_code_has_its_check_digit(number: int, code: str) -> None:
    assert tracking_code("SEDEX", number) == code


def test_note_is_sound_and_its_total_is_the_orders() -> None:
    note = note_of(_order(), number=42, issued_at=ISSUED_AT)
    nfe = read_nfe(make_sample_nfe(note))
    assert (nfe.total, nfe.number, nfe.issuer_document) == (Decimal("110.40"), 42, MAIN_STORE)
    assert nfe.issued_at == ISSUED_AT
    assert (note.issuer.phone, note.recipient.document) == ("11900000101", "99990101809")


def test_note_needs_an_address() -> None:
    nowhere = msgspec.structs.replace(_order(), seller=msgspec.structs.replace(_order().seller, address=None))
    with pytest.raises(StepFailed, match=r"Quaresmeira Comércio Digital Ltda\. has no address"):
        note_of(nowhere, number=1, issued_at=ISSUED_AT)


def test_every_city_of_the_sample_has_its_code() -> None:
    places = {(store["address"]["city"], store["address"]["state"]) for store in sample().stores}
    places |= {(shopper["Address"]["City"], shopper["Address"]["State"]) for shopper in sample().shoppers}
    assert CITY_CODES.keys() == {city for city, _ in places}
    assert {city: CITY_CODES[city][:2] for city, _ in places} == {city: STATE_CODES[state] for city, state in places}


def test_pdf_label_is_a_page() -> None:
    pdf = pdf_label(_order(), "SE473124829BR")
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1


def test_zpl_label_holds_no_foreign_command() -> None:
    zpl = zpl_label(_order(), "SE473124829BR").decode()
    assert zpl.startswith("^XA\n")
    assert zpl.endswith("^XZ\n")
    assert zpl.count("^XZ") == 1
    assert "^FDSE473124829BR^FS" in zpl
    assert "^FDAna  XZ^FS" in zpl
    assert "^FD05017-020 São Paulo SP^FS" in zpl


def test_label_travels_in_base64() -> None:
    sent = label_file("l.zpl", "application/zpl", b"^XA^XZ")
    assert sent == {"fileName": "l.zpl", "contentType": "application/zpl", "content": "XlhBXlha"}


def test_reference_example_is_to_the_letter() -> None:
    # The example as its page prints it, the garbled address included.
    assert hashlib.sha256(EXAMPLE).hexdigest() == "83626a9d6e9aaf94302d051e47215f9f9a1135284a9f88ffed68cab1a8cbe2c5"
    example, changed = json.loads(EXAMPLE), json.loads(CHANGED)
    assert (example["ExternalId"], example["Buyer"]["Email"]) == ("NEOMODE-1", "[email protected]")
    assert example["Items"][0].pop("UnitPrice") == 19.9
    assert changed["Items"][0].pop("UnitPrice") == 29.9
    assert example == changed


def test_status_is_told_in_the_words_of_its_step() -> None:
    assert _order().status_words == "2 Pago / Paid"


def test_paths_are_told_short() -> None:
    url = "http://127.0.0.1:8080/cp/management/commerce/orders/01997000-0000-7000-8000-0123456789ab/payment"
    assert short(URL(url)) == "…/orders/{id}/payment"
    assert short(URL("http://h/cp/management/catalog/stocks?skuCode=1")) == "…/stocks?skuCode=1"
    assert short(URL("http://h/order-files/q/a.pdf?expires=1&signature=2")) == "/order-files/q/a.pdf"


def test_reason_is_the_problems_own() -> None:
    problem = b'{"title":"Bad","detail":"Wrong.","errors":{"Channel":["no such channel"]}}'
    assert Answer("ERP", "PUT /x", 400, {}, problem).reason == "Wrong. Channel: no such channel"
    assert Answer("ERP", "PUT /x", 502, {}, b"<html>").reason == "<html>"
    assert Answer("ERP", "PUT /x", 201, {}, b'{"id":"1"}').reason == '{"id":"1"}'
    with pytest.raises(StepFailed, match=r"PUT /x answered what ERP cannot read"):
        Answer("ERP", "PUT /x", 200, {}, b"<html>").into(Pair)


@pytest.mark.parametrize(
    ("amount", "text"), [("1234.5", "R$ 1.234,50"), ("0.07", "R$ 0,07"), ("1000000", "R$ 1.000.000,00")]
)
def test_amounts_are_written_as_in_brazil(amount: str, text: str) -> None:
    assert brl(Decimal(amount)) == text


def test_a_step_is_one_plain_line_in_a_file_and_folded_on_a_terminal() -> None:
    answer = Answer("ecommerce", "PUT …/orders/{id}/payment", 204, {}, b"")
    told, sent = "2 Pago / Paid " + "x" * 40, "Pix, R$ 10,00"
    plain = io.StringIO()
    Report(Console(file=plain, width=80)).step(answer, told, sent=sent)
    assert plain.getvalue() == f"  ok  ecommerce PUT …/orders/{{id}}/payment  {sent}  → 204 {told}\n"
    seen = io.StringIO()
    console = Console(file=seen, width=80, force_terminal=True, color_system=None, legacy_windows=False)
    Report(console).step(answer, told, sent=sent)
    lines = seen.getvalue().splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80


def test_table_is_whole_in_a_file() -> None:
    seen = io.StringIO()
    row = Row("B-77", "Entrega, Pix / Delivery, Pix", "20 Nota fiscal emitida / Invoice issued", "R$ 1,00", "SP01")
    Report(Console(file=seen, width=80)).table([row])
    head, line = seen.getvalue().splitlines()
    assert head.split() == ["order", "path", "status", "total", "store"]
    assert [cell.strip() for cell in line.split("  ") if cell] == list(row)


def test_curl_lines_and_the_way_back() -> None:
    token, orders = curl_lines("http://127.0.0.1:8080", Pair(client_id="qaapp.x", client_secret="s"))
    assert token.startswith("TOKEN=$(curl -s http://127.0.0.1:8080/auth/token/anonymous -H ")
    assert '\'{"clientId":"qaapp.x","clientSecret":"s","scope":"lori"}\'' in token
    assert orders.endswith('"http://127.0.0.1:8080/cp/management/commerce/orders/?perPage=5"')
    assert serve_again(Path("/d/e mo"), "http://127.0.0.1:80") == "balcao serve --data '/d/e mo' --port 80"


def test_a_taken_port_gives_way_to_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert find_port(port) == 0
    assert find_port(port) == port


def test_settings_of_the_demo_ignore_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/production")
    monkeypatch.setenv("BALCAO_FILES_URL", "s3://production")
    settings = demo_settings(tmp_path, 0)
    assert (settings.database_url, settings.host, settings.port) == (None, "127.0.0.1", 0)
    assert settings.files_url == (tmp_path / "files").as_uri()
