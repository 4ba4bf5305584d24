"""Every refusal is a problem document, and nothing unexpected tells what is inside."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, InternalServerException, ServiceUnavailableException
from litestar.params import FromHeader, FromPath, FromQuery, JSONBody, QueryParameter
from litestar.testing import TestClient
from structlog.testing import capture_logs

from balcao.base.errors import (
    BalcaoError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from balcao.doors.paths import Front, PathsPlugin
from balcao.doors.problems import MEDIA_TYPE, STATUS, ProblemsPlugin, problem_responses, status_of
from balcao.doors.wire import Money, Wire, WirePlugin


class OutOfStock(Conflict):
    code = "out_of_stock"


class Price(Wire, rename="pascal", kw_only=True):
    price: Money
    product_code: str


REFUSALS: dict[str, BalcaoError] = {
    "invalid": Invalid(errors={"Items[0].Quantity": ["must be at least 1"]}),
    "unauthenticated": Unauthenticated("Send a token."),
    "forbidden": Forbidden("Not yours.", role="erp"),
    "not_found": NotFound("No such order."),
    "conflict": Conflict("Already there.", existing_id=UUID(int=1), status="mine"),
    "out_of_stock": OutOfStock("Too few.", short=[{"sku": "1", "asked": Decimal("2"), "available": 0}], odd=object()),
    "too_large": TooLarge("Too many rows."),
    "too_many_requests": TooMany("Slow down.", retry_after_s=7),
    "unavailable": Unavailable("The database is away.", retry_after_s=3),
}


def _mapped(per_page: Annotated[int, QueryParameter(name="perPage", ge=1, le=200)] = 20) -> int:
    return per_page


@get("/refuse/{kind:str}", responses=problem_responses(401, 403, 409))
async def _refuse(kind: FromPath[str]) -> None:
    raise REFUSALS[kind]


@get("/list", dependencies={"page_size": Provide(_mapped, sync_to_thread=False)})
async def _list(
    page_size: NamedDependency[int],
    channel: FromQuery[str],
    since_day: FromQuery[bool] = False,
    x_n: FromHeader[int] = 0,
) -> list[int]:
    return [page_size, len(channel), since_day, x_n]


@get("/orders/{order_id:uuid}")
async def _order(order_id: FromPath[UUID]) -> str:
    return str(order_id)


@post("/prices", status_code=204, request_max_body_size=200)
async def _prices(data: JSONBody[Price]) -> None:
    pass


@post("/large", status_code=204, request_max_body_size=1000)
async def _large(data: JSONBody[Price]) -> None:
    pass


@get("/broken/{how:str}")
async def _broken(how: FromPath[str]) -> list[int]:
    if how == "framework":
        raise InternalServerException("secret insides")
    if how == "away":
        raise ServiceUnavailableException("restarting")
    if how == "teapot":
        raise HTTPException("short and stout", status_code=418)
    if how == "gone":
        raise InternalServerException("client disconnected prematurely")
    card_number = "4111111111111111"
    return [int(how) for _ in card_number]


@pytest.fixture(scope="module")
def client() -> Any:
    app = Litestar(
        [_refuse, _list, _order, _prices, _large, _broken],
        plugins=[WirePlugin(), ProblemsPlugin(), PathsPlugin()],
        logging_config=None,
    )
    with TestClient(Front(app)) as client:
        yield client


@pytest.mark.parametrize("kind", REFUSALS)
def test_each_kind_has_its_status(client: TestClient[Any], kind: str) -> None:
    error = REFUSALS[kind]
    answer = client.get(f"/refuse/{kind}")
    body = answer.json()
    assert answer.status_code == status_of(error) == body["status"]
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (body["code"], body["detail"], body["type"]) == (
        error.code,
        error.detail,
        f"urn:balcao:problem:{error.code}",
    )
    assert body["traceId"] == answer.headers["x-request-id"]
    assert body["title"]


def test_the_table_knows_every_kind() -> None:
    assert {kind.__name__: status for kind, status in STATUS.items()} == {
        "Invalid": 400,
        "Unauthenticated": 401,
        "Forbidden": 403,
        "NotFound": 404,
        "Conflict": 409,
        "TooLarge": 413,
        "TooMany": 429,
        "Unavailable": 503,
    }
    # A root may have a kind of its own (the bench's has an exit code): only what the doors can meet is in their table.
    assert set(STATUS) == {kind for kind in BalcaoError.__subclasses__() if kind.__module__ == "balcao.base.errors"}


def test_facts_are_members_and_never_hide_the_standard_ones(client: TestClient[Any]) -> None:
    body = client.get("/refuse/conflict").json()
    assert (body["existingId"], body["status"]) == ("00000000-0000-0000-0000-000000000001", 409)
    assert client.get("/refuse/forbidden").json()["role"] == "erp"
    # A fact that JSON cannot hold is no reason to fall.
    body = client.get("/refuse/out_of_stock").json()
    assert (body["code"], body["status"]) == ("out_of_stock", 409)
    assert body["odd"].startswith("<object object")


def test_only_a_wrong_request_names_fields(client: TestClient[Any]) -> None:
    assert client.get("/refuse/invalid").json()["errors"] == {"Items[0].Quantity": ["must be at least 1"]}
    assert "errors" not in client.get("/refuse/conflict").json()


def test_headers_say_what_to_do(client: TestClient[Any]) -> None:
    assert client.get("/refuse/too_many_requests").headers["retry-after"] == "7"
    assert client.get("/refuse/unavailable").headers["retry-after"] == "3"
    assert client.get("/refuse/unauthenticated").headers["www-authenticate"] == 'Bearer realm="balcao"'
    tried = client.get("/refuse/unauthenticated", headers={"Authorization": "Bearer x"})
    assert tried.headers["www-authenticate"] == 'Bearer realm="balcao", error="invalid_token"'


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("/list", {"channel": ["is required"]}),
        ("/list?channel=a&perPage=0", {"perPage": ["must be at least 1"]}),
        ("/list?channel=a&perpage=201", {"perPage": ["must be at most 200"]}),
        ("/list?channel=a&perPage=x", {"perPage": ["must be an integer"]}),
        ("/list?channel=a&since_day=maybe", {"since_day": ["must be a boolean"]}),
    ],
)
def test_a_bad_parameter_is_named_as_documented(client: TestClient[Any], address: str, errors: Any) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"] == errors


def test_a_bad_header_is_named(client: TestClient[Any]) -> None:
    answer = client.get("/list?channel=a", headers={"x_n": "many"})
    assert (answer.status_code, answer.json()["errors"]) == (400, {"x_n": ["must be an integer"]})


def test_a_bad_body_is_named(client: TestClient[Any]) -> None:
    answer = client.post("/prices", content=b'{"price": "x"}')
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"ProductCode": ["is required"], "Price": ["must be a number"]}
    answer = client.post("/prices")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    assert answer.json()["errors"] == {"body": ["A JSON body is required."]}


def test_no_address_and_no_method(client: TestClient[Any]) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = client.get("/orders/no-uuid")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = client.put("/list")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.get("/prices").headers["allow"] == "OPTIONS, POST"


def test_each_route_has_its_own_limit(client: TestClient[Any]) -> None:
    body = b'{"Price": 1, "ProductCode": "' + b"x" * 300 + b'"}'
    answer = client.post("/prices", content=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert client.post("/large", content=body).status_code == 204
    assert client.post("/large", content=iter([body] * 4)).status_code == 413


@pytest.mark.parametrize("how", ["oops", "framework"])
def test_a_mistake_of_ours_is_logged_and_not_told(client: TestClient[Any], how: str) -> None:
    with capture_logs() as logs:
        answer = client.get(f"/broken/{how}?card=4111111111111111")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "insides" not in answer.text
    assert "invalid literal" not in answer.text
    assert [(entry["event"], entry["log_level"], entry["path"]) for entry in logs] == [
        ("unexpected_error", "error", f"/broken/{how}")
    ]
    assert "_broken" in logs[0]["traceback"]
    assert "4111111111111111" not in str(logs)


def test_a_client_that_left_is_no_mistake_of_ours(client: TestClient[Any]) -> None:
    with capture_logs() as logs:
        assert client.get("/broken/gone").status_code == 500
    assert logs == []


def test_what_else_the_framework_refuses(client: TestClient[Any]) -> None:
    away = client.get("/broken/away")
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "unavailable", "1")
    odd = client.get("/broken/teapot")
    assert (odd.status_code, odd.json()["code"], odd.json()["detail"]) == (418, "error", "short and stout")
    host = client.get("/list", headers={"Host": "a b"})
    assert (host.status_code, host.json()["detail"]) == (400, "Invalid host header")


def test_problems_are_documented(client: TestClient[Any]) -> None:
    document = client.get("/schema/openapi.json").json()
    refuse = document["paths"]["/refuse/{kind}"]["get"]["responses"]
    assert sorted(refuse) == ["200", "400", "401", "403", "409"]
    assert refuse["409"]["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert sorted(document["paths"]["/prices"]["post"]["responses"]) == ["204", "400", "413"]
    schema = document["components"]["schemas"]["Problem"]
    assert schema["required"] == ["code", "detail", "status", "title", "type"]
    assert sorted(schema["properties"]) == ["code", "detail", "errors", "status", "title", "traceId", "type"]
    assert schema["examples"][0]["code"] == "invalid"
