"""Ask for a quote over HTTP."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from litestar import Response, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.errors import Forbidden, Invalid
from balcao.base.now import now_us
from balcao.base.values import Micros, new_id, parse_cep, strip_document
from balcao.doors.door import Door, check_client, check_client_of
from balcao.doors.express import Answer, Asked, Lane, Work
from balcao.doors.guard import roles
from balcao.doors.house import House
from balcao.doors.neomode.freight.asked import (
    ItemAsked,
    Packing,
    SimulationAsked,
    Sources,
    read_packing,
    read_plainly,
    read_sources,
)
from balcao.doors.neomode.freight.body import SimulationShown
from balcao.doors.neomode.freight.show import show_quote
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse, reader, to_json
from balcao.freight.quote import KeepQuote, Quoted, keep_quotes, quote_freight
from balcao.freight.rules.model import AskedItem, Quote, QuoteFreight, Terms
from balcao.tenants.rules import Caller, Role

PATH = "/management/commerce/freight/simulation/{platform_id:str}/{client_id:str}"
QUOTES = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)


@post(
    PATH,
    opt=QUOTES,
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
    ask = _understand(door.caller, platform_id, data, (packing, sources), door.now)
    quoted = await _quote(door.house, ask)
    here = (data.latitude, data.longitude)
    if not ask.persist:
        return WireResponse(show_quote(ask.quote_id, quoted, here))

    def answer(quote: Quote) -> Response[SimulationShown]:
        return WireResponse(show_quote(ask.quote_id, quoted._replace(quote=quote), here))

    return await door.give(keep_quotes, KeepQuote(ask=ask, quote=quoted.quote), answer)


def _read(asked: Asked) -> Work:
    """The express lane of `simulate_freight`."""
    platform_id, client_id = asked.params
    packing_and_sources = read_plainly(asked.query)
    data: SimulationAsked = _reader.read(asked.body)
    check_client_of(asked.caller, client_id)
    ask = _understand(asked.caller, platform_id, data, packing_and_sources, now_us())

    async def work(house: House) -> Answer:
        quoted = await _quote(house, ask)
        if ask.persist:
            cmd = KeepQuote(ask=ask, quote=quoted.quote)
            quoted = quoted._replace(quote=await house.gatherer.submit(keep_quotes, ask.tenant, cmd))
        return Answer(200, to_json(show_quote(ask.quote_id, quoted, (data.latitude, data.longitude))), [])

    return work


async def _quote(house: House, ask: QuoteFreight) -> Quoted:
    """A tenant's first quotes in a process wait for its tables: that is no sign that the process has too much to do."""
    if house.networks.held(ask.tenant) is None:
        house.occupancy.pass_over()
    return await quote_freight(house.networks, ask)


def _understand(
    caller: Caller, platform: str, data: SimulationAsked, how: tuple[Packing, Sources], now: Micros
) -> QuoteFreight:
    packing, sources = how
    if sources.explain and caller.role is Role.CHANNEL:
        raise Forbidden("Explanations are for the roles erp, operator and admin.", code="wrong_role")
    return QuoteFreight(
        tenant=caller.tenant,
        quote_id=new_id(),
        platform=caller.channel or platform,
        cep=_cep(data.postal_code),
        items=tuple(map(_asked, data.items)),
        terms=Terms(now=now, **packing._asdict()),
        origin_cnpj=strip_document(data.origin_identifier or "") or None,
        bound_cnpj=caller.seller_cnpj,
        **sources._asdict(),
    )


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


_reader = reader(SimulationAsked)
routes: Sequence[HTTPRouteHandler] = (simulate_freight,)
lanes: Mapping[tuple[str, str], Lane] = {
    ("POST", PATH): Lane(frozenset(QUOTES["roles"]), PATH.replace(":str", ""), _read, takes_query=True)
}
