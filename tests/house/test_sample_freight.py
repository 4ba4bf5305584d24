"""The sample shop's freight tables: sound, all over Brazil, and within reach of every shopper."""

from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest

from tests.house.sample_files import Record, load, postal, rates, skus, spans


def test_rates_name_carriers_and_stores_that_deliver() -> None:
    carriers = {carrier["reference"]: carrier for carrier in load("carriers.json")}
    senders = {s["cnpj"] for s in load("stores.json") if s["isActive"] and s["deliveryEnabled"]}
    assert {(rate["carrier"], rate["description"]) for rate in rates()} == {
        (reference, carrier["description"]) for reference, carrier in carriers.items()
    }
    for reference, carrier in carriers.items():
        mine = [rate for rate in rates() if rate["carrier"] == reference]
        assert {rate["sellerCnpj"] for rate in mine} == ({""} if reference == "JADEX" else senders)
        assert max(rate["weightEndKg"] for rate in mine) == carrier["maxWeightKg"]


def test_ranges_never_overlap_and_brackets_leave_no_gram_out() -> None:
    by_weight: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    by_range: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for rate in rates():
        table = (rate["carrier"], rate["sellerCnpj"])
        by_weight[*table, rate["weightStartKg"], rate["weightEndKg"]].append((rate["cepStart"], rate["cepEnd"]))
        by_range[*table, rate["cepStart"], rate["cepEnd"]].append(rate)
    for ranges in by_weight.values():
        ranges.sort()
        assert all(first <= last for first, last in ranges)
        assert all(last < first for (_, last), (first, _) in pairwise(ranges))
    for steps in by_range.values():
        assert steps[0]["weightStartKg"] == 0
        for lighter, heavier in pairwise(steps):
            assert heavier["weightStartKg"] == lighter["weightEndKg"] + Decimal("0.001")
            assert (heavier["price"] > lighter["price"], heavier["days"]) == (True, lighter["days"])


@pytest.mark.parametrize("carrier", ["SEDEX", "PAC"])
def test_brazil_is_covered_from_every_store_that_delivers(carrier: str) -> None:
    brazil = sum(last - first + 1 for state in postal()["states"].values() for first, last in spans(state["ranges"]))
    covered: Counter[str] = Counter()
    for rate in rates():
        if rate["carrier"] == carrier and rate["weightStartKg"] == 0:
            assert any(
                first <= rate["cepStart"] and rate["cepEnd"] <= last
                for state in postal()["states"].values()
                for first, last in spans(state["ranges"])
            )
            covered[rate["sellerCnpj"]] += rate["cepEnd"] - rate["cepStart"] + 1
    assert len(covered) == 11
    assert set(covered.values()) == {brazil}


def test_sedex_is_never_slower_and_pac_never_dearer() -> None:
    for sender in {rate["sellerCnpj"] for rate in rates()} - {""}:
        for shopper in load("shoppers.json"):
            options = {rate["carrier"]: rate for rate in rates_to(shopper, sender, Decimal("0.4"))}
            assert options["SEDEX"]["days"] <= options["PAC"]["days"]
            assert options["PAC"]["price"] <= options["SEDEX"]["price"]


@cache
def _rates_of(sender: str) -> list[Record]:
    return [rate for rate in rates() if rate["sellerCnpj"] in (sender, "")]


def rates_to(shopper: Record, sender: str, weight_kg: Decimal) -> list[Record]:
    cep = int(shopper["Address"]["ZipCode"])
    return [
        rate
        for rate in _rates_of(sender)
        if rate["cepStart"] <= cep <= rate["cepEnd"] and rate["weightStartKg"] <= weight_kg <= rate["weightEndKg"]
    ]


@pytest.mark.parametrize("shopper", load("shoppers.json"), ids=lambda shopper: shopper["Address"]["City"])
def test_every_shopper_can_have_every_sku_brought(shopper: Record) -> None:
    senders = {s["cnpj"] for s in load("stores.json") if s["isActive"] and s["deliveryEnabled"]}
    stocked: dict[str, set[str]] = defaultdict(set)
    for row in load("stocks.json"):
        if row["Quantity"] and row["SellerCode"] in senders:
            stocked[row["SkuCode"]].add(row["SellerCode"])
    posted = [(product, sku) for product, sku in skus() if not product["pickupOnly"]]
    reach = {
        (sender, weight): bool(rates_to(shopper, sender, weight))
        for sender in senders
        for weight in {Decimal(product["weight"]) for product, _ in posted}
    }
    missing = [
        sku["code"]
        for product, sku in posted
        if not any(reach[sender, Decimal(product["weight"])] for sender in stocked[sku["code"]])
    ]
    assert missing == []
