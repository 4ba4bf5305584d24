"""Drawing the DANFE: every readable note, marks, odd letters, long notes, threads, silence."""

import logging
import re
import socket
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from brazilfiscalreport.danfe import Danfe  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from balcao.base.errors import Invalid, TooLarge
from balcao.fiscal.danfe import make_danfe
from balcao.fiscal.sample import SampleItem
from tests.rules.nfe_samples import change, make_nfe, sample_paths
from tests.rules.test_nfe import READABLE

NEW_LAYOUT = datetime(2026, 12, 1, 12, tzinfo=UTC)
STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)


def texts(pdf: bytes) -> str:
    """All that the pages print, in the order of drawing."""
    return " ".join(_texts(pdf))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", pdf))


def _texts(pdf: bytes) -> Iterator[str]:
    for stream in STREAM.findall(pdf):
        drawn = zlib.decompress(stream).decode("cp1252")
        for text in re.findall(r"\(((?:[^()\\]|\\.)*)\) ?T[jJ]|\[\((.*?)\)\] TJ", drawn):
            yield re.sub(r"\\(.)", r"\1", text[0] or text[1])


def items(count: int, description: str = "Meia") -> list[SampleItem]:
    return [
        SampleItem(code=f"SKU-{n:03}", description=f"{description} {n}", quantity=1, unit_price=Decimal("1.00"))
        for n in range(count)
    ]


@pytest.mark.parametrize("name", READABLE)
def test_draws_every_readable_sample(name: str) -> None:
    pdf = make_danfe(sample_paths()[name].read_bytes())
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    (key,) = re.findall(r"\d{44}", sample_paths()[name].read_text("utf-8").split("Id=", 1)[1])[:1]
    assert " ".join(re.findall("....", key)) in texts(pdf)


@pytest.mark.parametrize("issued_at", [datetime(2026, 8, 9, 12, tzinfo=UTC), NEW_LAYOUT], ids=["MOC", "NT 2026.010"])
def test_prints_what_the_note_says(issued_at: datetime) -> None:
    printed = texts(make_danfe(make_nfe(total=Decimal("259.60"), issued_at=issued_at)))
    for text in (
        "Moda Aurora Ltda",
        "12.345.678/0001-95",
        "529.982.247-25",
        "Nº 000.001.234",
        "Camiseta básica azul, M",
        "CAM-AZ-M",
        "119,80",
        "259,60",
        "Correios",
        "135260000001234 - ",
        "SEM VALOR FISCAL",
    ):
        assert text in printed
    assert ("TOTAL DO IBS / CBS / IS" in printed) == (issued_at == NEW_LAYOUT)


def test_only_authorised_notes_of_the_real_environment_are_unmarked() -> None:
    unauthorised = change(make_nfe(with_protocol=False), "<tpAmb>2<", "<tpAmb>1<")
    unauthorised = change(unauthorised, "<xNome>NF-E EMITIDA[^<]*", "<xNome>Maria da Silva")
    protocol = re.findall(rb"<protNFe.*</protNFe>", make_nfe())[0].decode()
    note = unauthorised.decode().split("?>", 1)[1]
    real = f'<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe">{note}{protocol}</nfeProc>'.encode()
    assert "SEM VALOR FISCAL" not in texts(make_danfe(real))
    assert "SEM VALOR FISCAL" in texts(make_danfe(unauthorised))
    assert "Maria da Silva" in texts(make_danfe(real))


def test_prints_a_key_with_letters() -> None:
    assert "ABC3 4501 DE35" in texts(make_danfe(make_nfe(issuer_cnpj="12ABC34501DE35")))


def test_letters_outside_latin_1_print_as_the_nearest() -> None:
    odd = [SampleItem(code="A", description="placeholder", quantity=1, unit_price=Decimal(1))]
    xml = change(make_nfe(items=odd), "placeholder", "Caf\u0065\u0301 “bom” – 5…\tŁ\u0085😀")
    for note in (xml, change(xml, r"<dhEmi>2026-08", "<dhEmi>2026-12")):
        assert 'Café "bom" - 5... ???' in texts(make_danfe(note))


@pytest.mark.parametrize("blank", ["CEP", "fone", "xLgr", "nProt", "natOp", "infCpl", "vFrete", "IE", "tpImp", "CRT"])
def test_blank_fields_stay_blank(blank: str) -> None:
    xml = make_nfe(total=Decimal("259.60")).decode()
    emptied, places = re.subn(f"<{blank}>[^<]*</{blank}>", f"<{blank}/>", xml)
    assert places > 0
    if blank == "nProt":
        emptied = re.sub("<protNFe.*</protNFe>", "", emptied)
    printed = texts(make_danfe(emptied.encode()))
    assert "None" not in printed
    assert "Nº 000.001.234" in printed


