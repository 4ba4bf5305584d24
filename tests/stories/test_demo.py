"""`balcao demo` as a person runs it: a process, its output, its exit code, and nothing left behind."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import psutil
import pytest

TIMEOUT_S = 120
PAUSE_S = 0.02
Run = Callable[..., "Demo"]

LOADED = (
    ("Lojas / Stores", 13),
    ("Categorias / Categories", 43),
    ("Produtos, com SKUs / Products, with SKUs", 200),
    ("Preços / Prices", 245),
    ("Estoques / Stocks", 5962),
    ("Tabelas de frete / Freight tables", 34),
)
QUOTE = r"POST …/freight/simulation/{0}/qaapp\?Persist=true  .*→ 200 \d+ ofertas / offers; "
PLACE = r"POST …/orders/external  DEMO-\d+-\d+-\d, R\$ [\d,]+  → 201 \w+ · 1 Aguardando pagamento / Awaiting payment"
PAY = r"PUT …/orders/{id}/payment  .*, R\$ [\d,]+  → 204 2 Pago / Paid"
SOLD = (
    r"ERP SP01  GET …/sellers/04109169000135/orders\?status=2.*  → 200 \w+ · 2 Pago / Paid",
    r"ERP SP01  PUT …/orders/{id}/status  4, pedido SP01-\d+  → 204 4 Confirmado pela loja / Confirmed by the store",
    r"ERP SP01  PUT …/orders/{id}/status  Separate  → 204 6 Separado / Separated",
    r"ERP SP01  PUT …/orders/{id}/invoicedetails  NF-e \d+, XML, R\$ [\d,]+  → 204 20 Nota fiscal .* / Invoice issued",
)
SHIPPED = r"operator  PUT …/orders/{id}/trackingdetails  \w+, \d\d/\d\d/\d{4}  → 204 7 Em transporte / In transit"
KEPT = "etiqueta e rastreio guardados / label and tracking kept"
REFUSED = (
    r"POST …/orders/external  DEMO-\d+-\d+-6, com / with ([\w-]+)"
    r"  → 409 The store has not enough stock\. \1: 1 asked, 0 available\."
)
CONFLICT = (
    r"POST …/orders/external  NEOMODE-1, 19,90 → 29,90"
    r"  → 409 The external id 'NEOMODE-1' already stands for order [0-9a-f-]{36} with other content\."
)
REPLAYED = r"→ 201 Idempotent-Replayed: true, mesmo pedido / same order"

DELIVERED = (
    r"SEDEX     GET …/orders\?status=InvoiceCreated  → 200 \d+ para coletar / to collect",
    rf"SEDEX     PUT …/orders/{{id}}/trackings  etiqueta\.pdf, SE\d{{9}}BR  → 204 {KEPT}",
    SHIPPED,
    r"SEDEX     PUT …/orders/{id}/status  Finalized  → 204 9 Finalizado / Completed",
)
TOLD = r"OmniChat  POST /v2/orders/DEMO-\d+-\d+-\d/statusChange  → 200 \w+ → PACKAGED → SHIPPED → DELIVERED"
CHAT_PAID = r"OmniChat  POST /status-change  PAID  → 200 2 Pago / Paid"

PATHS = {
    "1. Entrega, Pix / Delivery, Pix": (
        f"ecommerce {QUOTE.format('ecommerce')}SEDEX R\\$ [\\d,]+, [12] d, SP01",
        f"ecommerce {PLACE}",
        f"ecommerce {PAY}",
        *SOLD,
        r"SEDEX     GET …/orders\?status=InvoiceCreated  → 200 1 para coletar / to collect",
        rf"SEDEX     PUT …/orders/{{id}}/trackings  etiqueta\.pdf, SE\d{{9}}BR  → 204 {KEPT}",
        SHIPPED,
        r"SEDEX     PUT …/orders/{id}/status  Finalized  → 204 9 Finalizado / Completed",
    ),
    "2. Cartão em 10× / Card, 10 instalments": (
        f"app       {QUOTE.format('app')}",
        f"app       {PLACE}",
        f"app       {PAY}",
        *SOLD,
        r"\w+ +GET …/orders\?status=InvoiceCreated  → 200 \d+ para coletar / to collect",
        rf"\w+ +PUT …/orders/{{id}}/trackings  etiqueta\.zpl, \w\w\d{{9}}BR  → 204 {KEPT}",
        SHIPPED,
    ),
    "3. Link de pagamento / Payment link": (
        f"whatsapp  {QUOTE.format('whatsapp')}",
        f"whatsapp  {PLACE}",
        f"whatsapp  {PAY}",
        *SOLD,
    ),
    "4. Retirada na loja / Store pickup": (
        f"ecommerce {QUOTE.format('ecommerce')}Retirada na loja",
        f"ecommerce {PLACE}",
        f"ecommerce {PAY}",
        *SOLD,
        r"operator  PUT …/orders/{id}/status  ReadyForPickup  → 204 8 Pronto para retirada / Ready for pickup",
        r"operator  PUT …/orders/{id}/status  Finalized  → 204 9 Finalizado / Completed",
    ),
    "5. Cancelamento / Cancellation": (
        f"ecommerce {QUOTE.format('ecommerce')}",
        r"ecommerce GET …/stocks.*antes / before: 83 on hand, 0 reserved, 83 available",
        f"ecommerce {PLACE}",
        f"ecommerce {PAY}",
        r"ecommerce GET …/stocks.*reservado / reserved: 83 on hand, 3 reserved, 80 available",
        r"ecommerce POST …/orders/{id}/cancel  .*→ 204 11 Cancelado pelo cliente / Cancelled by the customer",
        r"ecommerce GET …/stocks.*devolvido / given back: 83 on hand, 0 reserved, 83 available",
    ),
    "6. Sem estoque / Out of stock": (
        r"ecommerce POST …/freight/simulation/ecommerce/qaapp  [\w-]+, SP02  → 200 OutOfStock, 0 un\.",
        f"ecommerce {QUOTE.format('ecommerce')}",
        f"ecommerce {REFUSED}",
        r"ecommerce GET …/orders/external/DEMO-\d+-\d+-6  → 404 nada foi criado / nothing was created",
    ),
    "7. Exemplo da referência / Reference's example": (
        r"ecommerce POST …/orders/external  NEOMODE-1, R\$ 11,00  → 201 \w+ · .*",
        rf"ecommerce POST …/orders/external  NEOMODE-1, de novo / again  {REPLAYED}",
        f"ecommerce {CONFLICT}",
    ),
    "8. OmniChat, checkout deles / their checkout": (
        r"OmniChat  POST /provision  R\$ [\d,]+  → 200 ORDER_GATEWAY_PROVISIONED · \w+, orderGwId",
        CHAT_PAID,
        *SOLD,
        *DELIVERED,
        TOLD,
    ),
    "9. OmniChat, checkout próprio / own checkout": (
        r"OmniChat  POST /provision  R\$ [\d,]+  → 200 PROVISIONED · \w+, https://loja\.example\.com/checkout/[\w-]+",
        CHAT_PAID,
        *SOLD,
        *DELIVERED,
        TOLD,
    ),
}
TABLE = (
    r"\w+ +Entrega, Pix / Delivery, Pix +9 Finalizado / Completed +R\$ [\d,]+  SP01",
    r"\w+ +Cartão em 10× / Card, 10 instalments +7 Em transporte / In transit +R\$ [\d,]+  SP01",
    r"\w+ +Link de pagamento / Payment link +20 Nota fiscal emitida / Invoice issued +R\$ [\d,]+  SP01",
    r"\w+ +Retirada na loja / Store pickup +9 Finalizado / Completed +R\$ [\d,]+  SP01",
    r"\w+ +Cancelamento / Cancellation +11 Cancelado pelo cliente / Cancelled by the customer +R\$ [\d,]+  SP01",
    r"- +Sem estoque / Out of stock +recusado / refused \(409\) +-  -",
    r"\w+ +Exemplo da referência / Reference's example +1 Aguardando pagamento / Awaiting payment +R\$ 11,00  SP01",
    r"\w+ +OmniChat, checkout deles / their checkout +9 Finalizado / Completed +R\$ [\d,]+  SP01",
    r"\w+ +OmniChat, checkout próprio / own checkout +9 Finalizado / Completed +R\$ [\d,]+  SP01",
)

SABOTAGE = """
from balcao.cli import main
from balcao.demo import repeating

