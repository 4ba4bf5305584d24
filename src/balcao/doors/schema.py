"""The API's own documentation: OpenAPI 3.1 under `/schema`, and a page to read and try it that needs no internet.

The page is Swagger UI, whose files come in the package `drf-spectacular-sidecar`. Nothing on it is inline, so it works
under the strict content security policy that it is served with.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, Router, get
from litestar.datastructures import ResponseHeader
from litestar.exceptions import ImproperlyConfiguredException, NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import (
    Components,
    OAuthFlow,
    OAuthFlows,
    OpenAPIResponse,
    Operation,
    SecurityScheme,
    Server,
    Tag,
)
from litestar.params import FromPath
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from balcao.doors.guard import PUBLIC
from balcao.tenants.rules import LORI, Scope

PATH: Final = "/schema"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline; `data:` only for the small pictures inside Swagger UI's style sheet."""

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Balcão API</title>
<link rel="icon" type="image/png" href="{PATH}/assets/favicon-32x32.png">
<link rel="stylesheet" href="{PATH}/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the description itself is at <a href="{PATH}/openapi.json">openapi.json</a>.
</noscript>
<script src="{PATH}/assets/swagger-ui-bundle.js"></script>
<script src="{PATH}/assets/init.js"></script>
</body>
</html>
"""
_INIT = f"""SwaggerUIBundle({{
  url: "{PATH}/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
}});
"""


def openapi_config(version: str, *, tags: Sequence[Tag] = ()) -> OpenAPIConfig:
    """What `Litestar(openapi_config=…)` takes: the description at `/schema/openapi.json` and `.yaml`, the page at
    `/schema`, and how to get in."""
    return OpenAPIConfig(
        title="Balcão",
        version=version,
        summary="An open-source order management system for omnichannel retail in Brazil.",
        description=(
            "Member names in requests are matched in any casing and unknown ones are ignored. Every address also works "
            "under `/cp`. Refusals are RFC 9457 problems."
        ),
        servers=[Server(url="/"), Server(url="/cp", description="The same, as partners know it.")],
        tags=list(tags) or None,
        components=Components(security_schemes={**_bearer(), **_oauth2()}),
        security=[{"bearer": []}, {"oauth2": []}],
        use_handler_docstrings=True,
        openapi_router=Router(
            PATH,
            route_handlers=[],
            include_in_schema=False,
            dto=None,
            return_dto=None,
            opt=PUBLIC,
            response_headers=[
                ResponseHeader(name="Content-Security-Policy", value=POLICY),
                ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
            ],
        ),
        render_plugins=[SwaggerPage(), JsonRenderPlugin(), YamlRenderPlugin()],
    )


class SwaggerPage(OpenAPIRenderPlugin):
    """The page and its files."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """The same page for everybody: the description is loaded by it."""
        return _PAGE.encode()

    def receive_router(self, router: Router) -> None:
        """Serve the files beside the page."""
        router.register(serve_asset)


@dataclass
class DocumentedOperation(Operation):
    """An operation whose 204 has no content, whatever the handler's annotation is."""

    def __post_init__(self) -> None:
        """After Litestar filled it."""
        answer = (self.responses or {}).get("204")
        if isinstance(answer, OpenAPIResponse):
            answer.content = None


class SchemaPlugin(ReceiveRoutePlugin):
    """Documents the routes that need no token as such, and answers without content."""

    def receive_route(self, route: BaseRoute) -> None:
        """An empty requirement means: nothing is asked (OpenAPI 3.1, Operation Object)."""
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("public") is True and handler.security is None:
                handler.security = [{}]
            if handler.operation_class is Operation:
                handler.operation_class = DocumentedOperation


@get("/assets/{name:str}", media_type="application/octet-stream", sync_to_thread=True)
def serve_asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """One of the page's few files, compressed for whoever takes it."""
    if name == "init.js":
        return Response(_INIT.encode(), media_type="text/javascript")
    if name not in _ASSETS:
        raise NotFoundException
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(_asset(name, zipped=zipped), media_type=_ASSETS[name], headers=headers)


@cache
def _asset(name: str, *, zipped: bool) -> bytes:
    content = (_folder() / name).read_bytes()
    return gzip.compress(content, 6, mtime=0) if zipped else content


def _folder() -> Path:
    # The package is a Django application: importing it would import Django, finding it does not.
    spec = find_spec("drf_spectacular_sidecar")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfiguredException("The package drf-spectacular-sidecar is not installed.")
    return Path(spec.submodule_search_locations[0], "static", "drf_spectacular_sidecar", "swagger-ui-dist")


def _bearer() -> dict[str, SecurityScheme]:
    return {
        "bearer": SecurityScheme(
            type="http",
            scheme="bearer",
            bearer_format="JWT",
            description="The `access_token` of `POST /auth/token/anonymous` or `POST /oauth/token`.",
        )
    }


def _oauth2() -> dict[str, SecurityScheme]:
    scopes = {LORI: "Everything the credential may do.", **{scope.value: _SCOPES[scope] for scope in Scope}}
    flows = OAuthFlows(client_credentials=OAuthFlow(token_url="/oauth/token", scopes=scopes))  # noqa: S106 - an address
    return {"oauth2": SecurityScheme(type="oauth2", flows=flows)}


_SCOPES = {Scope.READ: "Only reading.", Scope.WRITE: "Only writing."}
