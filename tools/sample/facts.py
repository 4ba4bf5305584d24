"""Read the hand-written facts beside this file."""

import tomllib
from pathlib import Path
from typing import Any

Record = dict[str, Any]

HERE = Path(__file__).parent


def read_facts(name: str) -> Record:
    """One TOML file of this folder, by its name without the ending."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def cells(line: str) -> list[str]:
    """The cells of a `a | b | c` line, without the blanks around them."""
    return [cell.strip() for cell in line.split("|")]
