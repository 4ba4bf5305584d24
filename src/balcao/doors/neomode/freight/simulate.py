"""Ask for a quote over HTTP."""

from decimal import ROUND_CEILING, Decimal

from litestar import Response, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from balcao.base.db import Tx
from balcao.base.errors import Forbidden, Invalid
from balcao.base.values import new_id, parse_cep, strip_document
from balcao.doors.door import Door, check_client
from balcao.doors.guard import roles
from balcao.doors.neomode.freight.asked import ItemAsked, Packing, SimulationAsked, Sources, read_packing, read_sources
from balcao.doors.neomode.freight.body import SimulationShown
from balcao.doors.neomode.freight.show import show_quote
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.freight.quote import keep_quote, quote_freight
from balcao.freight.rules.model import AskedItem, QuoteFreight, Terms
from balcao.tenants.rules import Role


@post(
    "/management/commerce/freight/simulation/{platform_id:str}/{client_id:str}",
    opt=roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN),
    status_code=200,
    tags=["freight"],
    operation_id="simulateFreight",
    dependencies={"packing": Provide(read_packing), "sources": Provide(read_sources)},
    responses=problem_responses(401, 403, 409, 503),
)
async def simulate_freight(
    door: Door,
    platform_id: FromPath[str],
    client_id: FromPath[str],
    packing: NamedDependency[Packing],
    sources: NamedDependency[Sources],
    data: JSONBody[SimulationAsked],
) -> Response[SimulationShown]:
    """Stores that can send a cart, and what each way costs and takes. Orders nothing and reserves nothing.

    `platform_id` is the asking platform or channel, `client_id` the tenant. `explain=true` is for the roles erp,
    operator and admin.
    """
    check_client(door, client_id)
    if sources.explain and door.caller.role is Role.CHANNEL:
        raise Forbidden("Explanations are for the roles erp, operator and admin.", code="wrong_role")
    ask = QuoteFreight(
        tenant=door.tenant,
        quote_id=new_id(),
        platform=door.caller.channel or platform_id,
        cep=_cep(data.postal_code),
        items=tuple(map(_asked, data.items)),
        terms=Terms(now=door.now, **packing._asdict()),
        origin_cnpj=strip_document(data.origin_identifier or "") or None,
        bound_cnpj=door.caller.seller_cnpj,
        **sources._asdict(),
    )
    quoted = await quote_freight(door.db, door.house.networks, ask)
    here = (data.latitude, data.longitude)
    if not ask.persist:
        return WireResponse(show_quote(ask.quote_id, quoted, here))

    async def work(tx: Tx) -> WireResponse[SimulationShown]:
        kept = quoted._replace(quote=await keep_quote(tx, ask, quoted.quote, door.now))
        return WireResponse(show_quote(ask.quote_id, kept, here))

    return await door.write(work)


def _cep(sent: str | int) -> str:
    cep = parse_cep(sent if isinstance(sent, str) else f"{sent:08d}")
    if cep is None or (isinstance(sent, int) and sent < 0):
        raise Invalid(errors={"postalCode": ["must be a CEP, such as 01001-000"]})
    return cep


def _asked(item: ItemAsked) -> AskedItem:
    sent = item.dimensions
    if sent is None:
        return AskedItem(sku=item.sku, quantity=item.quantity, price=item.price)
    return AskedItem(
        sku=item.sku,
        quantity=item.quantity,
        price=item.price,
        weight_mg=None if sent.weight is None else int(sent.weight * 1_000_000),
        sides_um=(_um(sent.width), _um(sent.depth), _um(sent.height)),
    )


def _um(side_cm: Decimal | None) -> int:
    """Whole micrometres, begun ones counted."""
    return 0 if side_cm is None else int((side_cm * 10_000).to_integral_value(ROUND_CEILING))
