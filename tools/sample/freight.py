"""The carriers' tables: who brings what weight to which CEPs, for how much and in how many days."""

from collections.abc import Iterator
from decimal import Decimal

from sample.facts import Record, read_facts

Range = tuple[int, int]

COLUMNS = (
    "carrier",
    "description",
    "sellerCnpj",
    "cepStart",
    "cepEnd",
    "weightStartKg",
    "weightEndKg",
    "price",
    "days",
)
GRAM = Decimal("0.001")
CENT = Decimal("0.01")


def read_carriers() -> list[Record]:
    """The carriers as people know them, without their prices."""
    shown = ("reference", "description", "carrierName", "trackingLink")
    return [
        {name: carrier[name] for name in shown} | {"maxWeightKg": int(carrier["brackets_kg"][-1])}
        for carrier in read_facts("freight")["carriers"]
    ]


def rate_rows(stores: list[Record]) -> list[list[str]]:
    """Every line of `freight.csv` under `COLUMNS`, for the stores that deliver."""
    facts, postal = read_facts("freight"), read_facts("postal")
    senders = [store for store in stores if store["isActive"] and store["deliveryEnabled"]]
    rows: list[list[str]] = []
    for carrier in facts["carriers"]:
        if "regions" in carrier:
            rows += _flat_rows(carrier, postal["states"])
            continue
        for store in senders:
            make = _courier_rows if "near" in carrier else _zone_rows
            rows += make(carrier, store, facts, postal)
    return rows


def _flat_rows(carrier: Record, states: Record) -> list[list[str]]:
    """One price a region, from whichever store."""
    return [
        row
        for span, state in _state_ranges(states)
        if (terms := carrier["regions"].get(states[state]["region"]))
        for row in _rows(carrier, "", span, terms)
    ]


def _courier_rows(carrier: Record, store: Record, _facts: Record, postal: Record) -> list[list[str]]:
    """The store's own city: near the store the same day, further away the next."""
    near = [_span(text) for text in store["courier"]]
    rest = _without(_city_ranges(store, postal), near)
    spans = sorted([(span, "near") for span in near] + [(span, "far") for span in rest])
    return [row for span, name in spans for row in _rows(carrier, store["cnpj"], span, carrier[name])]


def _zone_rows(carrier: Record, store: Record, facts: Record, postal: Record) -> list[list[str]]:
    """All of Brazil, by how far it is from the store."""
    rows: list[list[str]] = []
    for span, state, kind in _places(store, postal, by_capital=carrier["by_capital"]):
        zone = 0 if kind == "own" else _zone(store["address"]["state"], state, postal, facts["hops"])
        zone += kind == "rest"
        base, per_kg = Decimal(carrier["base"][zone]), Decimal(carrier["per_kg"][zone])
        prices = [str((base + per_kg * Decimal(end)).quantize(CENT)) for end in carrier["brackets_kg"]]
        rows += _rows(carrier, store["cnpj"], span, {"price": prices, "days": carrier["days"][zone]})
    return rows


def _zone(origin: str, state: str, postal: Record, hops: dict[str, int]) -> int:
    """A capital's zone: 1 in the same state, 3 in the same region, two more for each hop. The rest is one more."""
    if origin == state:
        return 1
    regions = sorted({postal["states"][name]["region"] for name in (origin, state)})
    return 3 if len(regions) == 1 else 3 + 2 * hops["-".join(regions)]


def _places(store: Record, postal: Record, *, by_capital: bool) -> list[tuple[Range, str, str]]:
    """Brazil cut into ranges of one state and one kind: the store's own city, a capital, or the rest."""
    own = _city_ranges(store, postal)
    places = [(span, store["address"]["state"], "own") for span in own]
    for state, facts in postal["states"].items():
        whole = [_span(text) for text in facts["ranges"]]
        capital = [_span(text) for text in facts["capital_ranges"]] if by_capital else []
        places += [(span, state, "capital") for span in _without(capital, own)]
        places += [(span, state, "rest") for span in _without(_without(whole, capital), own)]
    return sorted(places)


def _rows(carrier: Record, cnpj: str, span: Range, terms: Record) -> Iterator[list[str]]:
    """A line for each weight bracket; both ends belong to it, so the next one starts a gram later."""
    start = Decimal(0)
    for end, price in zip(carrier["brackets_kg"], terms["price"], strict=True):
        ends = [f"{cep:08}" for cep in span]
        yield [
            carrier["reference"],
            carrier["description"],
            cnpj,
            *ends,
            str(start),
            end,
            price,
            str(terms["days"]),
        ]
        start = Decimal(end) + GRAM


def _state_ranges(states: Record) -> list[tuple[Range, str]]:
    return sorted((_span(text), state) for state, facts in states.items() for text in facts["ranges"])


def _city_ranges(store: Record, postal: Record) -> list[Range]:
    city, state = store["address"]["city"], postal["states"][store["address"]["state"]]
    texts = state["capital_ranges"] if city == state["capital"] else postal["cities"][city]
    return [_span(text) for text in texts]


def _span(text: str) -> Range:
    first, last = text.split("-")
    return int(first), int(last)


def _without(spans: list[Range], holes: list[Range]) -> list[Range]:
    """The spans with the holes cut out of them, both ends of each inclusive."""
    for first, last in holes:
        left = [(start, min(end, first - 1)) for start, end in spans if start < first]
        right = [(max(start, last + 1), end) for start, end in spans if end > last]
        spans = sorted(set(left + right))
    return spans
