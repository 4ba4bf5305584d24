"""`Idempotency-Key`: one request, one effect, one answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from litestar import Response, delete, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery, JSONBody

from balcao import server
from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError, Conflict
from balcao.base.settings import Settings
from balcao.doors import neomode
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.wire import Wire, WireResponse
from balcao.tenants.channels import set_channel
from balcao.tenants.rules import Channel, Role
from tests.doors.conftest import MakeToken, serving

ERP = roles(Role.ERP)


async def _add(tx: Tx, door: Door, name: str) -> None:
    await set_channel(tx, door.tenant, Channel(name=name), actor=door.caller.client_id, now=door.now)


class Named(Wire, kw_only=True):
    name: str


@post("/add", opt=ERP)
async def add(door: Door, data: JSONBody[Named], fail: FromQuery[str] = "") -> Response[Any]:
    async def work(tx: Tx) -> Response[Any] | BalcaoError:
        await _add(tx, door, data.name)
        if fail == "raised":
            raise Conflict("raised")
        if fail == "returned":
            return Conflict("returned")
        return WireResponse({"name": data.name, "at": door.now}, headers={"Location": "/added"})

    return await door.write(work)


@post("/upload", opt=ERP, status_code=202)
async def upload(
    door: Door, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Response[Any]:
    content = await data.read()

    async def work(tx: Tx) -> Response[Any]:
        await _add(tx, door, f"{len(content)} bytes")
        return Response(content[:3], media_type="application/pdf")

    return await door.write(work)


@delete("/remove", opt=ERP)
async def remove(door: Door) -> Response[None]:
    async def work(tx: Tx) -> Response[None]:
        await _add(tx, door, "removed")
        return Response(None)

    return await door.write(work)


@pytest.fixture
async def client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with these routes."""
    monkeypatch.setattr(server, "DOORS", (*neomode.auth.routes, add, upload, remove))
    async with serving(settings) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def added(db: Database) -> list[str]:
    async with db.read() as tx:
        rows = await tx.fetch("SELECT channel FROM channel WHERE channel <> 'ecommerce' ORDER BY 1")
        assert await tx.fetchval("SELECT count(*) FROM event WHERE type = 'channel.changed'") == len(rows) + 1
    return [row["channel"] for row in rows]


async def kept(db: Database) -> int:
    async with db.read() as tx:
        count: int = await tx.fetchval("SELECT count(*) FROM idempotency")
    return count


def same(one: httpx.Response, two: httpx.Response) -> bool:
    names = ("content-type", "location", "content-length")
    return (one.status_code, one.content, *map(one.headers.get, names)) == (
        two.status_code,
        two.content,
        *map(two.headers.get, names),
    )


