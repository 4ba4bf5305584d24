"""What the catalogue's reading routes share: who may, and the parameters that many of them take."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from balcao.base.errors import Invalid
from balcao.base.values import Micros, cnpj_has_format, strip_document, to_micros
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.sellers.rules.match import read_id
from balcao.tenants.rules import Role

READERS = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)
TAGS = ["catalogue"]
LISTED = problem_responses(401, 403, 503)
FOUND = problem_responses(401, 403, 404, 503)

Since = Annotated[
    datetime | None, QueryParameter(name="lastUpdate", description="Changed later than that (exclusive).")
]
Seller = Annotated[str | None, QueryParameter(name="sellerId", description="The store's id, or its CNPJ.")]
IsActive = Annotated[bool | None, QueryParameter(name="isActive")]
Text = Annotated[
    str | None,
    QueryParameter(
        name="query", description="Words of name and codes, or a bar code; accents and typos do not matter."
    ),
]


def micros(at: datetime | None) -> Micros | None:
    """An instant of the query."""
    return None if at is None else to_micros(at)


def read_seller(text: str | None) -> UUID | str | None:
    """An id, or a CNPJ without punctuation. Raises Invalid for what is neither."""
    if text is None:
        return None
    id_, cnpj = read_id(text), strip_document(text)
    if id_ is None and not cnpj_has_format(cnpj):
        raise Invalid(errors={"sellerId": ["must be a store's id or its CNPJ"]})
    return id_ or cnpj


def read_uuid(parameter: str, text: str | None) -> UUID | None:
    """An id of the query. Raises Invalid for what is none."""
    id_ = read_id(text) if text else None
    if text and id_ is None:
        raise Invalid(errors={parameter: ["must be a UUID"]})
    return id_
