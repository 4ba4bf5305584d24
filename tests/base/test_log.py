"""The log: one JSON object a line, whoever speaks, without secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from balcao.base.log import frequent_lines, set_up_logging

Stderr = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    set_up_logging(level="info", log_format="console")  # no lines of its own for what is frequent
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_every_line_is_json(capsys: Stderr) -> None:
    set_up_logging(level="info", log_format="json")
    structlog.get_logger("balcao").info("request", route="/á", status=200)
    logging.getLogger("somewhere").warning("library %s\nsays", "x")
    structlog.get_logger("balcao").debug("not said")
    structlog.get_logger("balcao").error("failed", exc_info=ValueError("oh"))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for line in lines:
        assert line.pop("timestamp").endswith("Z")
    failed = lines.pop()
    assert lines == [
        {"event": "request", "level": "info", "route": "/á", "status": 200},
        {"event": "library x\nsays", "level": "warning"},
    ]
    assert (failed["event"], failed["exception"]) == ("failed", "ValueError: oh")


@pytest.mark.parametrize("name", ["authorization", "client_secret", "clientSecret", "Password", "cpf", "email"])
def test_secrets_are_masked(capsys: Stderr, name: str) -> None:
    set_up_logging(level="info", log_format="json")
    structlog.get_logger("balcao").info("said", **{name: "hunter2", "other": "fine"})
    line = json.loads(capsys.readouterr().err)
    assert (line[name], line["other"]) == ("***", "fine")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_values(capsys: Stderr, log_format: str) -> None:
    set_up_logging(level="info", log_format=log_format)

    def enter(secret: str) -> None:
        raise ValueError("wrong")

    try:
        enter("".join(["hunt", "er2"]))
    except ValueError as error:
        structlog.get_logger("balcao").error("failed", exc_info=error)
    said = capsys.readouterr().err
    assert "ValueError: wrong" in said
    assert "hunter2" not in said


def test_a_console_is_for_people(capsys: Stderr) -> None:
    set_up_logging(level="warning", log_format="console")
    structlog.get_logger("balcao").info("not said")
    structlog.get_logger("balcao").warning("said", status=200)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("said                           status=200")


def test_what_is_frequent_has_its_own_way_only_as_json() -> None:
    set_up_logging(level="info", log_format="console")
    assert frequent_lines() is None
    set_up_logging(level="warning", log_format="json")
    assert frequent_lines() is None
    set_up_logging(level="info", log_format="json")
    assert frequent_lines() is not None
