"""The end of the demo's play: what came of each order, addresses that open, and a pair to try the API with."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from balcao.demo.answers import Order, Pair
from balcao.demo.client import COMMERCE, ORDERS, Client
from balcao.demo.failure import need
from balcao.demo.parties import WayIn
from balcao.demo.report import Link, Report, Row

XML = "NF-e"
STARTS = {"DANFE": b"%PDF-", XML: b"<?xml", "etiqueta.pdf": b"%PDF-", "etiqueta.zpl": b"^XA"}
"""How each kind of file begins."""


async def tell_orders(report: Report, anybody: Client, played: Sequence[tuple[Row, Order | None]]) -> None:
    """The table, and below it the addresses; raises StepFailed when a file's link does not open as it is."""
    files = [link for _, order in played if order for link in file_links(order)]
    for link in files:
        answer = await anybody.call("GET", link.url)
        need(answer.content.startswith(STARTS[link.name]), f"{link.name} is something else: {link.url}")
    report.heading("Pedidos / Orders")
    report.table([row for row, _ in played])
    report.say(f"{len(files)} arquivos abrem pelo link, sem token / files open by their link, without a token.")
    for row, order in played:
        if order is not None:
            report.heading(f"{row.order}  {row.path}")
            report.address("JSON", f"{anybody.url}{ORDERS}/{order.id}")
            for link in file_links(order):
                if link.name != XML:
                    report.address(link.name, link.url)


def tell_way_in(report: Report, url: str, way_in: WayIn) -> None:
    """The console with a login, where to read the API, and lines to paste into a shell."""
    pair = way_in.pair
    report.heading("Experimente, como administrador / Try it, as administrator")
    report.address("Console", f"{url}/console")
    report.address("E-mail", way_in.email)
    report.address("Senha", way_in.password)
    report.address("API", f"{url}/schema")
    report.address("clientId", pair.client_id)
    report.address("clientSecret", pair.client_secret)
    report.verbatim("\n".join(curl_lines(url, pair)))


def curl_lines(url: str, pair: Pair) -> Iterator[str]:
    """A shell's lines: a token for the pair, and the newest orders with it."""
    yield (
        f"TOKEN=$(curl -s {url}/auth/token/anonymous -H 'Content-Type: application/json' -d "
        f'\'{{"clientId":"{pair.client_id}","clientSecret":"{pair.client_secret}","scope":"lori"}}\''
        ' | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')'
    )
    yield f'curl -s -H "Authorization: Bearer $TOKEN" "{url}{COMMERCE}/orders/?perPage=5"'


def serve_again(home: Path, url: str) -> str:
    """The command that shows it all again at the same address."""
    return shlex.join(["balcao", "serve", "--data", str(home), "--port", url.rpartition(":")[2]])


def file_links(order: Order) -> Iterator[Link]:
    """The order's files that have an address."""
    if order.invoice and order.invoice.file_url and order.invoice.xml_url:
        yield Link("DANFE", order.invoice.file_url)
        yield Link(XML, order.invoice.xml_url)
    for label in order.labels:
        yield Link(label.file_name, label.url)
