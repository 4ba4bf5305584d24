"""The sample shop holds together: documents, codes, references, coverage; and its generator writes exactly it."""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from stdnum import ean
from stdnum.br import cnpj, cpf

from balcao.tenants.rules import Channel
from tests.house.sample_files import DATA, ROOT, contains, load, postal, rates, skus

SEED_STORE = "04109169000135"
SEED_CEP = 4321130
COUNTS = {
    "stores.json": 13,
    "channels.json": 4,
    "shoppers.json": 22,
    "categories.json": 43,
    "products.json": 200,
    "prices.json": 245,
    "stocks.json": 5962,
    "carriers.json": 4,
}
FREIGHT_ROWS = 5128
PRODUCT_FIELDS = {
    *("code", "referenceCode", "auxCode", "name", "complementaryName", "description", "brand", "keywords"),
    *("height", "lenght", "width", "weight", "isActive", "pickupOnly", "categories", "images", "skus"),
}
HEAVIEST_POSTED_KG = Decimal(30)


def test_the_generator_writes_exactly_these_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "make_sample.py", tmp_path], check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in DATA.iterdir() if path.suffix != ".md"}
    assert made.keys() == kept.keys() == {*COUNTS, "freight.csv"}
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("name", COUNTS)
def test_a_json_file_has_one_record_a_line(name: str) -> None:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    assert len(load(name)) == COUNTS[name]
    assert (lines[0], lines[-1]) == ("[", "]")
    assert [json.loads(line.removesuffix(","), parse_float=Decimal) for line in lines[1:-1]] == load(name)


def test_counts() -> None:
    assert sum(1 for _ in skus()) == 1002
    assert len(rates()) == FREIGHT_ROWS
    assert sum(1 for row in load("stocks.json") if row["Quantity"] == 0) == 332
    assert sum(1 for row in load("prices.json") if "SellerCode" in row) == 45
    assert sum(1 for product in load("products.json") if not product["isActive"]) == 1


def test_documents_have_right_check_digits_and_come_once() -> None:
    stores = [store["cnpj"] for store in load("stores.json")]
    people = [shopper["Cpf"] for shopper in load("shoppers.json") if "Cpf" in shopper]
    companies = [shopper["Cnpj"] for shopper in load("shoppers.json") if "Cnpj" in shopper]
    assert (len(people), len(companies)) == (20, 2)
    assert [number for number in stores + companies if not cnpj.is_valid(number)] == []
    assert [number for number in people if not cpf.is_valid(number)] == []
    assert len({*stores, *people, *companies}) == len(stores) + 22
    assert [number for number in stores if not number.isdigit()] == ["9XK4M7TA000116"]


def test_codes_and_barcodes_come_once() -> None:
    barcodes = [sku["barcode"] for _, sku in skus()]
    assert [code for code in barcodes if not (ean.is_valid(code) and len(code) == 13 and code[0] == "2")] == []
    for values in (
        barcodes,
        [sku["code"] for _, sku in skus()],
        [sku["auxCode"] for _, sku in skus()],
        [product["code"] for product in load("products.json")],
        [product["auxCode"] for product in load("products.json")],
        [product["referenceCode"] for product in load("products.json")],
        [category["code"] for category in load("categories.json")],
        [store["pointSaleId"] for store in load("stores.json")],
    ):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_products_are_in_the_documented_shape() -> None:
    for product in load("products.json"):
        assert product.keys() == PRODUCT_FIELDS
        assert min(product["height"], product["lenght"], product["width"], product["weight"]) > 0
        cubed_kg = product["height"] * product["lenght"] * product["width"] / 6000
        assert product["pickupOnly"] == (product["weight"] > HEAVIEST_POSTED_KG)
        assert product["pickupOnly"] or cubed_kg <= HEAVIEST_POSTED_KG
        assert [image["order"] for image in product["images"]] == list(range(1, len(product["images"]) + 1))
    for _, sku in skus():
        assert sku.keys() == {"code", "name", "isActive", "barcode", "auxCode", "minStock", "Attributes"}
        assert [attribute["order"] for attribute in sku["Attributes"]] in ([1, 2, 3], [1, 3])
    kinds = Counter(attribute["type"] for _, sku in skus() for attribute in sku["Attributes"])
    assert kinds.keys() == {"Text", "Color", "Dropdown"}


def test_categories_are_a_tree_that_products_use() -> None:
    seen: set[str] = set()
    for category in load("categories.json"):
        assert category.get("parentCode", "") in seen | {""}
        seen.add(category["code"])
    names = {category["code"]: category["name"] for category in load("categories.json")}
    parents = {category.get("parentCode") for category in load("categories.json")}
    used = {(link["code"], link["name"]) for product in load("products.json") for link in product["categories"]}
    assert used == {(code, name) for code, name in names.items() if code not in parents}


def test_prices_name_products_and_stores_and_are_sane() -> None:
    products = {product["code"]: product for product in load("products.json")}
    sellers = {store["cnpj"] for store in load("stores.json")}
    base = {row["ProductCode"]: row for row in load("prices.json") if "SellerCode" not in row}
    assert base.keys() == products.keys()
    for row in load("prices.json"):
        assert Decimal(10) < row["Price"] < Decimal(2000)
        assert row["Price"] % 1 == Decimal("0.90")
        assert row.get("OldPrice", row["Price"] + 1) > row["Price"]
    local = [row for row in load("prices.json") if "SellerCode" in row]
    for row in local:
        assert row["SellerCode"] in sellers
        assert row["OldPrice"] == base[row["ProductCode"]]["Price"]
    assert len({(row["ProductCode"], row["SellerCode"]) for row in local}) == len(local)
    offered = {code for code, row in base.items() if "OldPrice" in row}
    assert offered == {c for c, p in products.items() if "OFERTAS" in {link["code"] for link in p["categories"]}}


