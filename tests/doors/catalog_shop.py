"""A small catalogue over HTTP: an ERP that sends it, and short ways to ask."""

from typing import Any

import httpx

from tests.doors.conftest import Headers

CATALOG = "/cp/management/catalog"
SELLERS = "/cp/management/commerce/sellers"
CENTRO, NORTE = "04109169000135", "11222333000181"


class Erp:
    """An ERP's ways to write and read."""

    def __init__(self, client: httpx.AsyncClient, headers: Headers) -> None:
        self.client, self.headers = client, headers

    async def send(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        """A request below the catalogue, or at a whole path."""
        url = path if path.startswith("/") else f"{CATALOG}/{path}"
        return await self.client.request(method, url, json=body, params=params, headers=self.headers)

    async def done(self, method: str, path: str, body: Any = None, *, expect: int = 200, **params: Any) -> Any:
        """The answer of a request that must succeed so."""
        answer = await self.send(method, path, body, **params)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def get(self, path: str, **params: Any) -> Any:
        """What a path answers."""
        return await self.done("GET", path, **params)

    async def batch(self, path: str, *rows: Any) -> None:
        """A batch of which nothing fails."""
        told = await self.done("PUT", path, list(rows), wait="true")
        assert told["failed"] == 0, told

    async def fill(self) -> None:
        """Two stores; a shirt with two SKUs, a cup and a hidden lamp; prices, and some stock."""
        await self.batch(
            SELLERS, {"cnpj": CENTRO, "pointSaleId": "CX1", "name": "A"}, {"cnpj": NORTE, "name": "B", "safetyStock": 2}
        )
        await self.batch("categories", {"code": "TOP", "name": "Top", "children": [{"code": "LOW", "name": "Low"}]})
        shirt = {"code": "SHIRT", "name": "Camisa Açaí", "categories": [{"code": "LOW"}], "skus": [SHIRT_P, SHIRT_M]}
        cup = {"code": "CUP", "name": "Caneca", "categories": [{"code": "TOP"}], "skus": [{"code": "CUP-1"}]}
        await self.batch("products", shirt, cup, {"code": "LAMP", "name": "Lampada", "isActive": False})
        await self.batch("prices", {"Price": 10, "ProductCode": "SHIRT"}, {"Price": 5, "ProductCode": "CUP"})
        counts = [("SHIRT-P", CENTRO, 5), ("SHIRT-P", NORTE, 3), ("SHIRT-M", CENTRO, 0), ("CUP-1", NORTE, 4)]
        await self.batch("stocks", *({"SkuCode": sku, "SellerCode": s, "Quantity": n} for sku, s, n in counts))


SHIRT_P = {"code": "SHIRT-P", "name": "Camisa P", "barcode": "789", "minStock": 2}
SHIRT_M = {"code": "SHIRT-M", "name": "Camisa M"}
