"""What carriers and rules over HTTP share: who may set them, their CEP ranges, and that quotes follow at once."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from litestar import Response

from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Forbidden
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.wire import Wire, WireResponse
from balcao.freight.rules.carrier import CepRange
from balcao.freight.rules.cells import read_cep
from balcao.tenants.rules import Role

T = TypeVar("T")

OFFICE = roles(Role.ERP, Role.ADMIN)
READERS = roles(Role.ERP, Role.OPERATOR, Role.ADMIN)
TAGS = ["freight"]


class CepsAsked(Wire, kw_only=True):
    """CEPs from, to; both belong to the range."""

    start: str | int
    end: str | int


class CepsShown(Wire, kw_only=True):
    """CEPs from, to."""

    start: str
    end: str


async def put(door: Door, change: Callable[[Tx], Awaitable[T]]) -> Response[T]:
    """Answer with what the change made, once this process quotes by it. Raises Forbidden as `refuse_bound`."""
    refuse_bound(door)

    async def work(tx: Tx) -> WireResponse[T]:
        return WireResponse(await change(tx))

    answer = await door.write(work)
    await door.house.networks.refresh(door.tenant)
    return answer


def refuse_bound(door: Door) -> None:
    """Raise Forbidden for a credential that is bound to a store: carriers and rules are everybody's."""
    if door.caller.seller_cnpj is not None:
        raise Forbidden("This credential is bound to a store; carriers and rules are all stores'.", code="wrong_seller")


def read_ranges(sent: Sequence[CepsAsked], errors: FieldErrors) -> tuple[CepRange, ...]:
    """The ranges as numbers; what is no CEP is added to the errors."""
    ranges = []
    for n, one in enumerate(sent):
        start, end = read_cep(one.start), read_cep(one.end)
        if start is None or end is None:
            errors[f"cepRanges[{n}]"] = ["must be two CEPs, such as 01001-000"]
        else:
            ranges.append(CepRange(start, end))
    return tuple(ranges)


def show_ranges(ranges: Sequence[CepRange]) -> list[CepsShown]:
    """The ranges as they are answered."""
    return [CepsShown(start=f"{one.start:08d}", end=f"{one.end:08d}") for one in ranges]


def part_of(whole: int | None, of: int) -> Decimal | None:
    """What is kept as whole parts, so many to one; None stays so."""
    return None if whole is None else Decimal(whole) / of
