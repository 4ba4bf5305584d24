"""Tell Litestar how to read and document wire structs."""

from collections.abc import Generator
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, get_args, get_origin

from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.config.app import AppConfig
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.plugins import InitPlugin
from litestar.typing import FieldDefinition

from balcao.base.errors import Invalid
from balcao.doors.wire.read import Reader, Rows, RowsReader, reader
from balcao.doors.wire.shapes import Wire
from balcao.doors.wire.write import WireResponse

T = TypeVar("T")


class WireDTO(AbstractDTO[T]):
    """Reads every JSON body with a `Reader` of the handler's `data` annotation, whatever that is.

    Set once as `dto=` (`WirePlugin` does). Answers do not pass through it: `WireResponse` writes them.
    """

    _readers: ClassVar[dict[str, Reader[Any] | RowsReader[Any]]] = {}

    def decode_bytes(self, value: bytes) -> Any:
        """The body of a request; raises `Invalid`."""
        return self._readers[self.asgi_connection.route_handler.handler_id].read(value)

    def decode_builtins(self, value: dict[str, Any]) -> Any:
        """The fields of a form: texts are numbers where the field says so, names match as in JSON; raises `Invalid`."""
        found = self._readers[self.asgi_connection.route_handler.handler_id]
        if isinstance(found, RowsReader):
            raise Invalid("A JSON array is required.", code="malformed_body")
        return found.take_form(value)

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: type[Any] | None = None,  # noqa: ARG003 - the signature is Litestar's
    ) -> None:
        """Compile the reader when the route is registered, so that no request pays for it."""
        annotation = field_definition.annotation
        if get_origin(annotation) is Rows:
            cls._readers[handler_id] = RowsReader(get_args(annotation)[0])
        else:
            cls._readers[handler_id] = reader(annotation)

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003
        """Asked of return annotations only: answers are not ours."""
        return False

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003
        schema_creator: Any,
    ) -> Any:
        """The annotation's own schema; the schema plugins know the structs."""
        annotation = field_definition.annotation
        if get_origin(annotation) is Rows:
            field_definition = FieldDefinition.from_annotation(list[get_args(annotation)[0]])  # type: ignore[misc]
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(
        cls,
        model_type: type[Any],  # noqa: ARG003
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Never asked: msgspec knows the fields."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003
        """Never asked."""
        return False


class WirePlugin(InitPlugin, StructSchemaPlugin):
    """Puts the wire into a Litestar application: reading, writing and documenting.

    Documents wire structs as Litestar does every struct, with their `__example__`, and a `Decimal` as what it is on the
    wire: a JSON number, exact.
    """

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Set what every route inherits."""
        app_config.dto = WireDTO
        app_config.response_class = WireResponse
        return app_config

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """`Decimal` and wire structs, not unions of them."""
        if field_definition.is_union:
            return False
        return field_definition.annotation is Decimal or field_definition.is_subclass_of(Wire)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """The schema of a struct or of a `Decimal`."""
        if field_definition.annotation is Decimal:
            return Schema(type=OpenAPIType.NUMBER, format="decimal")  # type: ignore[arg-type]
        schema = super().to_openapi_schema(field_definition, schema_creator)
        struct = get_origin(field_definition.annotation) or field_definition.annotation
        if struct.__example__ is not None:
            schema.examples = [struct.__example__]
        return schema
