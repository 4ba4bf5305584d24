"""The floors of the house hold, and the contracts that say so forget no room.

The contracts are in pyproject.toml; `lint-imports` tells where one is broken.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp

from tests.house.source import PACKAGE, ROOT, modules
from tests.house.waivers import hold

LINT = Path(sys.executable).with_name("lint-imports")
CLOCKS = {"now", "utcnow", "today", "now_us", "time_ns", "monotonic", "perf_counter"}
CHANCES = {"uuid4", "uuid7", "token_bytes", "token_hex", "token_urlsafe", "randbelow", "randint"}


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return contracts


def test_contracts_are_kept() -> None:
    done = subprocess.run([LINT, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_store_is_protected() -> None:
    protected = {module for contract in _contracts() for module in contract.get("protected_modules", [])}
    stores = {path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("store*")}
    assert protected == {".".join(("balcao", *path.parts)) for path in stores if path.name == "store"}


def test_stores_and_rules_know_no_verb_of_their_noun() -> None:
    graph = grimp.build_graph("balcao")
    found = {
        f"{importer} → {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if {"store", "rules"} & set(importer.split(".")) and _room(importer) == _room(imported)
        if not {"store", "rules"} & set(imported.split("."))
    }
    hold("inside a noun: verbs → store → rules", found)


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_every_package_says_what_it_is() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE / "migrations" / "versions"}  # Alembic's
    hold("packages", (str(folder) for folder in folders if not (folder / "__init__.py").is_file()))


def test_rules_ask_no_clock_and_no_chance() -> None:
    found = {
        f"{module.path}::{_name(node)}"
        for module in modules("src")
        if "rules" in module.room
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _name(node) in CLOCKS | CHANCES
    }
    hold("pure rules", found)


def _name(call: Any) -> str:
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))