repeating.CHANGED = repeating.EXAMPLE
main()
"""
"""The command, but what ought to be refused is what was sent before."""


class Demo:
    """A running `balcao demo`; `lines` is what it has said so far."""

    def __init__(self, home: Path, *words: str, program: Sequence[str] = ("-m", "balcao")) -> None:
        command = [sys.executable, "-P", *program, "demo", "--data", str(home), "--port", "0", *words]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", process_group=0
        )
        self.lines: list[str] = []

    def read_until(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if words in line:
                return
        pytest.fail("\n".join(("it ended before it said", words, *self.lines)))

    def end(self) -> int:
        """Its exit code; nothing that it started runs any more."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        assert self.process.stdout is not None
        with self.process.stdout as rest:
            self.lines += rest.read().splitlines()
        code = self.process.wait(TIMEOUT_S)
        assert [child for child in children if _runs(child)] == []
        return code

    def said(self, pattern: str) -> re.Match[str]:
        """The one line that is like that."""
        found = [match for line in self.lines if (match := re.fullmatch(pattern, line.strip()))]
        assert len(found) == 1, "\n".join((pattern, *self.lines))
        return found[0]

    def steps(self, heading: str) -> list[str]:
        """The steps below a heading."""
        begin = self.lines.index(heading) + 1
        end = next(n for n in range(begin, len(self.lines)) if not self.lines[n])
        return self.lines[begin:end]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that has been played once, and may be played again."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def ended(home: Path) -> Demo:
    """The demo that has been played there, to its end."""
    demo = Demo(home, "--exit")
    demo.read_until("No ar / Up")
    assert demo.end() == 0, "\n".join(demo.lines)
    return demo


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts demos; what a test leaves running is told to stop."""
    started: list[Demo] = []

    def start(home: Path, *words: str, **program: Sequence[str]) -> Demo:
        started.append(Demo(home, *words, **program))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            demo.process.terminate()
        demo.process.communicate(timeout=TIMEOUT_S)


def _expect_played(demo: Demo) -> None:
    for kind, count in LOADED:
        demo.said(rf"ok  {re.escape(kind)} +{count}")
    for heading, steps in PATHS.items():
        told = demo.steps(heading)
        assert len(told) == len(steps), "\n".join(told)
        for line, pattern in zip(told, steps, strict=True):
            assert re.match(rf"  ok  {pattern.replace('{id}', '[{]id[}]')}", line), f"{line}\n{pattern}"
    for row in TABLE:
        demo.said(row)
    demo.said("16 arquivos abrem pelo link, sem token / files open by their link, without a token.")
    demo.said(r"9 caminhos em / paths in [\d.]+ s")


def _sign_in(client: httpx.Client, demo: Demo) -> dict[str, str]:
    pair = {name: demo.said(rf"{name} +(\S+)")[1] for name in ("clientId", "clientSecret")}
    answer = client.post("/auth/token/anonymous", json={**pair, "scope": "lori"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two
        return False


def _until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(PAUSE_S)


def test_demo_plays_every_path_and_ends(ended: Demo, home: Path) -> None:
    _expect_played(ended)
    ended.said(r"ok  ecommerce POST …/orders/external  NEOMODE-1, R\$ 11,00  → 201 \w+ · 1 Aguardando .*")
    ended.said(rf"Para rever / To see it all again: balcao serve --data {re.escape(str(home))} --port \d+")
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_demo_runs_again_in_its_folder_and_stays_until_ctrl_c(run: Run, ended: Demo, home: Path) -> None:
    demo = run(home)
    demo.read_until("No ar até Ctrl-C / Up until Ctrl-C")
    _expect_played(demo)
    demo.said(r"ok  ecommerce POST .* NEOMODE-1, .* de uma demonstração anterior / of an earlier demo")
    addresses = [line.split() for line in demo.lines if re.match(r"  (JSON|DANFE|etiqueta)", line)]
    assert len(addresses) == 18
    with httpx.Client(base_url=demo.said(r"No ar / Up: (\S+)")[1], timeout=30) as client:
        token = _sign_in(client, demo)
        for name, address in addresses:
            answer = client.get(address, headers=token if name == "JSON" else {})
            assert answer.status_code == 200
            assert answer.content.startswith({"JSON": b'{"', "etiqueta.zpl": b"^XA"}.get(name, b"%PDF-")), name
        page = client.get(demo.said(r"API +(\S+)")[1], headers={"Accept": "text/html"})
        assert (page.status_code, "<title>" in page.text) == (200, True)
        orders = client.get("/cp/management/commerce/orders/", headers=token).json()
        assert orders["maxCount"] == 8 + 7  # the reference's example stays one order
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 0
    assert demo.lines[-1] == "Encerrando / Stopping"
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_demo_told_to_stop_in_the_middle_says_so_by_its_exit_code(run: Run, tmp_path: Path) -> None:
    demo = run(tmp_path, "--exit")
    demo.read_until("1. Entrega")
    demo.process.send_signal(signal.SIGTERM)
    assert demo.end() == 130


def test_server_goes_when_the_demo_is_killed(run: Run, tmp_path: Path) -> None:
    demo = run(tmp_path)
    demo.read_until("No ar / Up")
    [server] = psutil.Process(demo.process.pid).children()
    demo.process.kill()
    _until(lambda: not _runs(server))
    _until(lambda: not (tmp_path / "postgres" / "postmaster.pid").exists())


def test_demo_with_a_step_that_is_not_right_says_which_and_stops_everything(run: Run, tmp_path: Path) -> None:
    demo = run(tmp_path, "--exit", program=("-c", SABOTAGE))
    demo.read_until("FAILED")
    assert demo.end() == 1
    demo.said(r'FAILED  ecommerce: POST …/orders/external answered 201, not 409: [{]"id":.*')
    assert [line for line in demo.lines if line.startswith("Pedidos")] == []
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_demo_that_cannot_start_says_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("in the way", encoding="utf-8")
    demo = run(tmp_path, "--exit")
    demo.read_until("FAILED")
    assert demo.end() == 1
    demo.said(r"FAILED  The server could not start\.")
    demo.said(rf"balcao: the demo cannot start: {re.escape(str(tmp_path))} cannot be used .*")
