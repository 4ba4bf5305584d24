"""Products' pictures: fetched once, small, and nothing else than pictures."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web
from PIL import Image

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings, settings_env
from balcao.base.values import Tenant
from balcao.doors.console.pictures import letters
from balcao.partners.pictures import shrink
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from tests.doors.catalog_shop import SHIRT_P, Erp
from tests.doors.conftest import MakeToken, Sit
from tests.receiver import Receiver, receiving
from tests.staff import Staff

NOBODY = "00000000-0000-0000-0000-000000000000"
PNG = "image/png"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Calls may go to this machine, unless a test says otherwise."""
    private = getattr(request, "param", "true")
    return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": private})


@pytest.fixture
async def host() -> AsyncIterator[Receiver]:
    """Where pictures lie."""
    async with receiving() as receiver:
        receiver.answering = lambda _: web.Response(body=drawn(400, 200), content_type=PNG)
        yield receiver


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken, worker: None, host: Receiver) -> Erp:
    """A shirt with a picture, of which one SKU has a picture of its own; the cup has none."""
    made = Erp(client, await token(Role.ERP))
    await made.fill()
    own = SHIRT_P | {"images": [{"order": 1, "imageUrl": f"{host.url}/sku.png"}]}
    images = [{"order": 1, "imageUrl": f"{host.url}/shirt.png"}]
    await made.batch("products", {"code": "SHIRT", "name": "Camisa Açaí", "images": images, "skus": [own]})
    return made


def drawn(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, kind)
    return out.getvalue()


async def id_of(db: Database, table: str, code: str) -> str:
    async with db.read() as tx:
        return str(await tx.fetchval(f"SELECT {table}_id FROM {table} WHERE code = $1", code))  # noqa: S608


async def shown(staff: Staff, thing_id: str) -> httpx.Response:
    answer = await staff.get(f"/console/pictures/{thing_id}")
    assert answer.status_code == 200
    return answer


async def test_a_picture_is_fetched_once_and_small(
    sit: Sit, erp: Erp, host: Receiver, tenant: Tenant, db: Database
) -> None:
    staff = await sit(tenant)
    answers = [await shown(staff, await id_of(db, "sku", code)) for code in ("SHIRT-P", "SHIRT-M", "SHIRT-P")]
    answers.append(await shown(staff, await id_of(db, "product", "SHIRT")))
    for answer in answers:
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "private, max-age=86400"
        assert Image.open(io.BytesIO(answer.content)).size == (96, 48)
    assert [got.path for got in host.got] == ["/sku.png", "/shirt.png"]
    assert "cookie" not in host.got[0].headers


async def test_letters_where_there_is_none(sit: Sit, erp: Erp, host: Receiver, tenant: Tenant, db: Database) -> None:
    staff = await sit(tenant)
    cup = await shown(staff, await id_of(db, "sku", "CUP-1"))
    assert cup.headers["content-type"] == "image/svg+xml"
    assert ">C<" in cup.text
    assert host.got == []


@pytest.mark.parametrize(
    "answer",
    [
        {"body": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "content_type": "image/svg+xml"},
        {"body": b"<html>", "content_type": PNG},
        {"body": drawn(9, 9)[:40], "content_type": PNG},
        {"body": drawn(9, 9, "BMP"), "content_type": PNG},
        {"status": 404},
        {"status": 302, "headers": {"Location": "/other.png"}},
        {"body": b"\0" * (8 * 1024 * 1024 + 1), "content_type": PNG},
    ],
    ids=["svg", "html", "cut", "bmp", "gone", "elsewhere", "huge"],
)
async def test_what_is_no_picture_is_not_shown(
    sit: Sit, erp: Erp, host: Receiver, tenant: Tenant, db: Database, answer: dict[str, object]
) -> None:
    host.answering = lambda _: web.Response(**answer)  # type: ignore[arg-type]
    staff, shirt = await sit(tenant), await id_of(db, "product", "SHIRT")
    for _ in range(2):
        told = await shown(staff, shirt)
        assert (told.headers["content-type"], ">CA<" in told.text) == ("image/svg+xml", True)
    assert len(host.got) == 1, "an address without a picture is left in peace for a while"


@pytest.mark.parametrize("settings", ["false"], indirect=True)
async def test_no_private_address_is_called(sit: Sit, erp: Erp, host: Receiver, tenant: Tenant, db: Database) -> None:
    told = await shown(await sit(tenant), await id_of(db, "product", "SHIRT"))
    assert told.headers["content-type"] == "image/svg+xml"
    assert host.got == []


async def test_for_who_works_there(sit: Sit, erp: Erp, client: httpx.AsyncClient, tenant: Tenant, db: Database) -> None:
    shirt = await id_of(db, "product", "SHIRT")
    stranger = await client.get(f"/console/pictures/{shirt}", follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"]) == (
        303,
        f"/console/login?next=/console/pictures/{shirt}",
    )
    async with db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    theirs = await sit(other)
    for path in (shirt, NOBODY, "x"):
        assert (await theirs.get(f"/console/pictures/{path}")).status_code == 404


def test_letters_are_no_markup() -> None:
    assert b">&lt;A<" not in letters("<b> A")
    assert b">A<" in letters("<b> A")
    assert b">?<" in letters("<script>")
    assert "ÇÃ".encode() in letters("çedilha ãngulo")
    assert letters("") == letters("")


def test_pictures_of_too_many_pixels_are_not_opened() -> None:
    assert shrink(drawn(10_000, 6_000)) is None
    assert shrink(drawn(3_000, 2_000, "JPEG")) is not None
    assert shrink(b"") is None
