"""Write the sample shop of `src/balcao/demo/data` from the facts in `tools/sample`.

`python tools/make_sample.py` rewrites the files, always to the same bytes; a folder as argument writes there instead.
"""

import csv
import io
import sys
from pathlib import Path

import msgspec
from sample.catalogue import product_record, read_categories, read_products
from sample.facts import Record, read_facts
from sample.freight import COLUMNS, rate_rows, read_carriers
from sample.offers import base_prices, count_stocks, local_prices
from sample.people import read_channels, read_shoppers, read_stores

DATA = Path(__file__).resolve().parent.parent / "src" / "balcao" / "demo" / "data"


def make_sample(folder: Path) -> None:
    """Write every data file into the folder, made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    stores, categories, products = read_stores(), read_categories(), read_products()
    names = {category["code"]: category["name"] for category in categories}
    colours = read_facts("colours")["colours"]
    records = [product_record(product, names, colours) for product in products]
    skus = [sku["code"] for record in records for sku in record["skus"]]
    sellers = [store for store in stores if store["isActive"] and not store["isEcommerce"]]
    files = {
        "stores.json": _json([_without_courier(store) for store in stores]),
        "channels.json": _json(read_channels()),
        "shoppers.json": _json(read_shoppers()),
        "categories.json": _json(categories),
        "products.json": _json(records),
        "prices.json": _json(base_prices(products) + local_prices(products, sellers)),
        "stocks.json": _json(count_stocks(skus, stores)),
        "carriers.json": _json(read_carriers()),
        "freight.csv": _csv(rate_rows(stores)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _without_courier(store: Record) -> Record:
    return {name: value for name, value in store.items() if name != "courier"}


def _json(rows: list[Record]) -> str:
    """A JSON array, compact and one record a line, so that a change shows as the line it is."""
    encoder = msgspec.json.Encoder(decimal_format="number")
    lines = ",\n".join(encoder.encode(row).decode() for row in rows)
    return f"[\n{lines}\n]\n"


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
