"""Every route and every role: who may come in. A new route fails here until it is in the table."""

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from balcao.base.settings import Settings
from balcao.server import create_app
from balcao.tenants.rules import Role
from tests.doors.shop import Api

PUBLIC = frozenset[Role]()
ALL = frozenset(Role)
HOUSE = frozenset({Role.OPERATOR, Role.ADMIN})
SELL = HOUSE | {Role.CHANNEL}
STORE = HOUSE | {Role.ERP}
OFFICE = frozenset({Role.ERP, Role.ADMIN})
BROWSE = SELL | {Role.ERP}
CARRY = STORE | {Role.CARRIER}
ADMIN = frozenset({Role.ADMIN})

COMMERCE, CATALOG = "/management/commerce", "/management/catalog"
ORDER, EXTERNAL = f"{COMMERCE}/orders/{{order_id}}", f"{COMMERCE}/orders/external/{{external_id}}"

WHO: dict[str, frozenset[Role]] = {
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /schema": PUBLIC,
    "GET /schema/openapi.json": PUBLIC,
    "GET /schema/openapi.yaml": PUBLIC,
    "GET /schema/openapi.yml": PUBLIC,
    "GET /schema/assets/{name}": PUBLIC,
    "GET /schema/{path}": PUBLIC,
    "POST /auth/token/anonymous": PUBLIC,
    "POST /oauth/token": PUBLIC,
    # A signed link needs no token; without one the handler asks for it: test_files.
    "GET /order-files/{client_id}/{order_id}/{name}": PUBLIC,
    f"POST {COMMERCE}/freight/simulation/{{platform_id}}/{{client_id}}": BROWSE,
    f"POST {COMMERCE}/orders": SELL,
    f"POST {COMMERCE}/orders/external": SELL,
    f"GET {COMMERCE}/orders": ALL,
    f"GET {COMMERCE}/sellers/{{cnpj}}/orders": ALL,
    f"GET {COMMERCE}/externalId/orders/{{external_id}}": ALL,
    f"GET {COMMERCE}/orders/orderNumber/{{number}}": ALL,
    f"GET {COMMERCE}/orders/sellerOrderId/{{number}}": ALL,
    f"GET {ORDER}": ALL,
    f"GET {EXTERNAL}": ALL,
    f"GET {ORDER}/invoicedetails": ALL,
    f"GET {EXTERNAL}/invoicedetails": ALL,
    f"PUT {ORDER}/payment": SELL,
    f"PUT {EXTERNAL}/payment": SELL,
    f"PUT {ORDER}/invoicedetails": STORE,
    f"PUT {EXTERNAL}/invoicedetails": STORE,
    f"PUT {ORDER}/trackingdetails": STORE,
    f"PUT {EXTERNAL}/trackingdetails": STORE,
    f"PUT {ORDER}/trackings": CARRY,
    f"PUT {EXTERNAL}/trackings": CARRY,
    f"PUT {ORDER}/status": CARRY,
    f"PUT {EXTERNAL}/status": CARRY,
    f"POST {ORDER}/cancel": BROWSE,
    f"POST {EXTERNAL}/cancel": BROWSE,
    f"PUT {COMMERCE}/sellers": OFFICE,
    f"GET {COMMERCE}/sellers": BROWSE,
    f"GET {COMMERCE}/sellers/{{cnpj}}": BROWSE,
    f"PUT {CATALOG}/categories": OFFICE,
    f"PUT {CATALOG}/products": OFFICE,
    f"PUT {CATALOG}/skus": OFFICE,
    f"PUT {CATALOG}/prices": OFFICE,
    f"PUT {CATALOG}/stocks": OFFICE,
    f"PUT {CATALOG}/skus/stocks/batch": OFFICE,
    f"GET {CATALOG}/stocks/ledger": STORE,
    f"GET {CATALOG}/batches": STORE,
    f"GET {CATALOG}/batches/{{batch_id}}": STORE,
    f"GET {CATALOG}/batches/{{batch_id}}/errors.csv": STORE,
    f"POST {CATALOG}/categories": OFFICE,
    f"PUT {CATALOG}/categories/{{id_or_code}}": OFFICE,
    f"DELETE {CATALOG}/categories/{{id_or_code}}": OFFICE,
    f"POST {CATALOG}/products": OFFICE,
    f"PUT {CATALOG}/products/{{id_or_code}}": OFFICE,
    f"DELETE {CATALOG}/products/{{id_or_code}}": OFFICE,
    f"POST {CATALOG}/skus": OFFICE,
    f"DELETE {CATALOG}/skus/{{sku}}": OFFICE,
    f"POST {CATALOG}/products/{{id_or_code}}/skus": OFFICE,
    f"PUT {CATALOG}/products/{{id_or_code}}/skus/{{sku}}": OFFICE,
    f"POST {CATALOG}/collections": OFFICE,
    f"PUT {CATALOG}/products/{{id_or_code}}/collections": OFFICE,
    f"GET {CATALOG}/categories": BROWSE,
    f"GET {CATALOG}/categories/tree": BROWSE,
    f"GET {CATALOG}/categories/{{id_or_code}}": BROWSE,
    f"GET {CATALOG}/products": BROWSE,
    f"GET {CATALOG}/products/updated": BROWSE,
    f"GET {CATALOG}/products/skus": BROWSE,
    f"GET {CATALOG}/products/{{id_or_code}}/skus/{{sku}}/stocks": BROWSE,
    f"GET {CATALOG}/productcategories": BROWSE,
    f"GET {CATALOG}/inventory": BROWSE,
    f"GET {CATALOG}/collections": BROWSE,
    f"GET {CATALOG}/products/{{id_or_code}}": BROWSE,
    f"GET {CATALOG}/stocks": BROWSE,
    f"GET {CATALOG}/prices": BROWSE,
    "GET /v1/channels": ADMIN,
    "PUT /v1/channels/{name}": ADMIN,
    "GET /v1/credentials": ADMIN,
    "POST /v1/credentials": ADMIN,
    "DELETE /v1/credentials/{client_id}": ADMIN,
    "GET /v1/events": BROWSE,
    "GET /v1/events/consumers": BROWSE,
    "GET /v1/events/consumers/{name}": BROWSE,
    "PUT /v1/events/consumers/{name}": BROWSE,
    "DELETE /v1/events/consumers/{name}": BROWSE,
    # Their secret is the integration's own: test_omnichat_hooks.
    "GET /hooks/omnichat/{integration_id}/catalog": PUBLIC,
    "POST /hooks/omnichat/{integration_id}/order-checker": PUBLIC,
    "POST /hooks/omnichat/{integration_id}/provision": PUBLIC,
    "POST /hooks/omnichat/{integration_id}/status-change": PUBLIC,
    "POST /hooks/omnichat/{integration_id}/cancellation": PUBLIC,
    "GET /v1/omnichat/integrations": HOUSE,
    "POST /v1/omnichat/integrations": ADMIN,
    "GET /v1/omnichat/integrations/{integration_id}": HOUSE,
    "PATCH /v1/omnichat/integrations/{integration_id}": ADMIN,
    "DELETE /v1/omnichat/integrations/{integration_id}": ADMIN,
    "POST /v1/omnichat/integrations/{integration_id}/secret": ADMIN,
    "GET /v1/omnichat/integrations/{integration_id}/hooks": HOUSE,
    "GET /v1/omnichat/integrations/{integration_id}/attempts": HOUSE,
    "GET /v1/omnichat/integrations/{integration_id}/dead-letters": HOUSE,
    "POST /v1/omnichat/integrations/{integration_id}/dead-letters/replays": ADMIN,
    "GET /v1/webhooks": HOUSE,
    "POST /v1/webhooks": ADMIN,
    "GET /v1/webhooks/{webhook_id}": HOUSE,
    "PATCH /v1/webhooks/{webhook_id}": ADMIN,
    "DELETE /v1/webhooks/{webhook_id}": ADMIN,
    "GET /v1/webhooks/{webhook_id}/attempts": HOUSE,
    "GET /v1/webhooks/{webhook_id}/dead-letters": HOUSE,
    "POST /v1/webhooks/{webhook_id}/dead-letters/replays": ADMIN,
    "POST /v1/webhooks/{webhook_id}/replays": ADMIN,
    "POST /v1/webhooks/{webhook_id}/secret": ADMIN,
    "POST /v1/webhooks/{webhook_id}/test": ADMIN,
    "PUT /v1/freight-tables": OFFICE,
    "GET /v1/freight-tables": OFFICE,
    "GET /v1/freight-tables/{table_id}": OFFICE,
    "POST /v1/freight-tables/{table_id}/restore": OFFICE,
    "GET /v1/freight-carriers": STORE,
    "PUT /v1/freight-carriers/{reference}": OFFICE,
    "GET /v1/freight-rules": STORE,
    "PUT /v1/freight-rules/{code}": OFFICE,
    "DELETE /v1/freight-rules/{code}": OFFICE,
}
"""By method and path (parameters without their type): the roles that may; PUBLIC asks for no token."""


