"""`balcao import freight`, on a real database."""

import asyncio
import csv
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.commands.import_freight import import_freight
from balcao.freight.find import list_tables, read_table
from balcao.freight.rules.rates import RateRow
from tests.verbs.freight_shop import CENTRO, NORTE, open_shop, rate

OURS = "cepStart;cepEnd;weightStartKg;weightEndKg;price;days\n"
VTEX = [
    "ZipCodeStart", "ZipCodeEnd", "PolygonName", "WeightStart", "WeightEnd", "AbsoluteMoneyCost", "PricePercent",
    "PriceByExtraWeight", "MaxVolume", "TimeCost", "Country", "MinimumValueInsurance",
]  # fmt: skip
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def shop(db: Database) -> Tenant:
    return await db.run(open_shop)


@pytest.fixture
def run(shop: Tenant, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BALCAO_HOME", str(tmp_path))

    def save(content: str | bytes) -> Path:
        file = tmp_path / "rates.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    async def run(content: str | bytes | Path, *words: str) -> Result:
        file = content if isinstance(content, Path) else save(content)
        # The command has an event loop of its own, so it needs a thread of its own.
        return await asyncio.to_thread(CliRunner().invoke, import_freight, ["--tenant", shop, *words, str(file)])

    return run


@pytest.fixture
def loaded(db: Database, shop: Tenant) -> Callable[[], Awaitable[dict[tuple[str, str | None], list[RateRow]]]]:
    """What is in force: rows by carrier and store."""

    async def loaded() -> dict[tuple[str, str | None], list[RateRow]]:
        async with db.read() as tx:
            tables = await list_tables(tx, shop)
            rows = [(await read_table(tx, shop, one.table_id, after=0, limit=9999))[1] for one in tables]
        return {
            (table.reference, table.seller_cnpj): [row for _, row in some]
            for table, some in zip(tables, rows, strict=True)
        }

    return loaded


async def test_our_columns_with_semicolons_and_decimal_commas(run: Run, loaded: Any) -> None:
    text = OURS + "01000-000;05999-999;0;0,5;R$ 10,50;1\n\n01000-000;05999-999;0,5;1;1.011,10;2\n"
    result = await run(text, "--carrier", "SEDEX", "--description", "Sedex", "--seller", "04.109.169/0001-35")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "Carrier  Description  Store           Rows",
        f"SEDEX    Sedex        {CENTRO}  2",
        "2 rows in 1 tables were loaded.",
    ]
    assert await loaded() == {
        ("SEDEX", CENTRO): [
            rate((1_000_000, 5_999_999), (0, 500), "10.50", 1),
            rate((1_000_000, 5_999_999), (500, 1000), "1011.10", 2),
        ]
    }


async def test_several_carriers_and_stores_in_one_file(run: Run, loaded: Any) -> None:
    text = "carrier,description,sellerCnpj," + OURS.replace(";", ",")
    text += f"SEDEX,Sedex,{CENTRO},0,99999999,0,1,10,1\nJADEX,Expresso São João,,0,99999999,0,1,5,9\n"
    text += f"SEDEX,Sedex,{NORTE},0,99999999,0,1,12,2\n"
    for content in (text, "\ufeff" + text, text.encode("cp1252"), text.replace(",", "\t"), text.replace("\n", "\r\n")):
        result = await run(content)
        assert (result.exit_code, "Expresso São João" in result.stdout) == (0, True)
        everywhere = (0, 99_999_999)
        assert await loaded() == {
            ("JADEX", None): [rate(everywhere, (0, 1000), "5", 9)],
            ("SEDEX", CENTRO): [rate(everywhere, (0, 1000), "10", 1)],
            ("SEDEX", NORTE): [rate(everywhere, (0, 1000), "12", 2)],
        }


async def test_a_table_for_the_stores_of_a_state(run: Run, db: Database, shop: Tenant) -> None:
    result = await run(OURS + "0;9;0;1;1;1\n", "--carrier", "SEDEX", "--state", "sp")
    assert (result.exit_code, result.stdout.splitlines()[1].split()) == (
        0,
        ["SEDEX", "SEDEX", "those", "in", "SP", "1"],
    )
    async with db.read() as tx:
        [table] = await list_tables(tx, shop)
    assert (table.origin_state, table.seller_cnpj) == ("SP", None)
    refused = await run(OURS + "0;9;0;1;1;1\n", "--carrier", "SEDEX", "--state", "XX")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        1,
        "line 2: originState: XX is not a state's two letters",
    )


async def test_vtex_columns_from_xlsx(run: Run, loaded: Any, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(VTEX)
    sheet.append([1000000, 1999999, None, 0, 1000, 12.9, 0, 0, 1_000_000_000, "3.00:00:00", "BRA", 0])
    sheet.append(["02000000", "02999999", None, 0, 1000.0, "15,25", 0, 0, 0, timedelta(hours=36), "BRA", 0])
    book.save(tmp_path / "vtex.xlsx")
    result = await run(tmp_path / "vtex.xlsx", "--carrier", "LOGGI")
    assert (result.exit_code, result.stderr) == (0, "")
    assert await loaded() == {
        ("LOGGI", None): [
            rate((1_000_000, 1_999_999), (0, 1000), "12.9", 3, volume_max_cm3=1_000_000_000),
            rate((2_000_000, 2_999_999), (0, 1000), "15.25", 2),
        ]
    }


async def test_vtex_columns_that_are_not_honoured_are_never_ignored(run: Run, loaded: Any) -> None:
    row = ["0", "99999999", "centro", "0", "1000", "10", "1.5", "0", "0", "1.00:00:00", "BRA", "0"]
    result = await run("\n".join([",".join(VTEX), ",".join(row)]), "--carrier", "LOGGI")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "line 2: PolygonName: is not honoured, and 1 rows ask for something by it",
        "1 mistakes: nothing was loaded.",
    ]
    assert await loaded() == {}