def test_every_sku_is_in_several_stores_but_not_in_all() -> None:
    sellers = {store["cnpj"]: store for store in load("stores.json")}
    places: dict[str, dict[str, int]] = defaultdict(dict)
    for row in load("stocks.json"):
        assert row["SellerCode"] not in places[row["SkuCode"]]
        assert row["Quantity"] >= 0
        places[row["SkuCode"]][row["SellerCode"]] = row["Quantity"]
    assert places.keys() == {sku["code"] for _, sku in skus()}
    for counts in places.values():
        assert counts.keys() <= sellers.keys()
        assert 4 <= len(counts) < len(sellers)
        assert any(counts[code] and sellers[code]["isActive"] and sellers[code]["deliveryEnabled"] for code in counts)


def test_what_no_carrier_takes_can_be_picked_up_somewhere() -> None:
    pickup = {store["cnpj"] for store in load("stores.json") if store["isActive"] and store["pickupEnabled"]}
    held = {row["SkuCode"] for row in load("stocks.json") if row["SellerCode"] in pickup and row["Quantity"]}
    heavy = [sku["code"] for product, sku in skus() if product["pickupOnly"]]
    assert heavy == ["63070", "76070"]
    assert set(heavy) <= held


def test_the_reference_example_order_can_be_placed() -> None:
    (store,) = (store for store in load("stores.json") if store["cnpj"] == SEED_STORE)
    assert (store["address"]["city"], store["isEcommerce"], store["isActive"]) == ("São Paulo", True, True)
    (sku,) = (sku for product, sku in skus() if product["code"] == "1")
    assert sku["code"] == "1"
    assert [row["Price"] for row in load("prices.json") if row["ProductCode"] == "1"] == [Decimal("19.90")]
    stock = {row["SellerCode"]: row["Quantity"] for row in load("stocks.json") if row["SkuCode"] == "1"}
    assert stock[SEED_STORE] == 500
    (rate,) = (
        rate
        for rate in rates()
        if (rate["carrier"], rate["sellerCnpj"]) == ("SEDEX", SEED_STORE)
        and rate["cepStart"] <= SEED_CEP <= rate["cepEnd"]
        and rate["weightStartKg"] == 0
    )
    assert (rate["price"], rate["days"]) == (Decimal("10.50"), 1)
    assert "ecommerce" in {channel["name"] for channel in load("channels.json")}


def test_ceps_belong_to_their_state_and_city() -> None:
    places = [(s["address"]["cep"], s["address"]["city"], s["address"]["state"]) for s in load("stores.json")]
    places += [(a["ZipCode"], a["City"], a["State"]) for a in (s["Address"] for s in load("shoppers.json"))]
    for cep, city, name in places:
        assert re.fullmatch(r"\d{8}", cep)
        state = postal()["states"][name]
        assert contains(state["ranges"], int(cep)), (cep, name)
        assert contains(state["capital_ranges"], int(cep)) == (city == state["capital"]), (cep, city)
    assert len({state for _, _, state in places}) == 17


def test_stores_are_complete() -> None:
    for store in load("stores.json"):
        assert (store["latitude"], store["longitude"]) == (store["address"]["latitude"], store["address"]["longitude"])
        assert -34 < store["latitude"] < 6
        assert -74 < store["longitude"] < -34
        for hours in store["workingHours"]:
            assert 1 <= hours["weekday"] <= 7
            assert "08:00" <= hours["opens"] < hours["closes"] <= "22:00"
        assert store["holidays"] == sorted(set(store["holidays"]))
        assert "2026-12-25" in store["holidays"]
    closed = [store["pointSaleId"] for store in load("stores.json") if not store["isActive"]]
    without = [store["pointSaleId"] for store in load("stores.json") if not store["deliveryEnabled"]]
    assert (closed, without) == (["SC01"], ["DF01"])


def test_channels_have_every_setting() -> None:
    camel = {re.sub(r"_(.)", lambda m: m[1].upper(), name): name for name in Channel.__struct_fields__}
    channels = []
    for row in load("channels.json"):
        assert row.keys() == camel.keys()
        channels.append(msgspec.convert({camel[name]: value for name, value in row.items()}, Channel))
    assert [channel.name for channel in channels] == ["ecommerce", "app", "marketplace", "whatsapp"]
    assert channels[0] == Channel(name="ecommerce")
    assert [channel.paid_on_create for channel in channels] == [False, False, True, False]


def test_nothing_points_at_somebody_else() -> None:
    for name in COUNTS:
        text = (DATA / name).read_text(encoding="utf-8")
        hosts = re.findall(r"https?://([^/\"]+)|@([\w.-]+)", text)
        assert {"".join(host) for host in hosts if not "".join(host).endswith(".example")} == set()
    phones = [shopper["PhoneNumber"] for shopper in load("shoppers.json")]
    phones += [store["phoneNumber"] for store in load("stores.json")]
    assert [phone for phone in phones if not re.fullmatch(r"[1-9][1-9]90000\d{4}", phone)] == []
    assert len(set(phones)) == len(phones)
