"""Words that no file of the project may hold."""

import re

import pytest

from tests.house.source import text_files
from tests.house.waivers import hold

REGISTRIES = (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"),
    ("crates", "io"), ("rubygems", "org"), ("proxy", "golang", "org"),
)  # fmt: skip
"""In pieces, or this file would hold them. Which registry serves a machine is that machine's own business."""
LEFT = ("ODOT", "EMXIF", "KCAH")
"""Backwards, for the same reason."""


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


RULES = {
    "no registry's address": _any_of(*(re.escape(".".join(parts)) for parts in REGISTRIES), r"(?:extra-|-)index-?url"),
    "no path of somebody's machine": re.compile(r"(?<![\w.])/(?:root|home|Users|work|mnt)/\w"),
    "nothing left to do": re.compile(rf"\b(?:{'|'.join(word[::-1] for word in LEFT)}|X{{3}})\b"),
    "no key or password": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b"),
}


@pytest.mark.parametrize("rule", RULES)
def test_words(rule: str) -> None:
    files = text_files()
    assert len(files) > 100
    assert {"Makefile", "pyproject.toml", "README.md"} <= files.keys()
    hold(rule, {path: match.group() for path, text in files.items() if (match := RULES[rule].search(text))})


def test_files_are_plain_lines() -> None:
    files = {path: text for path, text in text_files().items() if text}
    hold("plain lines", (path for path, text in files.items() if not text.endswith("\n") or "\r" in text))
