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
    "the order is not ready for pickup": "o pedido não está pronto para retirada",
    "the shopper collects it in this store": "o cliente retira nesta loja",
    "the order is invoiced by this store": "esta loja já faturou o pedido",
    "the order is not being picked": "o pedido não está em separação",
    "it is there already": "já está lá",
    "the other store has not enough of it": "a outra loja não tem o bastante",
    "no other store has everything": "nenhuma outra loja tem tudo",
    "no other store delivers there": "nenhuma outra loja entrega lá",
    "the order has no delivery address": "o pedido não tem endereço de entrega",
    "it is not allowed": "não é permitido",
}