def routes_of(app: ASGIApp) -> Iterator[tuple[str, str]]:
    """Method and path of every route that the server has, Litestar's own OPTIONS aside."""
    while not isinstance(app, Litestar):
        app = app._app  # type: ignore[attr-defined]
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                for method in handler.http_methods - {"OPTIONS"}:
                    yield str(method), re.sub(r":\w+}", "}", route.path_format if "{" in route.path else route.path)


def request_of(route: str) -> tuple[str, str]:
    """A method and an address of the route: of nothing that is there."""
    method, path = route.split()
    guids = re.sub(r"{(table_id|webhook_id)}|(?<={client_id}/){order_id}", str(uuid4()), path)
    return method, re.sub(r"{\w+}", "nothing", guids)


def test_every_route_is_in_the_table(settings: Settings) -> None:
    # The console's people sign in by a form: their roles have tests of their own.
    served = {f"{method} {path}" for method, path in routes_of(create_app(settings)) if not path.startswith("/console")}
    assert sorted(served) == sorted(WHO)


@pytest.mark.parametrize("prefix", ["", "/cp"])
async def test_without_a_good_token(api: Api, prefix: str) -> None:
    tokens = {
        "none": {},
        "no bearer": {"Authorization": "Basic cWFhcHA6eA=="},
        "nonsense": {"Authorization": "Bearer nonsense"},
        "empty": {"Authorization": "Bearer"},
        "unsigned": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJxYWFwcCJ9."},
    }
    for route in (route for route, roles in WHO.items() if roles):
        method, path = request_of(route)
        for name, headers in tokens.items():
            answer = await api.client.request(method, prefix + path, headers=headers, content=b"{}")
            assert answer.status_code == 401, (route, name)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


