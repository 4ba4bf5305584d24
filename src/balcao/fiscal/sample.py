"""Make the NF-e XML that a seller's ERP would send: for demonstrations and tests only.

It follows layout 4.00 and its key is sound, but it is **not signed** and belongs to the tax offices' test environment
("homologação", tpAmb 2): it has no fiscal value, and its DANFE says so across the page.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from lxml import etree

from .envelope import LAYOUT, NAMESPACE, children, in_layout_letters
from .sample_fields import Field, note_fields, protocol_fields
from .sample_note import SampleItem, SampleNfe, SampleParty

__all__ = ["SampleItem", "SampleNfe", "SampleParty", "make_sample_nfe"]

_PLAIN: Any = {None: NAMESPACE}
"""The namespace without a prefix, as every tax office wants it; the stubs know only prefixes."""


def make_sample_nfe(note: SampleNfe) -> bytes:
    """The note as `<nfeProc>` with its protocol, or as a bare `<NFe>` without. Not signed, no fiscal value.

    `issued_at` must be aware; letters outside Latin-1 are replaced. The same note gives the same bytes.
    """
    root = etree.Element(f"{{{NAMESPACE}}}NFe", nsmap=_PLAIN)
    info = etree.SubElement(root, f"{{{NAMESPACE}}}infNFe", versao=LAYOUT, Id=f"NFe{note.access_key}")
    _fill(info, note_fields(note))
    for place, det in enumerate(children(info, "det"), start=1):
        det.set("nItem", str(place))
    if note.with_protocol:
        digest = b64encode(sha1(etree.tostring(info, method="c14n"), usedforsecurity=False).digest()).decode()
        note_element, root = root, etree.Element(f"{{{NAMESPACE}}}nfeProc", versao=LAYOUT, nsmap=_PLAIN)
        root.append(note_element)
        protocol = etree.SubElement(root, f"{{{NAMESPACE}}}protNFe", versao=LAYOUT)
        _fill(protocol, [("infProt", protocol_fields(note, digest))])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, fields: Sequence[Field]) -> None:
    for name, content in fields:
        if content is None:
            continue
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(content, str):
            element.text = " ".join(in_layout_letters(content).split())
        else:
            _fill(element, content)
