"""The pages say what the code does: every route, setting, command and status, and no others."""

import re
from typing import cast

import pytest
import write_docs
from lifecycle_picture import draw

from balcao.base.db import Database
from balcao.base.settings import FIELDS, Settings
from balcao.cli import COMMANDS
from balcao.doors.v1 import routes as v1_routes
from balcao.server import DOORS
from balcao.worker import jobs_of, schedules_of
from tests.house.source import ROOT, text_files
from tests.house.waivers import hold

PAGES = {
    "api.md": "routes",
    "settings.md": "settings",
    "commands.md": "commands",
    "lifecycle.md": "moves",
    "console.md": "pages",
}
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_as_the_code_is(page: str) -> None:
    assert f"<!-- made from the code: {PAGES[page]} -->" in _page(page)
    assert write_docs.rewrite(_page(page)) == _page(page), "run `make docs`"


def test_every_route_is_documented() -> None:
    assert len(DOORS) > len(v1_routes) > 0
    rows = {match[1] for match in re.finditer(r"^\| `(\w+ [^`]+)` \|", _page("api.md"), re.MULTILINE)}
    served = {
        f"{method} {write_docs.plain_path(path)}"
        for handler in DOORS
        for method in handler.http_methods
        for path in handler.paths
    }
    assert rows == served


def test_every_route_says_what_it_does_in_a_sentence() -> None:
    hold("routes described", (str(handler) for handler in DOORS if not (handler.fn.__doc__ or "").strip()))


def test_every_setting_is_documented_and_read() -> None:
    assert [field.name for field in FIELDS] == list(Settings.__struct_fields__)
    rows = re.findall(r"^\| `(\w+)` \|", _page("settings.md"), re.MULTILINE)
    assert rows == [field.variable for field in FIELDS]


def test_no_variable_is_read_past_the_settings() -> None:
    known = {field.variable for field in FIELDS} | {
        "BALCAO_TEST_DATABASE_URL",
        "BALCAO_TEST_KILLS",
        "BALCAO_TEST_OMNICHAT",
    }
    found = {
        f"{path}: {name}": ""
        for path, text in text_files().items()
        if not path.startswith("tests/")
        for name in re.findall(r"\bBALCAO_[A-Z_]+[A-Z]\b", text)
        if name not in known
    }
    hold("variables documented", found)


def test_every_command_is_documented() -> None:
    titles = re.findall(r"^### `balcao ([a-z-]+)", _page("commands.md"), re.MULTILINE)
    assert list(dict.fromkeys(titles)) == list(COMMANDS)


def test_every_job_is_documented() -> None:
    # Only named here, never run: a job needs its database when it is due.
    nowhere = cast("Database", None)
    jobs = {job.name for job in jobs_of(nowhere)} | {due.name for due in schedules_of(nowhere)}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", _page("operating.md"), re.MULTILINE)) == jobs


def test_lifecycle_picture_is_drawn_from_the_table() -> None:
    assert write_docs.PICTURE.read_text(encoding="utf-8") == draw(), "run `make docs`"


def test_links_between_pages_lead_somewhere() -> None:
    broken = {
        f"{path}: {target}": ""
        for path, text in text_files().items()
        if path.endswith(".md")
        for target in _LINK.findall(text)
        if not ((ROOT / path).parent / target).exists()
    }
    hold("links", broken)


def test_files_that_pages_name_are_there() -> None:
    gone = {
        f"{path}: {name}": ""
        for path, text in text_files().items()
        if path.endswith(".md")
        for name in re.findall(r"`((?:src|tests|tools|docs)/[\w./-]+)`", text)
        if not (ROOT / name).exists()
    }
    hold("files named in pages", gone)
