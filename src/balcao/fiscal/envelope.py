"""Find the one note inside the wrappers in which ERPs send it, and read its fields by path."""

import re
import unicodedata

from lxml import etree

from .parse import refused

NAMESPACE = "http://www.portalfiscal.inf.br/nfe"
LAYOUT = "4.00"
MODEL = "55"

ITEMS_MAX = 990
TEXT_CHARS_MAX = 5000
ITEM_TEXT_CHARS_MAX = 500
"""The layout's own limits (det; infAdic/infCpl; det/infAdProd): nothing that was authorised is larger, and without
them a small file could ask for a DANFE of thousands of pages."""

_NS = f"{{{NAMESPACE}}}"

_TYPOGRAPHY = str.maketrans("–—‘’“”•\t\r", "--''\"\"-  ", "\xad") | {ord("…"): "...", ord("™"): "(TM)"}
_OTHER_LETTERS = re.compile(r"[^\n\x20-\x7e\xa0-\xff]")
_WRAPPERS = frozenset({"nfeProc", "NFe", "enviNFe"})


def open_nfe(root: etree._Element) -> tuple[etree._Element, etree._Element | None]:
    """The `infNFe` and the `protNFe` (or None) of an `<nfeProc>`, an `<NFe>` or an `<enviNFe>` with one NFe.

    Raises Invalid for everything else: other documents, layouts and models, several notes, fields beyond the layout.
    """
    _check_root(root)
    notes = [root] if root.tag == f"{_NS}NFe" else root.findall(f"{_NS}NFe")
    infos = [info for note in notes for info in note.findall(f"{_NS}infNFe")]
    if len(notes) != 1 or len(infos) != 1 or len(list(root.iter(f"{_NS}infNFe"))) != 1:
        raise refused(f"It must hold exactly one NFe with one infNFe; it holds {len(notes)} and {len(infos)}.")
    protocols = list(root.iter(f"{_NS}protNFe"))
    if len(protocols) > 1:
        raise refused(f"It must hold at most one protNFe; it holds {len(protocols)}.")
    _check_kind(infos[0])
    _check_sizes(infos[0])
    return infos[0], protocols[0] if protocols else None


def find_text(parent: etree._Element, path: str) -> str | None:
    """The trimmed text at `path` (`"ide/nNF"`), None where it is absent or blank."""
    text = parent.findtext("/".join(f"{_NS}{name}" for name in path.split("/")))
    return (text or "").strip() or None


def need_text(parent: etree._Element, path: str, shape: re.Pattern[str] | None = None) -> str:
    """As `find_text`; raises Invalid where it is absent or does not match `shape` whole."""
    text = find_text(parent, path)
    if text is None:
        raise refused(f"{path} is missing.")
    if shape is not None and not shape.fullmatch(text):
        raise refused(f"{path} is malformed: {text[:60]}.")
    return text


def children(parent: etree._Element, name: str) -> list[etree._Element]:
    """The direct children of that name in the NF-e namespace."""
    return parent.findall(f"{_NS}{name}")


def in_layout_letters(text: str) -> str:
    """`text` in the letters that the layout allows (Latin-1): typographic signs become plain ones, others "?"."""
    return _OTHER_LETTERS.sub("?", unicodedata.normalize("NFC", text.translate(_TYPOGRAPHY)))


def _check_root(root: etree._Element) -> None:
    name = etree.QName(root)
    if name.localname not in _WRAPPERS:
        raise refused(
            f"Its root is <{name.localname[:60]}>: send an <nfeProc>, an <NFe>, or an <enviNFe> with one NFe."
        )
    if name.namespace != NAMESPACE:
        raise refused(f"<{name.localname}> must be in the namespace {NAMESPACE}.")


def _check_kind(info: etree._Element) -> None:
    layout = info.get("versao", "")
    if layout != LAYOUT:
        raise refused(f"infNFe/@versao is {layout[:10] or 'missing'}: only layout {LAYOUT} is accepted.")
    model = need_text(info, "ide/mod")
    if model == "65":
        raise refused("ide/mod is 65 (NFC-e, the receipt of a shop's till): only NF-e, model 55, is accepted.")
    if model != MODEL:
        raise refused(f"ide/mod is {model[:10]}: only NF-e, model {MODEL}, is accepted.")


def _check_sizes(info: etree._Element) -> None:
    items = children(info, "det")
    if not 1 <= len(items) <= ITEMS_MAX:
        raise refused(f"It has {len(items)} items (det): the layout allows 1 to {ITEMS_MAX}.")
    for chars_max, parents in ((TEXT_CHARS_MAX, [info]), (ITEM_TEXT_CHARS_MAX, items)):
        for element in (element for parent in parents for element in parent.iter()):
            if len(element.text or "") > chars_max:
                raise refused(
                    f"{etree.QName(element).localname[:60]} is longer than the {chars_max} characters of the layout."
                )
