"""Open the XML that a partner sent, trusting nothing about it."""

import binascii
import re
from base64 import b64decode

from lxml import etree

from balcao.base.errors import Invalid, TooLarge

XML_BYTES_MAX = 2 * 1024 * 1024
"""An authorised NF-e is refused by the tax offices above 500 KiB; four times that leaves room for odd wrappers."""

FIELD = "xmlString"
"""The name under which the contract (section 3.7) receives the XML: every refusal names it."""

_BASE64_CHARS_MAX = 2 * XML_BYTES_MAX
_DECLARATION = re.compile(r"\A<\?xml\s[^>]*\?>")
_DATA_URL = re.compile(r"\Adata:[^,]{0,200};base64,", re.IGNORECASE)


def refused(*messages: str) -> Invalid:
    """The refusal of an XML, ready to raise: its first message is the sentence, all of them stand under FIELD."""
    return Invalid(messages[0], errors={FIELD: messages})


def parse_xml(xml: bytes) -> etree._Element:
    """The root element. Raises TooLarge over XML_BYTES_MAX and Invalid for anything but well-formed XML without a DTD.

    Comments and processing instructions are dropped, so that a value split by one reads whole, as other readers see it.
    """
    if len(xml) > XML_BYTES_MAX:
        raise too_large()
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        # ERPs written in string templates often send a line break before the declaration, which XML forbids.
        root = etree.fromstring(xml.lstrip(b" \t\r\n"), parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise refused(f"It is not well-formed XML: {str(error)[:200]}.") from error
    # A DTD can only harm here: it declares entities (bombs, files of this machine) and no NF-e has one.
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs think of HTML fragments
        raise refused("It has a DOCTYPE: an NF-e never has one, and it is refused.")
    return root


def decode_xml_string(text: str) -> bytes:
    """The bytes of an `xmlString`: Base64 (standard or URL-safe, wrapped or not, padded or not, with or without a
    `data:` prefix) or the XML itself. Raises TooLarge or Invalid; whether the bytes are an NF-e is for `read_nfe`.
    """
    if len(text) > _BASE64_CHARS_MAX:
        raise too_large()
    text = text.strip().lstrip("\ufeff").lstrip()
    if text.startswith("<"):
        return _encode(text)
    packed = "".join(_DATA_URL.sub("", text).split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    if not packed:
        raise refused("It is empty.")
    try:
        return b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("It is neither XML nor Base64.") from error


def too_large() -> TooLarge:
    """The refusal of too many bytes, ready to raise."""
    return TooLarge(f"The NF-e XML may have at most {XML_BYTES_MAX} bytes.", bytes_max=XML_BYTES_MAX)


def _encode(text: str) -> bytes:
    # Text has no encoding any more: whatever its declaration says (ISO-8859-1, UTF-16) was true of bytes long gone.
    try:
        return _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8"?>', text, count=1).encode()
    except UnicodeEncodeError as error:
        raise refused("It holds characters that no XML may hold.") from error
