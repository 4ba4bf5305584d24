"""The API's page needs nothing from elsewhere, and the description behind it is whole."""

import gzip
import re
import subprocess
import sys
from typing import Any, ClassVar

import pytest
import yaml  # type: ignore[import-untyped]
from litestar import Litestar, get, post
from litestar.openapi.spec import Tag
from litestar.params import FromPath, JSONBody
from litestar.testing import TestClient

from balcao.doors.guard import PUBLIC, roles
from balcao.doors.paths import Front, PathsPlugin
from balcao.doors.problems import ProblemsPlugin, problem_responses
from balcao.doors.schema import POLICY, SchemaPlugin, openapi_config
from balcao.doors.wire import Money, Wire, WirePlugin
from balcao.tenants.rules import Role


class Price(Wire, rename="pascal", kw_only=True):
    __example__: ClassVar[Any] = {"Price": 19.9, "ProductCode": "1"}

    price: Money
    product_code: str


@post("/prices", status_code=204, tags=["Catalogue"], opt=roles(Role.ERP), responses=problem_responses(401, 403))
async def _prices(data: JSONBody[Price]) -> None:
    """Send prices.

    They are taken over at once.
    """


@get("/orders/{order_id:str}", opt=PUBLIC)
async def _order(order_id: FromPath[str]) -> Price:
    raise NotImplementedError


@pytest.fixture(scope="module")
def client() -> Any:
    app = Litestar(
        [_prices, _order],
        plugins=[WirePlugin(), ProblemsPlugin(), PathsPlugin(), SchemaPlugin()],
        openapi_config=openapi_config("1.2.3", tags=[Tag("Catalogue")]),
        logging_config=None,
    )
    with TestClient(Front(app)) as client:
        yield client


@pytest.mark.parametrize("address", ["/schema", "/schema/", "/cp/schema"])
def test_the_page_asks_only_its_own_house(client: TestClient[Any], address: str) -> None:
    page = client.get(address)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in page.text
    assert re.findall(r"<(?:script|style)(?![^>]*\ssrc=)", page.text) == [], "nothing inline"
    assert re.search(r"\son\w+=", page.text) is None
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses == [
        "/schema/assets/favicon-32x32.png",
        "/schema/assets/swagger-ui.css",
        "/schema/openapi.json",
        "/schema/assets/swagger-ui-bundle.js",
        "/schema/assets/init.js",
    ]
    for target in addresses:
        assert client.get(target).status_code == 200


def test_the_start_script_loads_our_description_and_no_validator(client: TestClient[Any]) -> None:
    script = client.get("/schema/assets/init.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert 'url: "/schema/openapi.json"' in script.text
    assert "validatorUrl: null" in script.text
    assert "http" not in script.text


def test_the_files_are_swagger_ui_for_openapi_3_1(client: TestClient[Any]) -> None:
    bundle = client.get("/schema/assets/swagger-ui-bundle.js")
    assert bundle.headers["content-encoding"] == "gzip"
    assert int(bundle.headers["content-length"]) < len(bundle.content) / 3
    assert "SwaggerUIBundle" in bundle.text
    assert bundle.headers["cache-control"] == "public, max-age=86400"
    plain = client.get("/schema/assets/swagger-ui-bundle.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == bundle.content
    assert client.get("/schema/assets/favicon-32x32.png").content.startswith(b"\x89PNG")
    assert b".swagger-ui" in client.get("/schema/assets/swagger-ui.css").content


@pytest.mark.parametrize(
    "name", ["LICENSE", "swagger-ui-bundle.js.map", "..%2F..%2F..%2F__init__.py", "%2Fetc%2Fpasswd", "x"]
)
def test_only_the_pages_own_files_are_served(client: TestClient[Any], name: str) -> None:
    assert client.get(f"/schema/assets/{name}").status_code == 404


def test_the_files_are_found_without_importing_django() -> None:
    code = (
        "import sys; from balcao.doors.schema import _asset; "
        "assert len(_asset('swagger-ui.css', zipped=False)) > 10_000; "
        "sys.exit(any(name.partition('.')[0] in ('django', 'drf_spectacular_sidecar') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_description_is_openapi_3_1_in_both_forms(client: TestClient[Any]) -> None:
    document = client.get("/schema/openapi.json").json()
    assert yaml.safe_load(client.get("/schema/openapi.yaml").text) == document
    assert document["openapi"] == "3.1.0"
    assert (document["info"]["title"], document["info"]["version"]) == ("Balcão", "1.2.3")
    assert [server["url"] for server in document["servers"]] == ["/", "/cp"]
    assert document["tags"] == [{"name": "Catalogue"}]
    assert sorted(document["paths"]) == ["/orders/{order_id}", "/prices"]


def test_the_description_says_how_to_get_in(client: TestClient[Any]) -> None:
    document = client.get("/schema/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"], schemes["bearer"]["bearerFormat"]) == (
        "http",
        "bearer",
        "JWT",
    )
    assert schemes["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] == "/oauth/token"
    assert sorted(schemes["oauth2"]["flows"]["clientCredentials"]["scopes"]) == ["lori", "read", "write"]
    assert document["security"] == [{"bearer": []}, {"oauth2": []}]
    assert "security" not in document["paths"]["/prices"]["post"]
    assert document["paths"]["/orders/{order_id}"]["get"]["security"] == [{}]


def test_operations_and_documents_carry_their_words_and_examples(client: TestClient[Any]) -> None:
    document = client.get("/schema/openapi.json").json()
    prices = document["paths"]["/prices"]["post"]
    assert prices["description"] == "Send prices.\n\nThey are taken over at once."
    assert sorted(prices["responses"]) == ["204", "400", "401", "403", "413"]
    assert document["components"]["schemas"]["Price"]["examples"] == [{"Price": 19.9, "ProductCode": "1"}]
    order = document["paths"]["/orders/{order_id}"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["schema"]) for one in order] == [("order_id", "path", {"type": "string"})]


def test_a_file_is_compressed_the_same_way_every_time(client: TestClient[Any]) -> None:
    with client.stream("GET", "/schema/assets/swagger-ui.css") as first:
        zipped = b"".join(first.iter_raw())
    assert gzip.decompress(zipped) == client.get("/schema/assets/swagger-ui.css").content
