"""The older form of an order to create: the current one's members in camelCase, and the tenant is the token's."""

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

import msgspec

from balcao.doors.neomode.orders.asked import OrderAsked, Short
from balcao.doors.wire import Wire

_made: dict[type[Wire], type[Wire]] = {}


def _older(struct: type[Wire], *more: Any, **namespace: Any) -> type[Wire]:
    """The same document in camelCase. Made field by field: msgspec renames only what a class itself defines."""
    if struct not in _made:
        made = msgspec.defstruct(
            f"Older{struct.__name__}",
            [*(_field(field) for field in msgspec.structs.fields(struct)), *more],
            bases=(struct,),
            namespace={"__doc__": struct.__doc__, "__example__": None, **namespace},
            module=__name__,
            rename="camel",
            kw_only=True,
        )
        _made[struct] = cast("type[Wire]", made)
    return _made[struct]


def _field(field: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    if field.encode_name == "ClientId":
        return field.name, Short, ""
    kind = _older_type(field.type)
    return (field.name, kind) if field.required else (field.name, kind, field.default)


def _older_type(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return _older(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(_older_type(arguments[0]), *annotation.__metadata__)]
    if origin in (Union, UnionType):
        return Union[tuple(map(_older_type, arguments))]  # noqa: UP007 - built at run time
    return list[_older_type(arguments[0])] if origin is list else annotation  # type: ignore[misc]


def _camel(document: Any) -> Any:
    if isinstance(document, dict):
        return {name[0].lower() + name[1:]: _camel(value) for name, value in document.items() if name != "ClientId"}
    return [_camel(value) for value in document] if isinstance(document, list) else document


if TYPE_CHECKING:
    OlderOrderAsked = OrderAsked
else:
    OlderOrderAsked = _older(
        OrderAsked,
        ("status", int | str | None, None),
        __doc__="An order to create in the older form: its tenant is the token's; `status` is accepted and ignored.",
        __example__=_camel(OrderAsked.__example__),
    )
