"""`balcao import` of catalogue, prices, stocks and stores, and `balcao export`, on a real database."""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from balcao.base.db import Database
from balcao.commands import import_rows
from balcao.commands.export import export
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, clock, fetch, open_shop

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def shop(db: Database) -> Database:
    await open_shop(db)
    return db


@pytest.fixture
def run(shop: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BALCAO_HOME", str(tmp_path))

    async def run(command: click.Command, *words: Any) -> Result:
        # The command has an event loop of its own, so it needs a thread of its own.
        return await asyncio.to_thread(CliRunner().invoke, command, ["--tenant", LOJA, *map(str, words)])

    return run


def save(folder: Path, text: str) -> Path:
    file = folder / "sheet.csv"
    file.write_text(text, encoding="utf-8")
    return file


async def test_stocks_with_bad_lines(shop: Database, run: Run, tmp_path: Path) -> None:
    lines = ("skuCode;sellerCode;QUANTITY;note", f"CUP;{CENTRO};5;x", "", f"NONE;{CENTRO};6;", f"SHIRT-P;{NORTE};many;",
             f"CUP;{NORTE};7,0;")  # fmt: skip
    text = "\n".join(lines)
    told = await run(import_rows.import_stocks, save(tmp_path, text), "--errors", tmp_path / "errors.csv")
    assert (told.exit_code, told.stdout) == (1, "inserted 2, updated 0, unchanged 0, failed 2\n")
    assert "line 4: error: SkuCode: names no SKU" in told.stderr
    with (tmp_path / "errors.csv").open(encoding="utf-8", newline="") as file:
        assert [row[:4] for row in csv.reader(file)] == [
            ["line", "severity", "code", "field"],
            ["4", "error", "NONE", "SkuCode"],
            ["5", "error", "", "Quantity"],
        ]
    assert sorted(row[0] for row in await fetch(shop, "SELECT on_hand FROM stock")) == [5, 7]


async def test_a_dry_run_changes_nothing(shop: Database, run: Run, tmp_path: Path) -> None:
    before = await clock(shop)
    file = save(tmp_path, f"SkuCode,SellerCode,Quantity\nCUP,{CENTRO},5\nCUP,{CENTRO},6\nNONE,{CENTRO},6\n")
    told = await run(import_rows.import_stocks, "--dry-run", file)
    assert (told.exit_code, told.stdout) == (1, "would be inserted 1, updated 0, unchanged 1, failed 1\n")
    assert (await clock(shop), await fetch(shop, "SELECT 1 FROM stock")) == (before, [])
    assert await fetch(shop, "SELECT 1 FROM import_batch") == []


async def test_products_stores_and_prices_from_excel_and_out_again(shop: Database, run: Run, tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["code", "name", "weight", "categories", "images", "skuCode", "barcode", "minStock", "isActive"])
    sheet.append([123, "Vestido", 0.32, "FEM|VEST", "https://x.example/1.jpg", "V-P", 789, 2, "sim"])
    sheet.append([123, "Vestido", 0.32, "FEM|VEST", "https://x.example/1.jpg", "V-M", None, None, "sim"])
    sheet.append([124, "Luva", None, None, None, None, None, None, "não"])
    book.save(tmp_path / "products.xlsx")
    told = await run(import_rows.import_products, tmp_path / "products.xlsx")
    assert (told.exit_code, told.stdout) == (0, "inserted 2, updated 0, unchanged 0, failed 0\n"), told.stderr
    told = await run(import_rows.import_products, tmp_path / "products.xlsx")
    assert told.stdout == "inserted 0, updated 0, unchanged 2, failed 0\n"
    prices = save(tmp_path, "ProductCode;Price;OldPrice\n123;1.199,90;\n124;10;9\n")
    told = await run(import_rows.import_prices, prices)
    assert (told.exit_code, "line 3: error: OldPrice: must not be below Price" in told.stderr) == (1, True)
    stores = save(tmp_path, "cnpj,name,cep,city,safetyStock\n33.000.167/0001-01,Sul,90010-000,Porto Alegre,3\n")
    assert (await run(import_rows.import_sellers, stores)).exit_code == 0
    assert await fetch(shop, "SELECT name, safety_stock FROM seller WHERE cnpj = '33000167000101'") == [("Sul", 3)]

    out = await run(export, "products", "--format", "ndjson")
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    found = [(line["code"], line["skuCode"]) for line in lines if line["code"] in ("123", "124")]
    assert found == [("124", None), ("123", "V-M"), ("123", "V-P")]  # the one whose price came last is last
    assert next(line for line in lines if line["skuCode"] == "V-P")["categories"] == "FEM|VEST"
    again = tmp_path / "again.csv"
    assert (await run(export, "products", again)).exit_code == 0
    told = await run(import_rows.import_products, again)
    assert told.stdout == "inserted 0, updated 0, unchanged 4, failed 0\n"
    told = await run(export, "prices")
    assert [row[:3] for row in csv.reader(told.stdout.splitlines())] == [
        ["ProductCode", "SellerCode", "Price"], ["123", "", "1199.90"]
    ]  # fmt: skip


async def test_exports_go_on_where_a_part_ended(
    shop: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("balcao.commands.export.AT_ONCE", 2)
    lines = [f"{sku},{cnpj},{n}" for n, (sku, cnpj) in enumerate(
        [(sku, cnpj) for sku in ("CUP", "SHIRT-P", "SHIRT-M") for cnpj in (CENTRO, NORTE)], 1)]  # fmt: skip
    file = save(tmp_path, "SkuCode,SellerCode,Quantity\n" + "\n".join(lines))
    assert (await run(import_rows.import_stocks, file)).exit_code == 0
    told = await run(export, "stocks")
    rows = list(csv.reader(told.stdout.splitlines()))
    assert sorted(int(row[2]) for row in rows[1:]) == [1, 2, 3, 4, 5, 6]
    assert rows[0][:3] == ["SkuCode", "SellerCode", "Quantity"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Quantity,SellerCode\n1,2\n"])
async def test_files_that_are_none(run: Run, tmp_path: Path, text: str) -> None:
    told = await run(import_rows.import_stocks, save(tmp_path, text))
    assert told.exit_code == 1
    assert told.stdout == ""
