"""What is installed is what is written down: every package pinned, under its name alone."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT
from tests.house.waivers import hold

PINS = ROOT / "constraints.txt"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.+!]*)")


def _pins() -> dict[str, str]:
    lines = [line for line in PINS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = [_PIN.fullmatch(line) for line in lines]
    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def _asked_for() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(each for e in extras for each in e),
    ]
    return [Requirement(text) for text in asked]


def test_pins_are_sorted_and_unique() -> None:
    names = [line.partition("==")[0] for line in PINS.read_text(encoding="utf-8").splitlines() if "==" in line]
    assert names == sorted(set(names), key=str.lower)


def test_every_dependency_is_pinned_within_what_is_asked_for() -> None:
    pins = _pins()
    wrong = {
        asked.name: f"{asked.specifier} asked for, {pins.get(canonicalize_name(asked.name), 'nothing')} pinned"
        for asked in _asked_for()
        if not asked.specifier.contains(pins.get(canonicalize_name(asked.name), "0"))
    }
    hold("dependencies pinned", wrong)


def test_everything_that_comes_along_is_pinned_too() -> None:
    hold("packages pinned", {name for name in _installed(_asked_for()) if name not in _pins()})


def _installed(asked: list[Requirement]) -> Iterator[str]:
    """The packages that these need in this environment, and what those need in turn."""
    seen: set[tuple[str, str]] = set()
    waiting = [(each, extra) for each in asked for extra in ("", *each.extras)]
    while waiting:
        wanted, extra = waiting.pop()
        name = canonicalize_name(wanted.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            needs = [Requirement(text) for text in distribution(name).requires or ()]
        except PackageNotFoundError:
            continue  # asked for by another system or release of Python
        yield name
        here = [each for each in needs if not each.marker or each.marker.evaluate({"extra": extra})]
        waiting += [(each, more) for each in here for more in ("", *each.extras)]
