"""The small shop of the verbs' tests, over HTTP: what its partners send, and short ways to do it."""

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx

from balcao.base.now import now_us
from balcao.fiscal.nfe import read_nfe
from balcao.fiscal.sample import SampleItem
from balcao.tenants.credentials import CreateCredential, create_credential
from balcao.tenants.rules import Role
from tests.rules.nfe_samples import make_nfe
from tests.verbs.shop import STORE, Shop

COMMERCE = "/cp/management/commerce"
ORDERS = f"{COMMERCE}/orders"
EXTERNAL = f"{ORDERS}/external"

ADDRESS: Mapping[str, Any] = {
    "ZipCode": "04321130",
    "Street": "Rua Farjalla Koraicho",
    "Number": "654",
    "Neighborhood": "Vila Parque Jabaquara",
    "City": "São Paulo",
    "State": "SP",
}
EXAMPLE: Mapping[str, Any] = {
    "ClientId": "qaapp",
    "Channel": "ecommerce",
    "ExternalId": "NEOMODE-1",
    "Seller": {"Cnpj": STORE},
    "Buyer": {
        "Cpf": "55570403906",
        "Email": "[email protected]",
        "FullName": "Implantacao Neomode",
        "PhoneNumber": "41999999999",
        "Address": ADDRESS,
    },
    "DeliveryAddress": ADDRESS,
    "Items": [{"SkuCode": "1", "ProductCode": "1", "Quantity": 1, "UnitPrice": 19.9, "DiscountPrice": 10}],
    "IsDelivery": True,
    "Freight": {
        "Amount": 1.1,
        "DeliveryTime": 1,
        "Reference": "SEDEX",
        "Description": "SEDEX",
        "CalculationKey": None,
    },
    "PaymentList": [{"Amount": 21, "PaymentMethod": {"Type": 7}}],
}
"""The reference's own example request, to the letter."""

_numbers = count(1)
_notes = count(1)


def sent(**over: Any) -> dict[str, Any]:
    """The example under an external id of its own, with some members replaced; `...` takes one out.

    `Buyer__Cpf=…` reaches inside.
    """
    body: dict[str, Any] = json.loads(json.dumps(EXAMPLE)) | {"ExternalId": f"NEOMODE-S{next(_numbers)}"}
    for name, value in over.items():
        *way, last = name.split("__")
        inner: Any = body
        for step in way:
            inner = inner[step]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return body


def lines(**quantities: int) -> list[dict[str, Any]]:
    """Lines at 10 BRL without discount: `lines(s1=2, s2=1)` are two of SKU 1 and one of SKU 2."""
    return [
        {"SkuCode": name.removeprefix("s"), "ProductCode": "1", "Quantity": n, "UnitPrice": 10, "DiscountPrice": 0}
        for name, n in quantities.items()
    ]


def nfe(total: str = "11.00", *, issuer: str = STORE, number: int | None = None, **more: Any) -> bytes:
    """An NF-e of one thing for so much, of a number of its own."""
    item = SampleItem(code="1", description="Camiseta", quantity=1, unit_price=Decimal(total))
    return make_nfe(issuer_cnpj=issuer, number=number or next(_notes), items=[item], **more)


def key_of(xml: bytes) -> str:
    """The access key of an NF-e."""
    return read_nfe(xml).access_key


def b64(content: bytes) -> str:
    """In Base64."""
    return base64.b64encode(content).decode()


def path_of(*segments: object) -> str:
    """A path under the orders, each segment percent-encoded."""
    return "/".join([ORDERS, *(quote(str(segment), safe="") for segment in segments)])


class Api:
    """A shop's server, and credentials of every kind for it."""

    def __init__(self, client: httpx.AsyncClient, shop: Shop) -> None:
        self.client, self.shop, self.db = client, shop, shop.db
        self._tokens: dict[Any, dict[str, str]] = {}

    async def token(self, role: Role = Role.ADMIN, **bound: Any) -> dict[str, str]:
        """The headers of a token, an administrator's unless told; asked for once."""
        kind = (role, *sorted(bound.items()))
        if kind not in self._tokens:
            self._tokens[kind] = await self.new_token(role, **bound)
        return self._tokens[kind]

    async def new_token(self, role: Role, *, scope: str = "lori", **bound: Any) -> dict[str, str]:
        """The headers of a new credential's token, asked for over HTTP."""
        cmd = CreateCredential(tenant=self.shop.tenant, role=role, actor="test", **bound)
        async with self.db.transaction() as tx:
            caller, secret = await create_credential(tx, cmd, now_us())
        form = {"grant_type": "client_credentials", "scope": scope}
        answer = await self.client.post("/oauth/token", data=form, auth=(caller.client_id, secret))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def send(
        self, method: str, path: str, body: Any = None, *, role: Role = Role.ADMIN, bound: Any = None, **more: Any
    ) -> httpx.Response:
        """Send a request in a role; the body as JSON (`bytes` as they are)."""
        headers = {**await self.token(role, **(bound or {})), **more.pop("headers", {})}
        if isinstance(body, bytes):
            more["content"] = body
        elif body is not None:
            more["json"] = body
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Read something."""
        return await self.send("GET", path, **more)

    async def put(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Change something."""
        return await self.send("PUT", path, body, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Make something."""
        return await self.send("POST", path, body, **more)

    async def place(self, body: Any = None, **more: Any) -> httpx.Response:
        """Send an order (a new one unless told) as a channel does."""
        return await self.post(EXTERNAL, sent() if body is None else body, **({"role": Role.CHANNEL} | more))

    async def placed(self, **over: Any) -> str:
        """A new order's id."""
        answer = await self.place(sent(**over))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def paid(self, **over: Any) -> str:
        """A new, paid order's id."""
        order_id = await self.placed(**over)
        total = (await self.order(order_id))["totalAmount"]
        await self.done("PUT", path_of(order_id, "payment"), {"nsu": "1", "amount": total})
        return order_id

    async def invoiced(self, **over: Any) -> str:
        """The id of a new order whose invoice (its facts alone, of the whole total) is attached."""
        order_id = await self.paid(**over)
        total = (await self.order(order_id))["totalAmount"]
        facts = {"key": key_of(nfe()), "number": next(_notes), "serieNumber": 1, "totalAmount": total}
        await self.done("PUT", path_of(order_id, "invoicedetails"), facts)
        return order_id

    async def shipped(self, **over: Any) -> str:
        """The id of a new order that is on its way."""
        order_id = await self.invoiced(**over)
        await self.done("PUT", path_of(order_id, "trackingdetails"), {"trackingCode": "BR1"})
        return order_id

    async def done(self, method: str, path: str, body: Any = None, **more: Any) -> None:
        """Send a change that must be answered with an empty 204."""
        answer = await self.send(method, path, body, **more)
        assert (answer.status_code, answer.content) == (204, b""), answer.text

    async def order(self, order_id: str, **more: Any) -> dict[str, Any]:
        """The order's full body."""
        answer = await self.get(path_of(order_id), **more)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def value(self, query: str, *arguments: Any) -> Any:
        """One value out of the database."""
        async with self.db.read() as tx:
            return await tx.fetchval(query, *arguments)
