"""`balcao import` of catalogue, prices, stocks and stores, and `balcao export`, on a real database."""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from balcao.base.db import Database, Tx
from balcao.catalog.delete_products import DeleteProducts
from balcao.commands import import_rows
from balcao.commands.export import export
from balcao.imports import process
from balcao.imports.report import wait_finished
from balcao.imports.rules.model import Batch, Kind, Lane
from balcao.offers.delete import delete_offered_products
from tests.verbs.batches import apply_all, begin, count, receive, turn
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, NOW, clock, fetch, open_shop

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


WHOLE: dict[str, Any] = {
    "code": "0012", "name": "Vestido", "referenceCode": "R", "auxCode": "A", "description": "a\nb", "brand": "M",
    "additionalInfo": "i", "complementaryName": "c", "keywords": "k, l", "releaseDate": "2026-07-01T12:00:00.000005Z",
    "pickupOnly": True, "isActive": False, "height": 1.5, "lenght": 2, "width": 3, "weight": 0.32, "url": "/v",
    "imageUrl": "https://x.example/i.jpg", "hexColor": "#FFF", "categories": [{"code": "A|B"}, {"code": "FEM"}],
    "images": [{"order": 5, "imageUrl": "https://x.example/5.jpg"}, {"order": 7, "imageUrl": "https://x.example/7.jpg"}],
    "skus": [
        {"code": "0012-P", "name": "P", "barcode": "0789", "auxCode": "X", "minStock": 2, "isActive": False,
         "images": [{"order": 1, "imageUrl": "https://x.example/p.jpg"}],
         "Attributes": [{"type": "Color", "title": "Cor", "value": "#FFF", "label": "Branco", "order": 1}]},
        {"code": "0012-M", "Attributes": [{"title": "Tamanho", "value": "M"}, {"title": "Corte", "value": "a=b"}]},
        {"code": "0012-G", "Attributes": [{"title": "Tamanho", "value": "G|GG"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "excel"])
async def test_what_goes_out_comes_in_unchanged(shop: Database, run: Run, tmp_path: Path, form: str) -> None:
    await receive(shop, Kind.PRODUCTS, [WHOLE])
    await receive(shop, Kind.SELLERS, [{"cnpj": CENTRO, "name": "Centro"}])
    prices = [("0012", "1.199", CENTRO), ("0012", "1.2", None), ("CUP", "1234.5", None)]
    rows = [{"ProductCode": code, "Price": float(amount), "SellerCode": cnpj} for code, amount, cnpj in prices]
    await receive(shop, Kind.PRICES, rows)
    await receive(shop, Kind.STOCKS, [count(sku, n, CENTRO) for n, sku in enumerate(("0012-P", "0012-M", "CUP"))])
    for lane in (Lane.CATALOGUE, Lane.STORES, Lane.PRICES, Lane.STOCKS):
        assert await apply_all(shop, lane) == 1
    await shop.run(lambda tx: _delete(tx, shop, "CUP"))
    before = await clock(shop)
    for what, command, unchanged in (
        ("products", import_rows.import_products, 2),
        ("prices", import_rows.import_prices, 2),
        ("stocks", import_rows.import_stocks, 2),
    ):
        file = tmp_path / f"{what}.csv"
        told = await run(export, what, file, "--format", form)
        assert (told.exit_code, told.stdout) == (0, "")
        told = await run(command, file)
        assert (told.exit_code, told.stdout) == (0, f"inserted 0, updated 0, unchanged {unchanged}, failed 0\n")
        assert "Ignored" not in told.stderr
    assert await clock(shop) == before


async def _delete(tx: Tx, shop: Database, code: str) -> None:
    [(product_id,)] = await fetch(shop, "SELECT product_id FROM product WHERE code = $1", code)
    await delete_offered_products(tx, DeleteProducts(tenant=LOJA, actor="test", product_ids=[product_id]), NOW)


async def test_a_file_of_an_empty_shop_is_its_heads_and_goes_in_again(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    assert (await run(export, "prices", file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == "ProductCode,SellerCode,Price,OldPrice,LastUpdate\n"
    told = await run(import_rows.import_prices, file)
    assert (told.exit_code, told.stdout) == (0, "inserted 0, updated 0, unchanged 0, failed 0\n")


async def test_a_file_as_excel_in_brazil_writes_it(shop: Database, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    lines = ("ProductCode;SellerCode;Price;OldPrice;Observação;;", "CUP;4109169000135;1.199,90;R$ 1.300,00;são;;",
             "SHIRT;;89,9;;;;", "SHIRT;33000167000101;1.199;;;;", ";;;;;;", ";;;;;;")  # fmt: skip
    file.write_bytes("\r\n".join(lines).encode("cp1252"))
    told = await run(import_rows.import_prices, file)
    assert (told.exit_code, told.stdout) == (1, "inserted 2, updated 0, unchanged 0, failed 1\n")
    assert told.stderr.splitlines()[:2] == [
        "Ignored columns: Observação.",
        "line 4: error: Price: may be 1199 or 1,199: write 1199,00 or 1.1990",
    ]
    found = await fetch(shop, "SELECT price, old_price FROM price ORDER BY price")
    assert found == [(Decimal("89.9"), None), (Decimal("1199.90"), Decimal("1300"))]


async def test_lines_are_told_as_the_file_counts_them(run: Run, tmp_path: Path) -> None:
    lines = ("code;name;isActive;skuCode;minStock;barcode", "A;A;sim;A-1;1;", "A;A;sim;A-2;-1;", "", "B;B;talvez;B-1;1",
             "C;C;;C-1;1;", "D;D;;;;789", "C;C;;C-2;1;")  # fmt: skip
    told = await run(import_rows.import_products, save(tmp_path, "\n".join(lines)), "--errors", tmp_path / "e.csv")
    assert (told.exit_code, told.stdout) == (1, "inserted 1, updated 0, unchanged 1, failed 3\n")
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["3", "error", "", "skus[1].minStock", "must be at least 0"],
            ["5", "error", "", "isActive", "must be yes or no (sim, não, true, false, 1, 0)"],
            ["6", "warning", "C", "code", "replaced by line 8"],
            ["7", "error", "", "skus[0].code", "is required"],
        ]


async def test_what_cannot_be_written_is_said_before_anything_is_done(shop: Database, run: Run, tmp_path: Path) -> None:
    file = save(tmp_path, f"SkuCode,SellerCode,Quantity\nCUP,{CENTRO},5\n")
    told = await run(import_rows.import_stocks, file, "--errors", tmp_path / "no" / "errors.csv")
    assert (told.exit_code, "errors.csv cannot be written: No such file" in told.stderr) == (1, True)
    assert await fetch(shop, "SELECT 1 FROM import_batch") == []
    told = await run(export, "stocks", tmp_path / "no" / "stocks.csv")
    assert (told.exit_code, "stocks.csv cannot be written: No such file" in told.stderr) == (1, True)
    told = await run(import_rows.import_stocks, tmp_path / "none.csv")
    assert told.exit_code == 2
    kept = save(tmp_path, "precious")
    assert (await run(export, "stocks", kept, "--tenant", "nobody")).exit_code == 1
    assert _files(tmp_path) == {"sheet.csv": "precious"}


def _files(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.is_file()}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Quantity,SellerCode\n1,2\n"])
async def test_files_that_are_none(run: Run, tmp_path: Path, text: str) -> None:
    told = await run(import_rows.import_stocks, save(tmp_path, text))
    assert told.exit_code == 1
    assert told.stdout == ""


async def test_a_watcher_sees_how_far_a_batch_is(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 1))
    batch_id = await receive(shop, Kind.STOCKS, [count(sku, 1) for sku in ("CUP", "SHIRT-P", "SHIRT-M")])
    processing, seen = await begin(shop, Lane.STOCKS), []

    def watch(batch: Batch) -> None:
        seen.append((batch.state.value, batch.done))

    async with asyncio.timeout(20):
        waiting = asyncio.create_task(
            wait_finished(shop, LOJA, batch_id, timeout_s=20, is_stopping=lambda: False, pause_max_s=0.01, watch=watch)
        )
        for done in range(3):
            while not seen or seen[-1][1] < done:  # noqa: ASYNC110
                await asyncio.sleep(0)
            await turn(shop, processing)
        assert await waiting is not None
    assert list(dict.fromkeys(seen)) == [("received", 0), ("processing", 1), ("processing", 2), ("finished", 3)]
