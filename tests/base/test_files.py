"""The file store: what is put is got, and nothing outside is reached."""

import asyncio
from pathlib import Path

import pytest

from balcao.base.errors import Invalid, NotFound
from balcao.base.files import File, Files, content_type_of, is_safe


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "São José" / "files"


@pytest.fixture
def files(root: Path) -> Files:
    return Files(root.as_uri())


async def test_what_is_put_is_got(files: Files, root: Path) -> None:
    await files.put("qaapp/0192/xml_123.xml", b"<nfe/>\x00\xff")
    assert await files.get("qaapp/0192/xml_123.xml") == File(b"<nfe/>\x00\xff", "application/xml")
    assert await files.exists("qaapp/0192/xml_123.xml")
    assert (root / "qaapp/0192/xml_123.xml").read_bytes() == b"<nfe/>\x00\xff"


async def test_the_last_one_put_counts(files: Files) -> None:
    for content in (b"a" * 1000, b"", b"b"):
        await files.put("a.pdf", content)
        assert (await files.get("a.pdf")).content == content


async def test_what_is_not_there(files: Files) -> None:
    assert not await files.exists("a/b.pdf")
    with pytest.raises(NotFound):
        await files.get("a/b.pdf")
    await files.delete("a/b.pdf")


async def test_what_is_deleted_is_gone(files: Files) -> None:
    await files.put("a.pdf", b"a")
    await files.delete("a.pdf")
    assert not await files.exists("a.pdf")


UNSAFE = [
    "",
    "/",
    "/etc/passwd",
    "../a",
    "a/../b",
    "a/..",
    "a//b",
    "a/",
    "./a",
    ".hidden",
    "a/.b",
    "a\\b",
    "a b",
    "á",
    "a\0b",
    "a\n",
    "%2e%2e/a",
    "C:/a",
    "~/a",
    "a" * 513,
]


@pytest.mark.parametrize("path", UNSAFE)
async def test_unsafe_paths(files: Files, root: Path, path: str) -> None:
    (root.parent / "a").write_bytes(b"outside")
    assert not is_safe(path)
    with pytest.raises(NotFound):
        await files.get(path)
    for act in (files.put(path, b"x"), files.exists(path), files.delete(path)):
        with pytest.raises(ValueError, match="not a path of the file store"):
            await act
    assert sorted(one.name for one in root.parent.rglob("*")) == ["a", "files"]
    assert (root.parent / "a").read_bytes() == b"outside"


async def test_a_reader_never_sees_half_a_file(files: Files) -> None:
    one, two = b"a" * 2_000_000, b"b" * 2_000_000
    await files.put("a.pdf", one)
    writing = asyncio.gather(*(files.put("a.pdf", content) for content in (two, one) * 10))
    while not writing.done():
        assert (await files.get("a.pdf")).content in (one, two)
    await writing


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("a.pdf", "application/pdf"),
        ("a.PNG", "image/png"),
        ("label_1.zpl", "application/zpl"),
        ("a.xml", "application/xml"),
        ("a", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("a.exe", "application/octet-stream"),
    ],
)
def test_content_types(path: str, content_type: str) -> None:
    assert content_type_of(path) == content_type


def test_stores_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for url in ((tmp_path / "file" / "under").as_uri(), "ftp://host/a", "relative"):
        with pytest.raises(Invalid) as refused:
            Files(url)
        assert list(refused.value.errors) == ["BALCAO_FILES_URL"]
