"""Pages on the wire: the parameters that every list takes, and the envelope it answers in (contract, section 1)."""

from typing import Annotated, Any

from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from balcao.base.paging import Page, PageParameters
from balcao.doors.wire import Wire


class Envelope(Wire, kw_only=True):
    """What every page says beside its array. `maxCount` stops at 10,000 (`maxCountCapped`).

    `next` is the cursor of the page after it, null at the end: `?cursor=` with it and the same filters goes on there,
    at the same cost however far down.
    """

    page: int
    per_page: int
    max_count: int
    max_count_capped: bool
    sort_field: str
    sort_ascending: bool
    max_page: int
    next: str | None


def enveloped(page: Page[Any]) -> dict[str, Any]:
    """The envelope's fields, for the constructor of a subclass: `StockPage(**enveloped(page), items=…)`."""
    return {
        "page": page.ask.page,
        "per_page": page.ask.per_page,
        "max_count": page.count.rows,
        "max_count_capped": page.count.capped,
        "sort_field": page.ask.sort.field,
        "sort_ascending": page.ask.ascending,
        "max_page": page.max_page,
        "next": page.next,
    }


def read_paging(
    page: FromQuery[int | None] = None,
    per_page: Annotated[int | None, QueryParameter(name="perPage")] = None,
    sort_field: Annotated[str | None, QueryParameter(name="sortField")] = None,
    sort_ascending: Annotated[bool | None, QueryParameter(name="sortAscending")] = None,
    cursor: FromQuery[str | None] = None,
) -> PageParameters:
    """The paging parameters of a request."""
    return PageParameters(
        page=page, per_page=per_page, sort_field=sort_field, sort_ascending=sort_ascending, cursor=cursor
    )


PAGING = Provide(read_paging, sync_to_thread=False)
"""A handler takes it as `paging: NamedDependency[PageParameters]` with `dependencies={"paging": PAGING}`."""
