"""Load the sample shop through the public API, as the chain's ERP does, and read back what came in."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from balcao.demo.answers import Batch, Counted, Tables
from balcao.demo.client import CATALOG, COMMERCE, Client
from balcao.demo.failure import need
from balcao.demo.report import Report
from balcao.demo.sample import Record, Sample

FREIGHT_TABLES: Final = "/v1/freight-tables"


class Batches(NamedTuple):
    """Rows of one kind, where they go, and how many of them at a time."""

    kind: str
    path: str
    rows: Sequence[Record]
    rows_max: int


async def load_sample(sample: Sample, office: Client, report: Report) -> None:
    """Send everything in batches; what was there already is replaced. Raises StepFailed when anything is missing."""
    for batches in _batches(sample):
        with report.loading(batches.kind, len(batches.rows)) as advance:
            for rows in _chunks(batches.rows, batches.rows_max):
                await _send(office, batches.path, rows)
                advance(len(rows))
    with report.loading("Tabelas de frete / Freight tables", len(sample.freight_tables)) as advance:
        for table in sample.freight_tables:
            await office.call("PUT", FREIGHT_TABLES, body=table)
            advance(1)
    await _read_back(sample, office, report)


def _batches(sample: Sample) -> Iterator[Batches]:
    yield Batches("Lojas / Stores", f"{COMMERCE}/sellers", sample.stores, 5)
    yield Batches("Categorias / Categories", f"{CATALOG}/categories", sample.categories, 20)
    yield Batches("Produtos, com SKUs / Products, with SKUs", f"{CATALOG}/products", sample.products, 25)
    yield Batches("Preços / Prices", f"{CATALOG}/prices", sample.prices, 50)
    yield Batches("Estoques / Stocks", f"{CATALOG}/stocks", sample.stocks, 500)


def _chunks(rows: Sequence[Record], rows_max: int) -> Iterator[Sequence[Record]]:
    return (rows[start : start + rows_max] for start in range(0, len(rows), rows_max))


async def _send(office: Client, path: str, rows: Sequence[Record]) -> None:
    """Send a batch and wait until it is applied; every row must be right."""
    batch = (await office.call("PUT", path, body=rows, query={"wait": "true"})).into(Batch)
    bad = [f"{row.code} {row.field}: {row.message}" for row in batch.errors]
    need(batch.failed == 0, f"{path}: {batch.failed} rows failed: {'; '.join(bad[:3])}")


async def _read_back(sample: Sample, office: Client, report: Report) -> None:
    stores = await office.call("GET", f"{COMMERCE}/sellers", query={"perPage": "1"})
    count = stores.into(Counted).max_count
    need(count == len(sample.stores), f"{count} stores are there, {len(sample.stores)} were sent.")
    report.step(stores, f"{count} lojas / stores")
    stocks = await office.call("GET", f"{CATALOG}/stocks", query={"perPage": "1"})
    count = stocks.into(Counted).max_count
    need(count == len(sample.stocks), f"{count} stocks are there, {len(sample.stocks)} were sent.")
    report.step(stocks, f"{count} estoques / stocks")
    loaded = await office.call("GET", FREIGHT_TABLES)
    rates = sum(table.row_count for table in loaded.into(Tables).tables)
    wanted = sum(len(table["rows"]) for table in sample.freight_tables)
    need(rates == wanted, f"{rates} freight rates are in force, {wanted} were sent.")
    report.step(loaded, f"{rates} faixas de frete / freight rates")