class TestReplay:
    async def test_the_same_request_gets_the_same_answer(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database
    ) -> None:
        headers = await token(Role.ERP) | {"Idempotency-Key": "k-1"}
        first = await client.post("/add", json={"name": "a"}, headers=headers)
        assert (first.status_code, first.json()["name"], first.headers["location"]) == (201, "a", "/added")
        assert "idempotent-replayed" not in first.headers
        for prefix in ("", "/cp"):
            again = await client.post(f"{prefix}/add", json={"name": "a"}, headers=headers)
            assert again.headers["idempotent-replayed"] == "true"
            assert same(first, again)
        assert await added(db) == ["a"]
        assert await kept(db) == 1

    async def test_another_request_under_the_key_is_refused(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database
    ) -> None:
        headers = await token(Role.ERP) | {"Idempotency-Key": "k-1"}
        assert (await client.post("/add", json={"name": "a"}, headers=headers)).status_code == 201
        others = [
            client.post("/add", json={"name": "b"}, headers=headers),
            client.post("/add", content=b'{"name": "a" }', headers=headers),
            client.post("/add?fail=no", json={"name": "a"}, headers=headers),
            client.delete("/remove", headers=headers),
            client.post("/upload", files={"data": b"abc"}, headers=headers),
        ]
        for other in await asyncio.gather(*others):
            assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
        assert await added(db) == ["a"]

    async def test_a_key_is_its_credentials(self, client: httpx.AsyncClient, token: MakeToken, db: Database) -> None:
        key = {"Idempotency-Key": "k-1"}
        one, two = await token(Role.ERP), await token(Role.ERP)
        assert (await client.post("/add", json={"name": "a"}, headers=one | key)).status_code == 201
        assert (await client.post("/add", json={"name": "b"}, headers=two | key)).status_code == 201
        assert await added(db) == ["a", "b"]

    async def test_without_a_key_nothing_is_kept(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database
    ) -> None:
        headers = await token(Role.ERP)
        assert (await client.post("/add", json={"name": "a"}, headers=headers)).status_code == 201
        assert await kept(db) == 0

    async def test_no_content_and_files_are_replayed_too(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database
    ) -> None:
        headers = await token(Role.ERP)
        gone = [await client.delete("/remove", headers=headers | {"Idempotency-Key": "1"}) for _ in range(2)]
        assert [answer.status_code for answer in gone] == [204, 204]
        assert [answer.headers.get("idempotent-replayed") for answer in gone] == [None, "true"]
        boundary = {"Content-Type": "multipart/form-data; boundary=b"}
        body = b'--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n\xff\x00%s\r\n--b--\r\n' % (
            b"x" * 300_000
        )
        sent = [
            await client.post("/upload", content=body, headers=headers | boundary | {"Idempotency-Key": "2"})
            for _ in range(2)
        ]
        assert [answer.status_code for answer in sent] == [202, 202]
        assert [answer.headers.get("idempotent-replayed") for answer in sent] == [None, "true"]
        assert (sent[1].content, sent[1].headers["content-type"]) == (b"\xff\x00x", "application/pdf")
        assert same(*sent)
        other = await client.post(
            "/upload", content=body.replace(b"x\r\n", b"y\r\n"), headers=headers | boundary | {"Idempotency-Key": "2"}
        )
        assert other.status_code == 409
        assert await added(db) == ["300002 bytes", "removed"]


class TestRefusals:
    @pytest.mark.parametrize(("fail", "left"), [("raised", []), ("returned", ["a"])])
    async def test_a_refusal_is_not_kept(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database, fail: str, left: list[str]
    ) -> None:
        headers = await token(Role.ERP) | {"Idempotency-Key": "k-1"}
        refused = await client.post(f"/add?fail={fail}", json={"name": "a"}, headers=headers)
        assert (refused.status_code, refused.json()["detail"]) == (409, fail)
        assert await added(db) == left
        assert await kept(db) == 0
        accepted = await client.post("/add", json={"name": "b"}, headers=headers)
        assert accepted.status_code == 201
        assert await added(db) == [*left, "b"]

    @pytest.mark.parametrize("key", [b"", b"a" * 256, b"\xe1", b"a\tb"])
    async def test_bad_keys(self, client: httpx.AsyncClient, token: MakeToken, db: Database, key: bytes) -> None:
        headers: Any = [*(await token(Role.ERP)).items(), ("Idempotency-Key", key)]
        refused = await client.post("/add", json={"name": "a"}, headers=headers)
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["Idempotency-Key"])
        assert await added(db) == []


class TestAtOnce:
    async def test_fifty_at_once_write_once(self, client: httpx.AsyncClient, token: MakeToken, db: Database) -> None:
        headers = await token(Role.ERP) | {"Idempotency-Key": "k-1"}
        answers = await asyncio.gather(*(client.post("/add", json={"name": "a"}, headers=headers) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
        assert await added(db) == ["a"]
        assert await kept(db) == 1

    async def test_fifty_different_ones_at_once_let_one_through(
        self, client: httpx.AsyncClient, token: MakeToken, db: Database
    ) -> None:
        headers = await token(Role.ERP) | {"Idempotency-Key": "k-1"}
        answers = await asyncio.gather(
            *(client.post("/add", json={"name": str(n)}, headers=headers) for n in range(50))
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
        assert len(await added(db)) == 1
