"""Lists where there are many orders: pages, filters, a store's poll, searches; and the creation of orders there."""

from urllib.parse import quote

from balcao.bench.ask import ask
from balcao.bench.bench import Bench
from balcao.bench.drive import Run
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Requests
from balcao.bench.orders import SEED, creations, order_keys, request_head
from balcao.bench.past import open_past
from balcao.bench.shop import CNPJ

COMMERCE = "/cp/management/commerce"
ORDERS = f"{COMMERCE}/orders"
PER_PAGE = 20
FAR_PAGE = 10_000
ENOUGH = 10_000
KEYS_A_SECOND = 15_000


async def bench_lists(bench: Bench) -> list[Figure]:
    """Each list by one caller, whose median is what a person waits for, and by the first number of callers.

    With a past: the creation of orders before and after it was filled, too.
    """
    options = bench.options
    before = [await _create(bench) for _ in range(options.runs)] if options.past else []
    if options.past:
        await open_past(bench, options.past)
    elif options.orders < ENOUGH:
        await bench.fill(ENOUGH - options.orders)
    found = await _lists(bench)
    if options.past:
        found.append(await _creation(bench, before))
    return found


async def _lists(bench: Bench) -> list[Figure]:
    figures = [
        (path, Figure(suite="lists", name=name, unit="lists", connections=connections, runs=[], limits=[_limit()]))
        for name, path in (_paths(bench) | _searches(bench)).items()
        for connections in dict.fromkeys((1, bench.options.connections[0]))
    ]
    for _ in range(bench.options.runs):
        for path, figure in figures:
            head = request_head("GET", path, bench.shop, bench.house.port)
            requests = Requests(before=head, keys=[b""], endless=True)
            figure.runs.append(await bench.measure(requests, connections=figure.connections, expect=200))
            figure.limits[0].rates.append(await bench.bare_rate(requests, figure.connections, 200))
            bench.screen.run(figure)
    return [figure for _, figure in figures]


async def _creation(bench: Bench, before: list[Run]) -> Figure:
    """Orders of one line, beside the same before the past was there."""
    figure = Figure(
        suite="lists",
        name=f"orders created, {bench.options.past:,} there",
        unit="orders",
        connections=bench.options.connections[0],
        runs=[],
        limits=[Limit(name="the same before them", rates=[run.rate for run in before])],
    )
    for _ in before:
        figure.runs.append(await _create(bench))
        bench.screen.run(figure)
    return figure


async def _create(bench: Bench) -> Run:
    options = bench.options
    keys = order_keys(int(KEYS_A_SECOND * (options.seconds + options.warm_up_s)), bench.mark())
    requests = creations(bench.shop, SEED, keys, bench.house.port)
    return await bench.measure(requests, connections=options.connections[0], expect=201)


def _limit() -> Limit:
    return Limit(name="bare answer", rates=[])


def _paths(bench: Bench) -> dict[str, str]:
    options, whole = bench.options, f"{ORDERS}?perPage={PER_PAGE}"
    far = min(FAR_PAGE, (options.past or max(options.orders, ENOUGH)) // (2 * PER_PAGE))
    asked = ask(bench.shop, bench.house, f"{whole}&page={far - 1}")
    poll = f"{COMMERCE}/sellers/{CNPJ}/orders"
    middle = quote(asked["orders"][0]["lastUpdate"])
    return {
        "first page of 20": whole,
        "filtered, 20": f"{whole}&status=Pending&channel=ecommerce&freightReference=SEDEX",
        "filtered by way to pay, 20": f"{whole}&status=Finalized&paymentType=Pix",
        "filtered, none found": f"{whole}&status=Finalized&channel=nobody",
        f"page {far:,} by cursor": f"{whole}&cursor={quote(asked['next'])}",
        "changed since, 20": f"{whole}&lastUpdateSince={middle}",
        "paid and changed since, 20": f"{whole}&status=2&lastUpdateSince={middle}",
        "seller's poll, nothing new": f"{poll}?lastUpdateSince={quote(_newest(bench, 1))}",
        "seller's poll, of the last 400 orders": f"{poll}?lastUpdateSince={quote(_newest(bench, 400))}",
        "seller's poll, 200 whole orders": f"{poll}?lastUpdateSince={middle}",
        "one order by friendly code": f"{ORDERS}/orderNumber/{asked['orders'][0]['friendlyCode']}",
    }


def _searches(bench: Bench) -> dict[str, str]:
    """By what stands in an order of the middle."""
    lines = ask(bench.shop, bench.house, f"{ORDERS}?perPage=1&page={max(bench.options.past // 2, 1)}")["orders"]
    order = ask(bench.shop, bench.house, f"{ORDERS}/{lines[0]['id']}")
    asked = {"an external id": order["externalId"], "a friendly code": order["friendlyCode"]}
    if bench.options.past:
        buyer = order["buyer"]
        name = buyer["fullName"].split()
        asked |= {
            "a CPF": buyer["cpf"],
            "an e-mail address": buyer["email"],
            "a phone number": buyer["phoneNumber"],
            "a name": name[0],
            "a name and a surname": f"{name[0]} {name[1]}",
            "the beginning of a name": name[0][:3],
            "nobody": "Ninguem Nenhures",
        }
    return {f"search by {what}": f"{ORDERS}?perPage={PER_PAGE}&query={quote(text)}" for what, text in asked.items()}


def _newest(bench: Bench, place: int) -> str:
    """When the order changed that stands at this place, the newest first."""
    page = ask(bench.shop, bench.house, f"{ORDERS}?perPage=1&page={place}&sortField=lastUpdate&sortAscending=false")
    return str(page["orders"][0]["lastUpdate"])
