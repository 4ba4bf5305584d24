"""The wire in an application: handlers get structs, answers are exact, structs document themselves."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from litestar import Litestar, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, JSONBody, MultipartBody
from litestar.testing import TestClient

from balcao.doors.problems import ProblemsPlugin
from balcao.doors.wire import (
    Instant,
    Reader,
    Rows,
    Wire,
    WirePlugin,
    WireResponse,
    reader,
    to_json,
)
from tests.doors.wire_shapes import Category, Item, Order, as_body, recased, seed_with


class Line(Wire, kw_only=True):
    total_amount: Decimal
    create_date: Instant


def test_answers_are_camel_case_with_exact_numbers() -> None:
    line = Line(total_amount=Decimal("21.10"), create_date="2026-07-01T12:00:00.000000Z")
    assert to_json([line]) == b'[{"totalAmount":21.10,"createDate":"2026-07-01T12:00:00.000000Z"}]'
    assert (
        to_json({"a": Decimal("0.1"), "b": Decimal("123456789012345678.99")}) == b'{"a":0.1,"b":123456789012345678.99}'
    )


class Form(Wire, kw_only=True):
    grant_type: str
    expires: int = 0


@post("/orders")
async def _create(data: JSONBody[Order]) -> WireResponse[Line]:
    """Create."""
    line = Line(total_amount=data.items[0].unit_price, create_date="2026-07-01T12:00:00.000000Z")
    return WireResponse(line, status_code=201, headers={"Location": "/orders/1"})


@post("/rows", status_code=200)
async def _rows(data: JSONBody[Rows[Item]]) -> list[int]:
    return [index for index, _ in data.good]


@post("/optional", status_code=200)
async def _optional(data: JSONBody[Category | None] = None) -> str:
    return "none" if data is None else data.code


@post("/form", status_code=200)
async def _form(data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> list[str | int]:
    return [data.grant_type, data.expires]


class Label(Wire, kw_only=True):
    carrier_name: str
    label: UploadFile
    count: int = 1


@post("/label", status_code=200)
async def _label(data: MultipartBody[Label]) -> list[str | int]:
    return [data.carrier_name, data.label.filename, (await data.label.read()).decode(), data.count]


@get("/lines")
async def _lines() -> list[Line]:
    return [Line(total_amount=Decimal("1.10"), create_date="2026-07-01T12:00:00.000000Z")]


@pytest.fixture(scope="module")
def client() -> Any:
    app = Litestar([_create, _rows, _optional, _form, _label, _lines], plugins=[WirePlugin(), ProblemsPlugin()])
    with TestClient(app) as client:
        yield client


def test_a_handler_gets_the_struct_without_a_content_type(client: TestClient[Litestar]) -> None:
    answer = client.post("/orders", content=as_body(recased(seed_with(), str.lower)))
    assert "content-type" not in answer.request.headers
    assert (answer.status_code, answer.headers["location"]) == (201, "/orders/1")
    assert answer.content == b'{"totalAmount":19.9,"createDate":"2026-07-01T12:00:00.000000Z"}'
    assert answer.headers["content-type"] == "application/json"


def test_a_handler_gets_rows_and_optional_bodies_and_forms(client: TestClient[Litestar]) -> None:
    item = {"SkuCode": "1", "ProductCode": "1", "Quantity": 1, "UnitPrice": 1, "DiscountPrice": 0}
    assert client.post("/rows", content=as_body([item, {}, item])).json() == [0, 2]
    assert client.post("/optional").text == "none"
    assert client.post("/optional", content=b'{"CODE": "a"}').text == "a"
    assert client.post(
        "/form", data={"Grant_Type": "x", "grantType": "client", "EXPIRES": "5", "more": "1"}
    ).json() == [
        "client",
        5,
    ]
    wrong = client.post("/form", data={"grantType": "client", "expires": "x"})
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"expires": ["must be an integer"]})
    missing = client.post("/form", data={"expires": "1"})
    assert (missing.status_code, missing.json()["errors"]) == (400, {"grantType": ["is required"]})


def test_a_multipart_form_keeps_its_files(client: TestClient[Litestar]) -> None:
    file = {"Label": ("a.pdf", b"%PDF", "application/pdf")}
    assert client.post("/label", data={"CarrierName": "x", "count": "2"}, files=file).json() == [
        "x",
        "a.pdf",
        "%PDF",
        2,
    ]
    for fields, errors in (
        ({"carrierName": "x", "count": "y"}, {"count": ["must be an integer"]}),
        ({"carrierName": "x\0"}, {"carrierName": ["must not contain the NUL character"]}),
        ({"carrierName": "x", "count": "9223372036854775808"}, {"body": ["has a value that is out of range"]}),
    ):
        answer = client.post("/label", data=fields, files=file)
        assert (answer.status_code, answer.json()["errors"]) == (400, errors)
    answer = client.post("/label", data={"carrierName": "x", "label": "y"}, files={"more": ("b", b"")})
    assert (answer.status_code, answer.json()["errors"]) == (400, {"label": ["must be a file"]})


def test_a_returned_list_is_written_exactly(client: TestClient[Litestar]) -> None:
    assert client.get("/lines").content == b'[{"totalAmount":1.10,"createDate":"2026-07-01T12:00:00.000000Z"}]'


def test_structs_document_themselves(client: TestClient[Litestar]) -> None:
    document = client.get("/schema/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert list(schemas["Item"]["properties"]) == [
        "SkuCode",
        "ProductCode",
        "Quantity",
        "UnitPrice",
        "DiscountPrice",
        "IsGift",
    ]
    assert schemas["Item"]["required"] == ["DiscountPrice", "ProductCode", "Quantity", "SkuCode", "UnitPrice"]
    assert schemas["Item"]["properties"]["UnitPrice"] == {"type": "number", "format": "decimal", "minimum": 0}
    assert schemas["Item"]["properties"]["Quantity"] == {"type": "integer", "minimum": 1, "maximum": 1_000_000_000}
    assert schemas["Line"]["properties"]["createDate"] == {
        "type": "string",
        "format": "date-time",
        "examples": ["2026-07-01T12:00:00.000000Z"],
    }
    body = document["paths"]["/rows"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}


def test_the_documented_casing_takes_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def tolerant(*_: object) -> None:
        raise AssertionError("the tolerant path was taken")

    monkeypatch.setattr(Reader, "_read_tolerantly", tolerant)
    rows = as_body([seed_with()["Items"][0]] * 50)
    assert len(reader(list[Item]).read(rows)) == 50