async def test_each_role(api: Api) -> None:
    wrong = []
    for route, roles in WHO.items():
        method, path = request_of(route)
        for role in Role if roles else ():
            bound = {"carrier": "SEDEX"} if role is Role.CARRIER else {}
            answer = await api.send(method, path, None if method == "GET" else b"{}", role=role, bound=bound)
            allowed = answer.status_code < 500 and answer.status_code not in {401, 403}
            refused = answer.status_code == 403 and answer.json()["code"] == "wrong_role"
            if not (allowed if role in roles else refused):
                wrong.append((route, role.value, answer.status_code))
    assert wrong == []


async def test_what_is_public(api: Api) -> None:
    secret = ("GET /order-files", "GET /hooks", "POST /hooks")
    for route in (route for route, roles in WHO.items() if not roles and not route.startswith(secret)):
        method, path = request_of(route)
        answer = await api.client.request(method, path, content=b"{}" if method == "POST" else None)
        expected = {200} if "{" not in route else {200, 404}
        # Without a credential's pair the two token routes say what is wrong with the request.
        assert answer.status_code in (expected if method == "GET" else {400}), route


async def test_a_token_narrowed_to_reading_or_writing(api: Api) -> None:
    tokens = {scope: await api.new_token(Role.ADMIN, scope=scope) for scope in ("read", "write")}
    for route in (route for route, roles in WHO.items() if roles):
        method, path = request_of(route)
        for scope, headers in tokens.items():
            answer = await api.client.request(method, path, headers=headers, content=None if method == "GET" else b"{}")
            refused = answer.status_code == 403 and answer.json()["code"] == "insufficient_scope"
            assert refused is ((method == "GET") is (scope == "write")), (route, scope, answer.text)


async def test_options_give_nothing_away(client: httpx.AsyncClient) -> None:
    for route in WHO:
        answer = await client.options(request_of(route)[1])
        assert (answer.status_code, answer.content) == (204, b""), route
