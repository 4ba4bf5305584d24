"""Carriers over HTTP: list them, make and change them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Invalid
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.v1.freight import settings
from balcao.doors.v1.freight.settings import (
    OFFICE,
    READERS,
    TAGS,
    CepsAsked,
    CepsShown,
    part_of,
    read_ranges,
    show_ranges,
)
from balcao.doors.v1.freight.shapes import show_clock
from balcao.doors.wire import Money, Wire, WireResponse
from balcao.doors.wire.shapes import Bounds
from balcao.freight.find import list_carriers
from balcao.freight.put_carrier import PutCarrier, put_carrier
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.cells import kg_to_g, read_clock, scale
from balcao.freight.rules.charges import money_e4
from balcao.freight.rules.model import E4
from balcao.freight.rules.rates import NO_CUT_OFF

_UM_PER_CM = 10_000
Measure = Annotated[Decimal, msgspec.Meta(extra={"bounds": Bounds(digits=9, places=6, minimum=Decimal(0))})]


class CarrierAsked(Wire, kw_only=True):
    """A whole carrier: what is left out has no limit.

    `volumetricFactor` (fator de cubagem): kilograms that a cubic metre counts as, 0 where volume does not matter.
    `maxWeightKg` and `maxValue`: of one parcel, a cart beyond them goes in several; `maxSideCm`, `maxSidesCm` (all
    three added up): of one unit. `cepRanges`: where it goes at all, empty for wherever its tables do. `cutOff`, `HH:MM`
    in the store's own time: from then on an order counts as the next day's, for rows of its tables that say nothing.
    """

    __example__: ClassVar[Any] = {
        "description": "Jadex Econômico",
        "volumetricFactor": 300,
        "maxWeightKg": 30,
        "maxSideCm": 100,
        "maxSidesCm": 200,
        "maxValue": 10000,
        "cepRanges": [{"start": "01000-000", "end": "39999-999"}],
        "cutOff": "15:00",
    }

    description: str
    is_active: bool = True
    volumetric_factor: Measure = Decimal(0)
    max_weight_kg: Measure | None = None
    max_side_cm: Measure | None = None
    max_sides_cm: Measure | None = None
    max_value: Money | None = None
    cep_ranges: list[CepsAsked] = msgspec.field(default_factory=list)
    cut_off: str | None = None


class CarrierShown(Wire, kw_only=True):
    """A carrier; null is no limit."""

    reference: str
    description: str
    is_active: bool
    volumetric_factor: Decimal
    max_weight_kg: Decimal | None
    max_side_cm: Decimal | None
    max_sides_cm: Decimal | None
    max_value: Decimal | None
    cep_ranges: list[CepsShown]
    cut_off: str | None


class Carriers(Wire, kw_only=True):
    """All carriers, by reference."""

    carriers: list[CarrierShown]


@get(
    "/v1/freight-carriers",
    opt=READERS,
    tags=TAGS,
    operation_id="listFreightCarriers",
    responses=problem_responses(401, 403, 503),
)
async def get_carriers(door: Door) -> Response[Carriers]:
    """The carriers, with how they weigh, what they take and where they go."""
    async with door.db.read() as tx:
        carriers = await list_carriers(tx, door.tenant)
    return WireResponse(Carriers(carriers=[_shown(carrier) for carrier in carriers]))


@put(
    "/v1/freight-carriers/{reference:str}",
    opt=OFFICE,
    tags=TAGS,
    operation_id="putFreightCarrier",
    responses=problem_responses(401, 403, 409, 503),
)
async def put_one(door: Door, reference: FromPath[str], data: JSONBody[CarrierAsked]) -> Response[CarrierShown]:
    """Make the carrier of that freight reference, or replace all that is known of it. Its tables stay as they are."""
    cmd = PutCarrier(tenant=door.tenant, carrier=_carrier(reference, data), actor=door.caller.client_id)

    async def change(tx: Tx) -> CarrierShown:
        return _shown(await put_carrier(tx, cmd, door.now))

    return await settings.put(door, change)


def _carrier(reference: str, sent: CarrierAsked) -> Carrier:
    errors: FieldErrors = {}
    ranges = read_ranges(sent.cep_ranges, errors)
    cut_off = NO_CUT_OFF if sent.cut_off is None else read_clock(sent.cut_off)
    weight = None if sent.max_weight_kg is None else kg_to_g(sent.max_weight_kg)
    factor = scale(sent.volumetric_factor, 1000)
    if cut_off is None:
        errors["cutOff"] = ["must be HH:MM"]
    if sent.max_weight_kg is not None and weight is None:
        errors["maxWeightKg"] = ["must be kg, whole grams"]
    if factor is None:
        errors["volumetricFactor"] = ["must have at most three decimals"]
    if errors:
        raise Invalid(errors=errors)
    return Carrier(
        reference=reference,
        description=sent.description.strip(),
        is_active=sent.is_active,
        volumetric_g_per_m3=factor or 0,
        weight_max_g=weight,
        side_max_um=_um(sent.max_side_cm),
        sides_max_um=_um(sent.max_sides_cm),
        value_max_e4=money_e4(sent.max_value),
        cep_ranges=ranges,
        cut_off_min=NO_CUT_OFF if cut_off is None else cut_off,
    )


def _um(side_cm: Decimal | None) -> int | None:
    return None if side_cm is None else int(side_cm * _UM_PER_CM)


def _shown(carrier: Carrier) -> CarrierShown:
    return CarrierShown(
        reference=carrier.reference,
        description=carrier.description,
        is_active=carrier.is_active,
        volumetric_factor=Decimal(carrier.volumetric_g_per_m3) / 1000,
        max_weight_kg=part_of(carrier.weight_max_g, 1000),
        max_side_cm=part_of(carrier.side_max_um, _UM_PER_CM),
        max_sides_cm=part_of(carrier.sides_max_um, _UM_PER_CM),
        max_value=part_of(carrier.value_max_e4, E4),
        cep_ranges=show_ranges(carrier.cep_ranges),
        cut_off=show_clock(carrier.cut_off_min),
    )


routes: Sequence[HTTPRouteHandler] = (get_carriers, put_one)
