"""Shipping labels made on the spot: a small PDF as post offices print, and ZPL as label printers read."""

import base64
from collections.abc import Iterator
from typing import Any, Final

from balcao.demo.answers import Address, Order

SIZE_MM: Final = (100, 150)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def tracking_code(reference: str, number: int) -> str:
    """A code as postal items carry it (UPU S10): two letters, eight digits, their check digit, the country."""
    digits = f"{number % 100_000_000:08}"
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, digits, strict=True)) % 11
    check = {10: 0, 11: 5}.get(rest, rest)
    return f"{reference[:2].upper()}{digits}{check}BR"


def pdf_label(order: Order, code: str) -> bytes:
    """The label as a page of 100 × 150 mm with the code as Code 39."""
    from fpdf import FPDF

    pdf = FPDF(format=SIZE_MM)
    pdf.set_auto_page_break(False)
    pdf.set_margin(6)
    pdf.add_page()
    for size, text in _lines(order, code):
        pdf.set_font("Helvetica", style="B" if size > 9 else "", size=size)
        safe = text.encode("latin-1", "replace").decode("latin-1")  # the letters that the built-in font has
        pdf.multi_cell(0, size * 0.5, safe, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.code39(f"*{code}*", x=10, y=118, w=0.9, h=20)
    pdf.rect(3, 3, SIZE_MM[0] - 6, SIZE_MM[1] - 6)
    return bytes(pdf.output())


def zpl_label(order: Order, code: str) -> bytes:
    """The label in ZPL, 203 dpi, with the code as Code 128."""
    fields, top = [], 40
    for size, text in _lines(order, code):
        safe = text.replace("^", " ").replace("~", " ")
        for line in safe.splitlines():
            fields.append(f"^FO40,{top}^A0N,{size * 3},{size * 3}^FD{line}^FS")
            top += size * 4
    bars = f"^FO60,{top + 40}^BY2^BCN,140,Y,N,N^FD{code}^FS"
    return "\n".join(("^XA", "^CI28", "^PW812", *fields, bars, "^XZ", "")).encode()


def label_file(name: str, content_type: str, content: bytes) -> dict[str, Any]:
    """The file as `label` of a JSON body."""
    return {"fileName": name, "contentType": content_type, "content": base64.b64encode(content).decode()}


def _lines(order: Order, code: str) -> Iterator[tuple[int, str]]:
    """Sizes in points and texts."""
    yield 16, order.freight.description
    yield 12, code
    yield 8, f"Pedido / Order {order.friendly_code}   NF-e {order.invoice.number if order.invoice else '-'}"
    yield 7, "DEMONSTRAÇÃO, SEM VALOR POSTAL / SAMPLE, NOT A POSTAGE LABEL\n "
    yield 8, "Destinatário / To"
    yield 11, order.buyer.full_name
    yield 9, _address(order.delivery_address)
    yield 8, " \nRemetente / From"
    yield 9, order.seller.full_name
    yield 9, _address(order.seller.address)


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    cep = f"{address.cep[:5]}-{address.cep[5:]}"
    return f"{address.street}, {address.number}\n{address.neighborhood}\n{cep} {address.city} {address.state}"