def test_a_note_of_nothing_but_what_is_read_is_drawn() -> None:
    xml = make_nfe(with_protocol=False)
    for pattern in ("<dest>.*</dest>", "<transp>.*</transp>", "<pag>.*</pag>", "<enderEmit>.*</enderEmit>"):
        xml = change(xml, pattern, "")
    assert "Moda Aurora Ltda" in texts(make_danfe(xml))
    assert "9 - Sem Frete" in texts(make_danfe(xml))


@pytest.mark.parametrize("phone", ["", "0", "ramal", "551131000000", "+1 202 555 0100"])
def test_an_odd_telephone_prints_as_it_is_without_a_warning(phone: str) -> None:
    xml = re.sub(rb"<fone>[^<]*", b"<fone>" + phone.encode(), make_nfe())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        printed = texts(make_danfe(xml))
    assert caught == []
    assert phone != "ramal" or "Fone: ramal" in printed


@pytest.mark.parametrize("issued_at", [datetime(2026, 8, 9, 12, tzinfo=UTC), NEW_LAYOUT], ids=["MOC", "NT 2026.010"])
@pytest.mark.parametrize("count", [17, 60])
def test_pages_break_where_the_library_breaks_them(count: int, issued_at: datetime) -> None:
    xml = make_nfe(items=items(count, "Meia " * (count % 20)), issued_at=issued_at)
    ours = make_danfe(xml)
    theirs = bytes(Danfe(xml).output())
    assert texts(ours) == texts(theirs)
    assert pages(ours) == pages(theirs)
    assert f"SKU-{count - 1:03}" in texts(ours)


def test_long_notes_print_every_item_and_all_remarks() -> None:
    remarks = " ".join(f"observação{n}" for n in range(300))
    xml = change(make_nfe(items=items(90)), "<infCpl>[^<]*", f"<infCpl>{remarks}")
    pdf = make_danfe(xml)
    printed = texts(pdf)
    assert pages(pdf) == 3
    assert [f"SKU-{n:03}" in printed for n in range(90)] == [True] * 90
    assert [f"observação{n}" in printed for n in range(300)] == [True] * 300


def test_the_same_note_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "import sys; from balcao.fiscal.danfe import make_danfe; from hashlib import sha256;"
        "print(sha256(make_danfe(sys.stdin.buffer.read())).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        input=make_nfe(),
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert other.stderr == b""
    assert other.stdout.decode().strip() == sha256(make_danfe(make_nfe())).hexdigest()


def test_threads_draw_together_and_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was touched")

    notes = [make_nfe(number=number) for number in range(1, 5)]
    alone = [make_danfe(note) for note in notes]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket, "socket", no_network)
    filters = list(warnings.filters)
    with caplog.at_level(logging.DEBUG), ThreadPoolExecutor(4) as pool:
        together = list(pool.map(make_danfe, notes))
    assert together == alone
    assert len(set(together)) == 4
    assert warnings.filters == filters
    assert list(tmp_path.iterdir()) == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"<html/>", "Its root is <html>: send an <nfeProc>, an <NFe>, or an <enviNFe> with one NFe."),
        (change(make_nfe(), "<mod>55<", "<mod>57<"), "ide/mod is 57: only NF-e, model 55, is accepted."),
        (
            change(make_nfe(), "<modFrete>0<", "<modFrete>8<"),
            "Its DANFE cannot be drawn: KeyError: '8'.",
        ),
    ],
)
def test_refuses_what_it_cannot_draw(xml: bytes, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_danfe(xml)
    assert caught.value.errors == {"xmlString": [message]}


def test_refuses_too_many_bytes() -> None:
    with pytest.raises(TooLarge):
        make_danfe(b" " * 2_097_153)


@settings(max_examples=15, deadline=None)
@given(place=st.integers(0, 200), text=st.text(max_size=200))
def test_no_text_in_any_field_escapes(place: int, text: str) -> None:
    xml = make_nfe(items=items(1)).decode()
    fields = list(re.finditer(r">([^<>]+)</", xml))
    field = fields[place % len(fields)]
    escaped = re.sub("[<&]", "", text)
    try:
        pdf = make_danfe(f"{xml[: field.start(1)]}{escaped}{xml[field.end(1) :]}".encode(errors="replace"))
    except Invalid as error:
        pdf = b"%PDF-" if list(error.errors) == ["xmlString"] else b""
    assert pdf.startswith(b"%PDF-")
