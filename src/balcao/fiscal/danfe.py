"""Draw the DANFE: the printed companion of an NF-e, which travels with the goods."""

import logging
import warnings
from functools import cache
from threading import Lock
from typing import Any

from lxml import etree

from balcao.base.errors import Invalid

from .envelope import NAMESPACE, children, find_text, in_layout_letters, open_nfe
from .nfe import read_nfe
from .note import Nfe
from .parse import parse_xml, refused

_ONE_AT_A_TIME = Lock()
"""Drawing changes the process's warning filters for a moment, here and in the library, and two threads doing so could
leave them changed for good. It is pure Python under one interpreter lock, so taking turns costs nothing."""

_ROWS_TRIED_FIRST = 16
_NO_FREIGHT = "9"


def make_danfe(xml: bytes) -> bytes:
    """The DANFE as a PDF, in the layout in force on the note's day (MOC 7.0; NT 2026.010 from 1 December 2026 on).

    Accepts and refuses what `read_nfe` does; a note without protocol, or of the test environment, is marked "SEM VALOR
    FISCAL". The same XML gives the same bytes. Raises Invalid also for a note that cannot be drawn.
    Thread-safe, and slow: about 0.1 s for a usual note, seconds for hundreds of items, so call it in a thread.
    """
    nfe = read_nfe(xml)
    printable = _printable(parse_xml(xml))
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # The library warns of each telephone that it cannot format, and prints it as it is: nobody's problem.
        warnings.filterwarnings("ignore", message="An error occurred", category=UserWarning)
        try:
            return _draw(printable, nfe)
        except Exception as error:
            raise _undrawable(error) from error


def _printable(root: etree._Element) -> bytes:
    """Only what is printed, in the shape the library reads safely: it takes the first element of each name anywhere,
    stumbles over empty elements, and refuses letters outside Latin-1 (which the layout excludes too)."""
    info, protocol = open_nfe(root)
    info.set("Id", f"NFe{info.get('Id', '').removeprefix('NFe')}")  # the library cuts three letters off
    supplements = list(root.iter(f"{{{NAMESPACE}}}infNFeSupl"))
    wrapper = etree.Element(f"{{{NAMESPACE}}}nfeProc")
    etree.SubElement(wrapper, f"{{{NAMESPACE}}}NFe").extend([info, *supplements])
    if protocol is not None:
        wrapper.append(protocol)
    _name_freight(info)
    for element in reversed(list(wrapper.iter())):
        element.text = in_layout_letters((element.text or "").strip())
        parent = element.getparent()
        if parent is not None and not len(element) and not element.text:
            parent.remove(element)
    return etree.tostring(wrapper)


def _name_freight(info: etree._Element) -> None:
    # The layout demands modFrete and the library looks it up unseen; files made by hand for tests often lack it.
    if find_text(info, "transp/modFrete") is None:
        transports = children(info, "transp") or [etree.SubElement(info, f"{{{NAMESPACE}}}transp")]
        etree.SubElement(transports[0], f"{{{NAMESPACE}}}modFrete").text = _NO_FREIGHT


def _draw(printable: bytes, nfe: Nfe) -> bytes:
    # The library's PDF writer describes every section of each file at DEBUG.
    logging.getLogger("fpdf").setLevel(logging.WARNING)
    pdf = _layout_of(printable)(printable)
    pdf.set_title(f"DANFE {nfe.access_key}")
    pdf.set_lang("pt-BR")
    pdf.set_creation_date(nfe.issued_at)
    return bytes(pdf.output())


def _layout_of(printable: bytes) -> Any:
    # Imported at the first DANFE: the library takes half a second, which no command's start-up should pay.
    from brazilfiscalreport.danfe import DanfeLayout  # type: ignore[import-untyped]
    from brazilfiscalreport.danfe.danfe import resolve_layout  # type: ignore[import-untyped]

    return _layouts()[resolve_layout(printable) == DanfeLayout.MOC_7_0]


@cache
def _layouts() -> dict[bool, Any]:
    from brazilfiscalreport.danfe.danfe_moc_7_0 import DanfeMoc70  # type: ignore[import-untyped]
    from brazilfiscalreport.danfe.danfe_nt_2026_010 import DanfeNt2026010  # type: ignore[import-untyped]

    return {True: _by_batches(DanfeMoc70), False: _by_batches(DanfeNt2026010)}


def _by_batches(layout: Any) -> Any:
    """The same layout, drawing in a time that grows with the items: to see what fits on a page the library draws all
    that are left, page after page (990 items took 76 s). Trying as many as fitted last, and twice as many while all
    fit, finds the same page breaks."""

    class Batched(layout):  # type: ignore[misc]
        rows_tried = _ROWS_TRIED_FIRST

        def _calculate_product_splits(self, products: list[Any], height_product_table: float) -> Any:
            while True:
                here, left = super()._calculate_product_splits(products[: self.rows_tried], height_product_table)
                if left or self.rows_tried >= len(products):
                    self.rows_tried = len(here) + 1
                    return here, products[len(here) :]
                self.rows_tried *= 2

    return Batched


def _undrawable(error: Exception) -> Invalid:
    return refused(f"Its DANFE cannot be drawn: {type(error).__name__}: {str(error)[:200]}.")
