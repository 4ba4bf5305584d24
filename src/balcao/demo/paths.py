"""The paths that the demo plays, one order each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from balcao.demo.answers import Order
from balcao.demo.chatting import by_omni_checkout, by_own_checkout
from balcao.demo.collecting import by_pickup
from balcao.demo.delivering import by_card, by_link, by_pix
from balcao.demo.desk import Desk
from balcao.demo.refusing import cancelled, out_of_stock
from balcao.demo.repeating import reference_example
from balcao.demo.report import Row, brl


class OrderPath(NamedTuple):
    """Its title, and how it is played: to the order at its end, or to none."""

    title: str
    play: Callable[[Desk], Awaitable[Order | None]]


PATHS: Final[Sequence[OrderPath]] = (
    OrderPath("Entrega, Pix / Delivery, Pix", by_pix),
    OrderPath("Cartão em 10× / Card, 10 instalments", by_card),
    OrderPath("Link de pagamento / Payment link", by_link),
    OrderPath("Retirada na loja / Store pickup", by_pickup),
    OrderPath("Cancelamento / Cancellation", cancelled),
    OrderPath("Sem estoque / Out of stock", out_of_stock),
    OrderPath("Exemplo da referência / Reference's example", reference_example),
    OrderPath("OmniChat, checkout deles / their checkout", by_omni_checkout),
    OrderPath("OmniChat, checkout próprio / own checkout", by_own_checkout),
)


async def play_paths(desk: Desk) -> list[tuple[Row, Order | None]]:
    """Every path in turn, each with its line for the table. Raises StepFailed at the first step that is not right."""
    played = []
    for number, path in enumerate(PATHS, 1):
        desk.report.heading(f"{number}. {path.title}")
        order = await path.play(desk)
        played.append((_row(path.title, order), order))
    return played


def _row(title: str, order: Order | None) -> Row:
    if order is None:
        return Row("-", title, "recusado / refused (409)", "-", "-")
    return Row(
        order.friendly_code, title, order.status_words, brl(order.total_amount), order.seller.point_sale_id or "-"
    )
