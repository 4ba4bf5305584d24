"""From what was told to the verbs' commands: dates and codes read, invoices taken from their XML, files stored."""

import asyncio
import base64
import binascii
import hashlib
import re
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from balcao.base.errors import FieldErrors, Invalid, TooLarge
from balcao.base.files import Files
from balcao.base.values import OrderId, Tenant, cnpj_has_format, strip_document, to_micros
from balcao.doors.neomode.orders import told as wire
from balcao.doors.neomode.orders.understand import said
from balcao.fiscal.danfe import make_danfe
from balcao.fiscal.nfe import agree, decode_xml_string, read_nfe
from balcao.orders.rules.model import Invoice, InvoiceBody, InvoicedItem, Label, PaymentStatus, PaymentType, Tracking
from balcao.orders.rules.paying import PaymentNews

LABEL_BYTES_MAX = 5 * 1024 * 1024
_BRAZILIAN_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_ACCESS_KEY = re.compile(r"[0-9A-Z]{44}")
_ZPL_START = b"^XA"
_STANDARD = str.maketrans("-_", "+/")


def read_payments(sent: wire.PaymentsTold) -> tuple[PaymentNews, ...]:
    """The news of each payment: of the list, or of the body itself."""
    return tuple(_payment(payment) for payment in sent.payment_list or [sent])


def read_tracking(sent: wire.TrackingTold) -> Tracking:
    """The tracking; raises Invalid for a date in none of the accepted forms."""
    return Tracking(
        carrier_name=sent.carrier_name or None,
        link=sent.tracking_link or None,
        code=sent.tracking_code or None,
        delivery_date=_delivery_date(sent.delivery_date),
    )


class ReadInvoice(NamedTuple):
    """An invoice as read, and its NF-e's bytes where they came."""

    invoice: Invoice
    xml: bytes | None


def read_invoice(sent: wire.InvoiceDetails) -> ReadInvoice:
    """The invoice, flat or under `invoice`. Raises Invalid for what is missing, unsound or contradictory."""
    told, field = (sent.invoice, "invoice.") if sent.invoice is not None else (sent, "")
    if told.xml_string:
        return _from_xml(told, field, _seller_cnpj(sent))
    errors: FieldErrors = {}
    if not told.key:
        errors[f"{field}key"] = ["is required (44 characters), unless xmlString brings the NF-e"]
    if said(told.number) is None:
        errors[f"{field}number"] = ["is required"]
    if said(told.serie_number) is None:
        errors[f"{field}serieNumber"] = ["is required"]
    if errors:
        raise Invalid(errors=errors)
    key = re.sub(r"\s", "", told.key or "").upper()
    if _ACCESS_KEY.fullmatch(key) is None:
        raise Invalid(errors={f"{field}key": ["must be 44 letters and digits"]})
    return ReadInvoice(_invoice(told, key, str(told.number), str(told.serie_number)), None)


async def store_invoice_files(files: Files, tenant: Tenant, order_id: OrderId, read: ReadInvoice) -> Invoice:
    """The invoice with its NF-e and DANFE stored, before any transaction: a file without an order harms nobody.

    Stored under their content's hash, so that no later upload can change what an invoice already shows.
    """
    if read.xml is None:
        return read.invoice
    stem = f"{tenant}/{order_id}/{read.invoice.access_key}_{hashlib.sha256(read.xml).hexdigest()[:32]}"
    danfe = await asyncio.to_thread(make_danfe, read.xml)
    await files.put(f"{stem}.xml", read.xml)
    await files.put(f"{stem}.pdf", danfe)
    body = msgspec.structs.replace(read.invoice.body, xml_path=f"{stem}.xml", danfe_path=f"{stem}.pdf")
    return msgspec.structs.replace(read.invoice, body=body)


class SentLabel(NamedTuple):
    """A label's file as it came."""

    file_name: str | None
    content: bytes


def read_label(sent: wire.LabelFile) -> SentLabel:
    """The file of a JSON body; raises Invalid when it is not Base64, of either alphabet, wrapped or padded or not."""
    packed = "".join((sent.content.partition("base64,")[2] or sent.content).split())
    packed = packed.translate(_STANDARD).rstrip("=")
    try:
        return SentLabel(sent.file_name, base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True))
    except (binascii.Error, ValueError):
        raise Invalid(errors={"label.content": ["must be Base64"]}) from None


