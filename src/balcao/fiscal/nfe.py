"""Read an NF-e (model 55, layout 4.00) and check that it says one thing throughout.

The digital signature is not verified: Balcão takes invoices only from authenticated partners and files them for the
shopper and the carrier, and whoever must trust the invoice asks the tax office about its key. What is verified is that
key, Id, fields and protocol agree with each other, so that a wrong or mixed-up file is refused at once.
"""

import re
from datetime import datetime
from decimal import Decimal

from lxml import etree

from balcao.base.errors import Invalid

from .access_key import AccessKeyParts, access_key_parts, check_access_key
from .agree import agree
from .envelope import LAYOUT, MODEL, children, find_text, need_text, open_nfe
from .note import Nfe, NfeItem
from .parse import FIELD, XML_BYTES_MAX, decode_xml_string, parse_xml, refused

__all__ = [
    "XML_BYTES_MAX",
    "AccessKeyParts",
    "Nfe",
    "NfeItem",
    "access_key_parts",
    "agree",
    "check_access_key",
    "decode_xml_string",
    "read_nfe",
]

_AUTHORISED = frozenset({"100", "150"})
"""infProt/cStat: 100 is authorised, 150 authorised after the due time; all others reject, deny or cancel."""

_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_CPF = re.compile(r"[0-9]{11}")
_SERIE = re.compile(r"[0-9]{1,3}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")
_NO_EAN = "SEM GTIN"


def read_nfe(xml: bytes) -> Nfe:
    """Read `<nfeProc>`, a bare `<NFe>`, or an `<enviNFe>` of exactly one NFe, in any encoding that XML can declare.

    Raises TooLarge, or Invalid whose errors name `xmlString`: not XML, a DOCTYPE, another document, layout or model,
    a key that is unsound or disagrees with the fields, a protocol that does not authorise this very note.
    A note without protocol is read, with `is_authorized` False.
    """
    info, protocol = open_nfe(parse_xml(xml))
    key = _check_key(info)
    return Nfe(
        access_key=key,
        layout=LAYOUT,
        model=MODEL,
        number=int(need_text(info, "ide/nNF")),
        serie=int(need_text(info, "ide/serie")),
        issued_at=_issued_at(info),
        issuer_document=_issuer(info),
        issuer_name=need_text(info, "emit/xNome"),
        recipient_document=_document(info, "dest") or find_text(info, "dest/idEstrangeiro"),
        recipient_name=find_text(info, "dest/xNome"),
        total=_decimal(info, "total/ICMSTot/vNF"),
        items=tuple(_item(det) for det in children(info, "det")),
        protocol=None if protocol is None else _authorisation(protocol, key),
        is_authorized=protocol is not None,
        is_production=find_text(info, "ide/tpAmb") == "1",
    )


def _check_key(info: etree._Element) -> str:
    """The key, once it is sound and names this very note: state, issuer, model, serie and number, which together tell
    notes apart ("chave natural" of the MOC). Month, emission type and random code identify nothing and are not held
    against the fields: files made by hand for tests often disagree there."""
    # Some issuers' test files leave the letters out: the key is what counts.
    key = info.get("Id", "").removeprefix("NFe")
    if not key:
        raise refused("infNFe/@Id must be NFe and the access key.")
    parts = access_key_parts(key, field=FIELD)
    issuers = [_issuer(info), find_text(info, "avulsa/CNPJ")]
    pairs = [
        ("ide/cUF", parts.state_code, need_text(info, "ide/cUF")),
        ("ide/mod", parts.model, MODEL),
        ("ide/serie", parts.serie, int(need_text(info, "ide/serie", _SERIE))),
        ("ide/nNF", parts.number, int(need_text(info, "ide/nNF", _NUMBER))),
    ]
    wrong = [f"The key says {said}, and {path} says {str(read)[:60]}." for path, said, read in pairs if said != read]
    # A tax office that issues for somebody ("nota avulsa") puts its own CNPJ into the key.
    if parts.issuer not in {issuer.zfill(14) for issuer in issuers if issuer}:
        wrong.append(f"The key says issuer {parts.issuer}, and emit says {issuers[0]}.")
    if wrong:
        raise refused(*wrong)
    return key


def _issued_at(info: etree._Element) -> datetime:
    text = need_text(info, "ide/dhEmi", _TIME)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise refused(f"ide/dhEmi is no time: {text}.") from error


def _issuer(info: etree._Element) -> str:
    document = _document(info, "emit")
    if document is None:
        raise refused("emit has neither CNPJ nor CPF.")
    return document


def _document(info: etree._Element, who: str) -> str | None:
    for name, shape in (("CNPJ", _CNPJ), ("CPF", _CPF)):
        if find_text(info, f"{who}/{name}"):
            return need_text(info, f"{who}/{name}", shape)
    return None


def _item(det: etree._Element) -> NfeItem:
    ean = find_text(det, "prod/cEAN")
    try:
        return NfeItem(
            code=need_text(det, "prod/cProd"),
            ean=None if ean == _NO_EAN else ean,
            description=need_text(det, "prod/xProd"),
            quantity=_decimal(det, "prod/qCom"),
            unit_price=_decimal(det, "prod/vUnCom"),
            total=_decimal(det, "prod/vProd"),
        )
    except Invalid as error:
        raise refused(f"Item {det.get('nItem', '?')[:3]}: {error.detail}") from error


def _decimal(parent: etree._Element, path: str) -> Decimal:
    return Decimal(need_text(parent, path, _DECIMAL))


def _authorisation(protocol: etree._Element, key: str) -> str:
    """The protocol's number, once it authorises this key."""
    status = need_text(protocol, "infProt/cStat")
    if status not in _AUTHORISED:
        reason = find_text(protocol, "infProt/xMotivo") or "no reason given"
        raise refused(f"The note is not authorised: the protocol says {status[:3]}, {reason[:200]}.")
    protocol_key = need_text(protocol, "infProt/chNFe")
    if protocol_key != key:
        raise refused(f"The protocol is another note's: its chNFe is {protocol_key[:44]}, the note's key {key}.")
    return need_text(protocol, "infProt/nProt")
