"""The fields of a sample NF-e, in the order in which layout 4.00 wants them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TypeAlias

from .envelope import MODEL
from .sample_note import BRASILIA, CENT, SampleItem, SampleNfe, SampleParty

Field: TypeAlias = "tuple[str, str | Sequence[Field] | None]"
"""An element: its name, and its text, its children, or None for "leave it out"."""

_TEST_ENVIRONMENT = "2"
_TEST_RECIPIENT = "NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL"
"""The name that the tax offices demand of every recipient in the test environment (rejection 598)."""


def note_fields(note: SampleNfe) -> list[Field]:
    """The children of `infNFe`, in the layout's order."""
    freights = _shares(note, note.freight)
    discounts = _shares(note, note.discount)
    order = f"Pedido {note.order_number}. " if note.order_number else ""
    return [
        ("ide", _identity(note)),
        ("emit", _issuer(note.issuer)),
        ("dest", _recipient(note.recipient)),
        *(
            ("det", [("prod", _product(note, *line)), ("imposto", _TAXES)])
            for line in zip(note.items, freights, discounts, strict=True)
        ),
        ("total", [("ICMSTot", _totals(note))]),
        ("transp", _transport(note)),
        ("pag", [("detPag", [("indPag", "0"), ("tPag", "17"), ("vPag", _money(note.total))])]),
        ("infAdic", [("infCpl", f"{order}Documento de demonstração, emitido por empresa do Simples Nacional.")]),
    ]


def protocol_fields(note: SampleNfe, digest: str) -> list[Field]:
    """The children of `infProt`: an authorisation two seconds after issue, of the note with that digest (Base64)."""
    key = note.access_key
    return [
        ("tpAmb", _TEST_ENVIRONMENT),
        ("verAplic", "BALCAO_DEMO"),
        ("chNFe", key),
        ("dhRecbto", _time(note.issued_at + timedelta(seconds=2))),
        ("nProt", f"1{key[:4]}0{key[25:34]}"),
        ("digVal", digest),
        ("cStat", "100"),
        ("xMotivo", "Autorizado o uso da NF-e"),
    ]


def _identity(note: SampleNfe) -> list[Field]:
    key = note.access_key
    return [
        ("cUF", key[:2]),
        ("cNF", key[35:43]),
        ("natOp", "Venda de mercadoria"),
        ("mod", MODEL),
        ("serie", str(note.serie)),
        ("nNF", str(note.number)),
        ("dhEmi", _time(note.issued_at)),
        ("dhSaiEnt", _time(note.issued_at)),
        ("tpNF", "1"),
        ("idDest", "1" if note.issuer.state == note.recipient.state else "2"),
        ("cMunFG", note.issuer.city_code),
        ("tpImp", "1"),
        ("tpEmis", "1"),
        ("cDV", key[43]),
        ("tpAmb", _TEST_ENVIRONMENT),
        ("finNFe", "1"),
        ("indFinal", "1"),
        ("indPres", "2"),
        ("indIntermed", "0"),
        ("procEmi", "0"),
        ("verProc", "Balcao demonstracao"),
    ]


def _issuer(party: SampleParty) -> list[Field]:
    return [
        _document(party),
        ("xNome", party.name[:60]),
        ("enderEmit", _address(party)),
        ("IE", party.state_registration or "ISENTO"),
        ("CRT", "1"),
    ]


def _recipient(party: SampleParty) -> list[Field]:
    return [_document(party), ("xNome", _TEST_RECIPIENT), ("enderDest", _address(party)), ("indIEDest", "9")]


def _document(party: SampleParty) -> Field:
    return ("CNPJ" if len(party.document) == 14 else "CPF", party.document)


def _address(party: SampleParty) -> list[Field]:
    return [
        ("xLgr", party.street[:60]),
        ("nro", party.number[:60]),
        ("xBairro", party.district[:60]),
        ("cMun", party.city_code),
        ("xMun", party.city[:60]),
        ("UF", party.state),
        ("CEP", party.zip_code),
        ("cPais", "1058"),
        ("xPais", "Brasil"),
        ("fone", party.phone),
    ]


def _product(note: SampleNfe, item: SampleItem, freight: Decimal, discount: Decimal) -> list[Field]:
    same_state = note.issuer.state == note.recipient.state
    quantity, price = f"{item.quantity}.0000", f"{item.unit_price:.4f}"
    return [
        ("cProd", item.code[:60]),
        ("cEAN", item.ean or "SEM GTIN"),
        ("xProd", item.description[:120]),
        ("NCM", item.ncm),
        ("CFOP", "5102" if same_state else "6108"),
        ("uCom", "UN"),
        ("qCom", quantity),
        ("vUnCom", price),
        ("vProd", _money(item.total)),
        ("cEANTrib", item.ean or "SEM GTIN"),
        ("uTrib", "UN"),
        ("qTrib", quantity),
        ("vUnTrib", price),
        ("vFrete", _money(freight) if freight else None),
        ("vDesc", _money(discount) if discount else None),
        ("indTot", "1"),
        ("xPed", note.order_number[:15] if note.order_number else None),
    ]


_TAXES: Sequence[Field] = (
    ("ICMS", [("ICMSSN102", [("orig", "0"), ("CSOSN", "102")])]),
    ("PIS", [("PISOutr", [("CST", "99"), ("vBC", "0.00"), ("pPIS", "0.0000"), ("vPIS", "0.00")])]),
    ("COFINS", [("COFINSOutr", [("CST", "99"), ("vBC", "0.00"), ("pCOFINS", "0.0000"), ("vCOFINS", "0.00")])]),
)
"""A small company's taxes ("Simples Nacional", CSOSN 102): none is shown on the note."""


def _totals(note: SampleNfe) -> list[Field]:
    nothing = "vBC vICMS vICMSDeson vFCP vBCST vST vFCPST vFCPSTRet"
    nothing_either = "vII vIPI vIPIDevol vPIS vCOFINS vOutro"
    return [
        *((name, "0.00") for name in nothing.split()),
        ("vProd", _money(sum((item.total for item in note.items), Decimal(0)))),
        ("vFrete", _money(note.freight)),
        ("vSeg", "0.00"),
        ("vDesc", _money(note.discount)),
        *((name, "0.00") for name in nothing_either.split()),
        ("vNF", _money(note.total)),
    ]


def _transport(note: SampleNfe) -> list[Field]:
    weight = f"{Decimal(note.weight_g) / 1000:.3f}"
    return [
        ("modFrete", "0"),
        ("transporta", _carrier(note.carrier) if note.carrier else None),
        ("vol", [("qVol", "1"), ("esp", "CAIXA"), ("pesoL", weight), ("pesoB", weight)]),
    ]


def _carrier(party: SampleParty) -> list[Field]:
    return [
        _document(party),
        ("xNome", party.name[:60]),
        ("xEnder", f"{party.street}, {party.number}"[:60]),
        ("xMun", party.city[:60]),
        ("UF", party.state),
    ]


def _shares(note: SampleNfe, amount: Decimal) -> list[Decimal]:
    """`amount` over the items by their totals, in whole cents; the first item takes what rounding leaves."""
    whole = sum((item.total for item in note.items), Decimal(0)) or Decimal(1)
    shares = [(amount * item.total / whole).quantize(CENT, ROUND_DOWN) for item in note.items]
    return [shares[0] + amount - sum(shares), *shares[1:]]


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _time(moment: datetime) -> str:
    return moment.astimezone(BRASILIA).isoformat(timespec="seconds")
