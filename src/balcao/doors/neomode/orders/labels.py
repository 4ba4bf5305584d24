"""A carrier's label and tracking (contract, section 3.9): JSON with the file in Base64, or multipart with the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, put
from litestar.datastructures import Headers, UploadFile
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import JSONBody

from balcao.base.errors import Invalid
from balcao.base.values import OrderId
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.orders import tell
from balcao.doors.neomode.orders import told as wire
from balcao.doors.neomode.orders.cards import CardGuardedDTO, refuse_cards_in
from balcao.doors.neomode.orders.change import change_order, find_id, on_order
from balcao.doors.schema import DocumentedOperation
from balcao.doors.wire import reader
from balcao.doors.wire.nodes import WHOLE
from balcao.orders.find import OrderRef
from balcao.orders.label import LabelOrder, label_orders
from balcao.tenants.rules import Role

T = TypeVar("T")
LABELLERS = roles(Role.CARRIER, Role.ERP, Role.OPERATOR, Role.ADMIN)
LABEL_REQUEST_BYTES_MAX = 8 * 1024 * 1024
_MULTIPART = "multipart/form-data"
_form = reader(wire.LabelTold)


class LabelDTO(CardGuardedDTO[T]):
    """Reads the JSON form; of the multipart form the handler reads the fields and the file itself."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body of a request; raises `Invalid`."""
        if _is_form(self.asgi_connection.headers):
            return wire.LabelTold()
        return super().decode_bytes(value)


@dataclass
class LabelOperation(DocumentedOperation):
    """Documents the multipart form beside the JSON."""

    def __post_init__(self) -> None:
        """After Litestar filled it."""
        super().__post_init__()
        text = Schema(type=OpenAPIType.STRING)
        names = (field.encode_name for field in msgspec.structs.fields(wire.LabelTold))
        fields = {name: text for name in names if name != "label"}
        about = "The label; the field may have any name."
        file = Schema(type=OpenAPIType.STRING, format="binary", description=about)  # type: ignore[arg-type]
        form = Schema(type=OpenAPIType.OBJECT, properties={**fields, "file": file})
        if isinstance(self.request_body, RequestBody):
            self.request_body.content[_MULTIPART] = OpenAPIMediaType(schema=form)


@on_order(
    put,
    "trackings",
    "label",
    opt=LABELLERS,
    dto=LabelDTO,
    operation_class=LabelOperation,
    request_max_body_size=LABEL_REQUEST_BYTES_MAX,
)
async def label(
    door: Door,
    request: Request[Any, Any, Any],
    ref: NamedDependency[OrderRef],
    data: JSONBody[wire.LabelTold],
) -> Response[None]:
    """Attach the carrier's label (PDF, PNG or ZPL, 5 MiB at most) and tracking; the order does not ship by it.

    Instead of JSON the body may be `multipart/form-data`: the same fields, and the file.
    """
    file = tell.read_label(data.label) if data.label is not None else None
    if _is_form(request.headers):
        data, file = await _read_form(request)
    if file is None and not (data.tracking_code or data.tracking_link):
        raise Invalid(errors={"label": ["a label, a trackingCode or a trackingLink is required"]})
    tracking, plp = tell.read_tracking(data), data.plp or None
    stored = await tell.store_label(door.files, door.tenant, await find_id(door, ref), file) if file else None

    def command(order_id: OrderId) -> LabelOrder:
        return LabelOrder(caller=door.caller, order_id=order_id, label=stored, tracking=tracking, plp=plp)

    return await change_order(door, ref, label_orders, command)


def _is_form(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith(_MULTIPART)


async def _read_form(request: Request[Any, Any, Any]) -> tuple[wire.LabelTold, tell.SentLabel | None]:
    """The fields, and the first file under whatever name."""
    try:
        form = await request.form()
    except (UnicodeDecodeError, LookupError):  # a field's bytes are not of its charset, or nobody knows that charset
        raise Invalid("The form's fields must be UTF-8.", errors={WHOLE: ["must be UTF-8"]}) from None
    fields: dict[str, Any] = {}
    file: tell.SentLabel | None = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            file = file or tell.SentLabel(value.filename, await value.read())
        else:
            fields[name] = value
    refuse_cards_in(fields | {"fileName": file.file_name if file else None})
    return _form.take_form(fields), file


routes: Sequence[HTTPRouteHandler] = label
