"""The project's files as the house tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "balcao"
SKIPPED = {".git", ".venv", "build", "dist", "__pycache__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """A Python file: its path from the root of the project, its lines and its syntax tree."""

    path: str
    lines: list[str]
    tree: ast.Module

    @property
    def room(self) -> tuple[str, ...]:
        """The names below the package: `("orders", "store", "save")`."""
        return tuple(Path(self.path).with_suffix("").parts[2:])


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file below these folders of the project."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(_module(path) for path in found)


@cache
def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(str(path.relative_to(ROOT)), text.splitlines(), ast.parse(text))


@cache
def text_files() -> dict[str, str]:
    """Every file of the project that is text, by its path: those that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    paths = (
        [ROOT / name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else list(_without_git())
    )
    return dict(_read(path) for path in sorted(paths) if path.is_file() and b"\0" not in path.read_bytes())


def _without_git() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        if not SKIPPED & set(path.relative_to(ROOT).parts) and not any(part.endswith("_cache") for part in path.parts):
            yield path


def _read(path: Path) -> tuple[str, str]:
    return str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def functions(module: Module) -> Iterator[tuple[str, Function]]:
    """Every function of the file, nested ones too, under its dotted name."""
    yield from _functions(module.tree, "")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, Function | ast.ClassDef):
            name = f"{prefix}{child.name}."
            if isinstance(child, Function):
                yield name.rstrip("."), child
        yield from _functions(child, name)