async def test_every_wrong_row_is_named_by_its_line(run: Run, loaded: Any) -> None:
    assert (await run(OURS + "0;9;0;1;1;1\n", "--carrier", "SEDEX")).exit_code == 0
    before = await loaded()
    text = OURS + "0;9;0;1;1;1\n\n5;20;0;1;1;1\n30;21;0;1;1;1\nx;9;0;1;-1;1\n40;50;2;3;-1;1\n"
    result = await run(text, "--carrier", "SEDEX")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "line 4: cepStart: overlaps line 2",
        "line 5: cepEnd: must not be below cepStart",
        "line 6: cepStart: must be a CEP, such as 01001-000",
        "line 7: price: must be an amount, not negative, with at most four decimals",
        "4 mistakes: nothing was loaded.",
    ]
    assert await loaded() == before


async def test_many_mistakes_are_counted_shown_in_part_and_written_to_a_file(
    run: Run, loaded: Any, tmp_path: Path
) -> None:
    lines = [f"{n * 10};{n * 10 + 9};0;1;1;1" for n in range(2500)]
    lines[1000:2200] = [f"{n * 10 + 9};{n * 10};0;1;1;1" for n in range(1000, 2200)]
    result = await run(OURS + "\n".join(lines), "--carrier", "SEDEX", "--errors", str(tmp_path / "errors.csv"))
    told = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, len(told)) == (1, "", 102)
    assert told[0] == "line 1002: cepEnd: must not be below cepStart"
    assert told[100:] == [
        "… and 900 more; --errors FILE writes them all.",
        "1000 or more mistakes: nothing was loaded.",
    ]
    with (tmp_path / "errors.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["line", "severity", "code", "field", "message"]
    assert written[1:] == [[str(n + 2), "error", "", "cepEnd", "must not be below cepStart"] for n in range(1000, 2000)]
    assert await loaded() == {}


async def test_gaps_are_told_written_to_the_file_and_allowed(run: Run, loaded: Any, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    result = await run(OURS + "0;9;0;1;1;1\n20;29;0;1;1;1\n", "--carrier", "SEDEX", "--errors", str(errors))
    assert result.exit_code == 0
    assert result.stderr == "note: before line 3: no row holds the CEPs from 00000010 to 00000019\n"
    assert errors.read_text(encoding="utf-8").splitlines()[1:] == [
        "3,warning,,,before this line: no row holds the CEPs from 00000010 to 00000019"
    ]
    assert len((await loaded())["SEDEX", None]) == 2


async def test_an_unknown_store_is_named_by_its_first_line(run: Run, loaded: Any) -> None:
    text = OURS.replace("days", "days;sellerCnpj") + f"0;9;0;1;1;1;{CENTRO}\n0;9;0;1;1;1;99999999999999\n"
    result = await run(text, "--carrier", "SEDEX")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 3: sellerCnpj: 99999999999999 is not the CNPJ of a store",
        "1 mistakes: nothing was loaded.",
    ]
    assert await loaded() == {}


async def test_a_dry_run_loads_nothing(run: Run, loaded: Any, db: Database) -> None:
    result = await run(OURS + "0;9;0;1;1;1\n", "--carrier", "SEDEX", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "1 rows in 1 tables would be loaded.")
    assert await loaded() == {}
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM event WHERE type = 'freight_table.loaded'") == 0
        assert await tx.fetchval("SELECT count(*) FROM freight_carrier") == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "rates.csv is empty."),
        (b"\n;;\n", "rates.csv is empty."),
        (OURS, "the file has no rows: nothing was loaded"),
        (b"PK\x03\x04 no book", "rates.csv is no XLSX file that can be read"),
        ("a;b\n1;2\n", "columns are not those of a freight table"),
    ],
)
async def test_files_that_cannot_be_read(run: Run, loaded: Any, content: str | bytes, message: str) -> None:
    result = await run(content, "--carrier", "SEDEX")
    assert result.exit_code == 1
    assert message in result.stderr + str(result.exception)
    assert await loaded() == {}


SAMPLE = Path(str(resources.files("balcao.demo") / "data" / "freight.csv"))


async def test_the_sample_shops_rates_load_whole(run: Run, db: Database, shop: Tenant, loaded: Any) -> None:
    lines = await asyncio.to_thread(lambda: SAMPLE.read_text().splitlines())
    cnpjs = sorted({line.split(",")[2] for line in lines[1:]} - {"", CENTRO})
    async with db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO seller (tenant, seller_id, cnpj, name, is_active, pickup_enabled, delivery_enabled,
                                handling_days, safety_stock, priority, body, created_us, last_update_us)
            SELECT $1, gen_random_uuid(), c, c, true, true, true, 0, 0, 0, '{}', 1, 1 FROM unnest($2::text[]) AS c
            """,
            shop,
            cnpjs,
        )
    result = await run(SAMPLE)
    # These CEPs are nobody's: the post has not given them out.
    gap = ": no row holds the CEPs from 78900000 to 78999999"
    assert result.exit_code == 0
    assert {line.partition(": no row")[2] for line in result.stderr.splitlines()[:10]} == {gap.partition(": no row")[2]}
    tables = await loaded()
    assert sum(map(len, tables.values())) == len(lines) - 1
