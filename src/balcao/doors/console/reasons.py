"""Why the lifecycle refuses a move, in Portuguese, by its English sentence; `{}` stands for a status's name."""

from collections.abc import Mapping
from typing import Final

REASONS_PT: Final[Mapping[str, str]] = {
    "{} is final": "{} é definitivo",
    "{} does not follow {}": "um não se segue ao outro",
    "the order resumes the status it had before the request": "o pedido retoma a situação anterior",
    "the order is not paid": "o pedido não está pago",
    "the order is collected in the store": "o pedido é retirado na loja",
    "the order is delivered": "o pedido é entregue em casa",
    "{} lies behind it": "essa etapa já passou",
    "the order has no invoice": "o pedido não tem nota fiscal",
    "the channel cancels at once, without asking for consent": "o canal cancela na hora, sem pedir consentimento",
    "a carrier finishes only what it is carrying": "a transportadora só conclui o que está transportando",
    "it is not allowed": "não é permitido",
}
