"""Files and functions stay small enough to be read at a sitting."""

from collections.abc import Callable, Iterator

import pytest

from tests.house.source import Function, Module, functions, modules
from tests.house.waivers import hold

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
PARAMETERS_MAX = 7
TEST_FILE_LINES_MAX = 400
"""Tests of one verb stay in one file, and each stands alone: a longer list is still easy to read."""

Sizes = Iterator[tuple[str, str]]


def _long_files(module: Module) -> Sizes:
    most = TEST_FILE_LINES_MAX if module.path.startswith("tests/") else FILE_LINES_MAX
    if len(module.lines) > most:
        yield module.path, f"{len(module.lines)} lines, at most {most}"


def _long_functions(module: Module) -> Sizes:
    for name, function in functions(module):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield f"{module.path}::{name}", f"{lines} lines, at most {FUNCTION_LINES_MAX}"


def _many_parameters(module: Module) -> Sizes:
    for name, function in functions(module):
        count = _parameters(function)
        if count > PARAMETERS_MAX:
            yield f"{module.path}::{name}", f"{count} parameters, at most {PARAMETERS_MAX}"


def _parameters(function: Function) -> int:
    taken = function.args
    names = [each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


@pytest.mark.parametrize(
    ("rule", "find", "folders"),
    [
        ("file size", _long_files, ("src", "tools", "tests")),
        ("function size", _long_functions, ("src", "tools", "tests")),
        ("parameters", _many_parameters, ("src", "tools")),  # a test's parameters are its fixtures
    ],
)
def test_sizes(rule: str, find: Callable[[Module], Sizes], folders: tuple[str, ...]) -> None:
    found = dict(each for module in modules(*folders) for each in find(module))
    hold(rule, found)
