"""NF-e files for tests: real ones out of the installed nfelib package, and made ones."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from lxml import etree

from balcao.fiscal.sample import SampleItem, SampleNfe, SampleParty, make_sample_nfe

NFELIB = Path(str(files("nfelib"))) / "nfe"

ISSUED_AT = datetime(2026, 8, 9, 12, 30, 15, tzinfo=UTC)
ITEMS = (
    SampleItem(
        code="CAM-AZ-M",
        description="Camiseta básica azul, M",
        quantity=2,
        unit_price=Decimal("59.90"),
        ean="7891234567895",
    ),
    SampleItem(code="BER-PT-42", description="Bermuda preta, 42", quantity=1, unit_price=Decimal("129.90")),
)
"""249.70 reais of goods."""


def sample_paths() -> dict[str, Path]:
    """Every sample of layout 4.00 that nfelib ships, by file name."""
    return {path.name: path for path in sorted((NFELIB / "samples" / "v4_0").rglob("*.xml"))}


def schema() -> etree.XMLSchema:
    """The tax offices' own schema of `<nfeProc>`, as nfelib ships it."""
    return etree.XMLSchema(etree.parse(str(NFELIB / "schemas" / "v4_0" / "procNFe_v4.00.xsd")))


def make_nfe(
    *,
    issuer_cnpj: str = "12345678000195",
    recipient_cpf: str = "52998224725",
    number: int = 1234,
    serie: int = 1,
    items: Sequence[SampleItem] = ITEMS,
    total: Decimal | None = None,
    issued_at: datetime = ISSUED_AT,
    with_protocol: bool = True,
) -> bytes:
    """A plausible NF-e 4.00; a `total` other than the items' becomes freight or discount."""
    difference = Decimal(0) if total is None else total - sum(item.total for item in items)
    return make_sample_nfe(
        SampleNfe(
            issuer=SampleParty(document=issuer_cnpj, name="Moda Aurora Ltda", state_registration="110042490114"),
            recipient=SampleParty(document=recipient_cpf, name="Maria da Silva", zip_code="01001000"),
            number=number,
            serie=serie,
            items=items,
            freight=max(difference, Decimal(0)),
            discount=max(-difference, Decimal(0)),
            issued_at=issued_at,
            carrier=SampleParty(document="34028316000103", name="Correios"),
            order_number="LORI-1001",
            with_protocol=with_protocol,
        )
    )


def change(xml: bytes, pattern: str, replacement: str) -> bytes:
    """The XML with exactly one place changed; fails where `pattern` is not there exactly once."""
    changed, places = re.subn(pattern, replacement, xml.decode(), flags=re.DOTALL)
    assert places == 1, f"{pattern} is there {places} times"
    return changed.encode()
