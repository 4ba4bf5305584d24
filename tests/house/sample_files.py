"""The sample shop's files as tests read them: money and weights as `Decimal`, each file once."""

import csv
import json
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "src" / "balcao" / "demo" / "data"

Record = dict[str, Any]


@cache
def load(name: str) -> list[Record]:
    rows: list[Record] = json.loads((DATA / name).read_text(encoding="utf-8"), parse_float=Decimal)
    return rows


@cache
def rates() -> list[Record]:
    with (DATA / "freight.csv").open(encoding="utf-8", newline="") as file:
        return [_rate(row) for row in csv.DictReader(file)]


def _rate(row: dict[str, str]) -> Record:
    numbers = {"cepStart": int, "cepEnd": int, "days": int}
    amounts = {"weightStartKg": Decimal, "weightEndKg": Decimal, "price": Decimal}
    return row | {name: read(row[name]) for name, read in (numbers | amounts).items()}


@cache
def postal() -> Record:
    return tomllib.loads((ROOT / "tools" / "sample" / "postal.toml").read_text(encoding="utf-8"))


def spans(texts: list[str]) -> list[tuple[int, int]]:
    return [(int(first), int(last)) for first, last in (text.split("-") for text in texts)]


def contains(texts: list[str], cep: int) -> bool:
    return any(first <= cep <= last for first, last in spans(texts))


def skus() -> Iterator[tuple[Record, Record]]:
    return ((product, sku) for product in load("products.json") for sku in product["skus"])
