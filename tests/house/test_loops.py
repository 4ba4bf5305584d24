"""No query in a loop: a list is one statement, whatever its length."""

import ast
from collections.abc import Iterator

from tests.house.source import Function, functions, modules
from tests.house.waivers import hold

QUERIES = {"fetch", "fetchrow", "fetchval", "execute", "executemany", "copy_records_to_table", "run", "transaction"}
OPENED = {"tx", "connection", "conn", "db"}
"""What a query goes through: a call that passes one on counts as a query too."""
LOOPS = ast.For | ast.AsyncFor | ast.While
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def test_no_query_in_a_loop() -> None:
    found = {
        f"{module.path}::{name}": ast.unparse(call.func)
        for module in modules("src")
        for name, function in functions(module)
        for loop in _own_nodes(function)
        for call in _repeated_calls(loop)
        if _is_query(call)
    }
    hold("no query in a loop", found)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The function's nodes without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, Function | ast.Lambda):
            yield child
            yield from _below(child)


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda):
            yield child
            yield from _below(child)


def _repeated_calls(loop: ast.AST) -> Iterator[ast.Call]:
    """The awaited calls that run once a turn; what is looped over runs once."""
    turns: list[ast.AST] = []
    if isinstance(loop, LOOPS):
        turns += loop.body
        turns += [loop.test] if isinstance(loop, ast.While) else []
    elif isinstance(loop, COMPREHENSIONS):
        turns += [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        turns += [condition for each in loop.generators for condition in each.ifs]
        turns += [each.iter for each in loop.generators[1:]]
    for turn in turns:
        for node in (turn, *_below(turn)):
            if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
                yield node.value


def _is_query(call: ast.Call) -> bool:
    passed = (*call.args, *(keyword.value for keyword in call.keywords))
    if any(isinstance(each, ast.Name) and each.id in OPENED for each in passed):
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr in QUERIES and _goes_through(call.func.value)


def _goes_through(receiver: ast.expr) -> bool:
    name = getattr(receiver, "attr", None) or getattr(receiver, "id", "")
    return str(name).lstrip("_") in OPENED
