"""The SQL in the source: every string that is a statement, put together from the module's constants where it is."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.house.source import Module, modules

UNKNOWN = "{}"
"""Stands for what is only known at run time."""

_STATEMENT = re.compile(
    r"(SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|COPY|WITH(\s+RECURSIVE)?\s+\w+\s*(\([^)]*\)\s*)?AS)\s+\S"
)
_COMMENT = re.compile(r"--[^\n]*")


class Statement(NamedTuple):
    """A statement without its comments; `where` names the function or constant that holds it."""

    module: Module
    where: str
    text: str

    @property
    def is_of_noun(self) -> bool:
        """Whether it is written in a noun rather than under all nouns, in `base`."""
        return self.module.room[0] not in ("base", "migrations")

    @property
    def is_in_store(self) -> bool:
        """Whether it is written where a noun's SQL belongs."""
        return "store" in self.module.room


def statements() -> Iterator[Statement]:
    """Every statement in the source; constants that are only pieces of others count within those."""
    for module in modules("src"):
        constants = _constants(module.tree)
        pieces = {name.id for text in _composed(module.tree) for name in ast.walk(text) if isinstance(name, ast.Name)}
        for where, text in _texts(module.tree, "", constants):
            sql = _COMMENT.sub("", text).strip()
            if _STATEMENT.match(sql) and where not in pieces:
                yield Statement(module, f"{module.path}::{where}", sql)


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            text = _text(node.value, found)
            if text is not None and isinstance(target, ast.Name):
                found[target.id] = text
    return found


def _composed(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
            yield node


def _texts(node: ast.AST, inside: str, constants: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        name = f"{inside}.{_name(child)}".strip(".")
        text = _text(child, constants) if isinstance(child, ast.Constant | ast.JoinedStr | ast.BinOp) else None
        if text is None:
            yield from _texts(child, name, constants)
        else:
            yield name, text


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) else ""


def _text(node: ast.AST, constants: Mapping[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name)
        case ast.FormattedValue(value=value):
            return _text(value, constants) or UNKNOWN
        case ast.JoinedStr(values=values):
            return "".join(_text(value, constants) or "" for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            texts = (_text(left, constants), _text(right, constants))
            return None if texts == (None, None) else "".join(text or UNKNOWN for text in texts)
        case _:
            return None