async def store_label(files: Files, tenant: Tenant, order_id: OrderId, sent: SentLabel) -> Label:
    """The label with its file stored under its content's hash: the same file again is the same label.

    Raises TooLarge over 5 MiB, Invalid for what is no PDF, PNG or ZPL, whatever it calls itself.
    """
    if len(sent.content) > LABEL_BYTES_MAX:
        raise TooLarge("A label's file may have 5 MiB at most.")
    ending, content_type = _kind(sent.content)
    digest = hashlib.sha256(sent.content).hexdigest()[:32]
    path = f"{tenant}/{order_id}/label_{digest}.{ending}"
    await files.put(path, sent.content)
    name = re.sub(r"[^\w .()-]", "_", (sent.file_name or f"label.{ending}").strip())[:200] or f"label.{ending}"
    return Label(number=0, file_name=name, content_type=content_type, path=path)


def _payment(sent: wire.PaymentTold) -> PaymentNews:
    method = sent.payment_method or wire.PaymentMethodTold()
    return PaymentNews(
        type=PaymentType(method.type) if method.type is not None else None,
        amount=sent.amount,
        status=PaymentStatus(sent.payment_status) if sent.payment_status is not None else None,
        nsu=said(sent.nsu),
        authorization_code=said(sent.authorization_code),
        tid=said(sent.tid),
        brand=said(sent.brand) or said(method.brand),
        info=said(method.info),
        modality=said(method.modality),
        acquirer_message=said(sent.acquirer_message),
        acquirer_approval_code=said(sent.acquirer_approval_code),
        quantity_installments=sent.quantity_installments,
        card_holder_name=said(sent.card_holder_name) or said(method.card_holder_name),
        card_last_digits=said(sent.card_last_digits) or said(method.card_last_digits),
        external_order_id=said(sent.external_order_id),
        is_authorized=sent.is_authorized,
        is_captured=sent.is_captured,
    )


def _delivery_date(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    day = _BRAZILIAN_DATE.fullmatch(text.strip())
    try:
        if day is not None:
            return date(int(day[3]), int(day[2]), int(day[1])).isoformat()
        return datetime.fromisoformat(text.strip()).date().isoformat()
    except ValueError:
        raise Invalid(errors={"deliveryDate": ["must be dd/MM/yyyy, yyyy-MM-dd or ISO 8601"]}) from None


def _from_xml(told: wire.InvoiceTold, field: str, seller_cnpj: str | None) -> ReadInvoice:
    try:
        xml = decode_xml_string(told.xml_string or "")
        nfe = read_nfe(xml)
    except Invalid as refusal:
        errors = {f"{field}{name}": messages for name, messages in refusal.errors.items()}
        raise Invalid(refusal.detail, errors=errors, code=refusal.code) from None
    errors = agree(
        nfe,
        key=told.key or None,
        number=said(told.number),
        serie=said(told.serie_number),
        total=told.total_amount,
        issued_at=told.issuance_date,
    )
    errors = {f"{field}{name}": messages for name, messages in errors.items()}
    if seller_cnpj is not None and seller_cnpj != nfe.issuer_document:
        errors["seller"] = [f"{seller_cnpj} was sent, and the NF-e XML says {nfe.issuer_document}."]
    if errors:
        raise Invalid(errors=errors)
    invoice = _invoice(told, nfe.access_key, str(nfe.number), str(nfe.serie))
    body = msgspec.structs.replace(invoice.body, issuer=nfe.issuer_document)
    read = msgspec.structs.replace(invoice, total_amount=nfe.total, issued_us=to_micros(nfe.issued_at), body=body)
    return ReadInvoice(read, xml)


def _seller_cnpj(sent: wire.InvoiceDetails) -> str | None:
    """The CNPJ of `seller`, where it is one: some ERPs send the point of sale's name there."""
    text = sent.seller.cnpj if isinstance(sent.seller, wire.SellerTold) else sent.seller
    cnpj = strip_document(text or "")
    return cnpj if cnpj_has_format(cnpj) else None


def _invoice(told: wire.InvoiceTold, key: str, number: str, serie: str) -> Invoice:
    return Invoice(
        access_key=key,
        number=number,
        serie=serie,
        total_amount=told.total_amount,
        issued_us=to_micros(told.issuance_date) if told.issuance_date is not None else None,
        body=InvoiceBody(
            xml_url=told.xml_url or None,
            file_url=told.file_url or None,
            items=tuple(InvoicedItem(sku_code=item.sku_code, quantity=item.quantity) for item in told.items or ()),
        ),
    )


def _kind(content: bytes) -> tuple[str, str]:
    if content.startswith(b"%PDF-"):
        return "pdf", "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png", "image/png"
    # Printers' settings may come first, markup never does.
    before, start, _ = content[:4096].upper().partition(_ZPL_START)
    if start and b"<" not in before:
        return "zpl", "application/zpl"
    raise Invalid(errors={"label.content": ["must be a PDF, a PNG or ZPL"]})
