"""What the freight engine says of stores and carriers, in both languages. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from balcao.doors.console.words import Lang, Words
from balcao.freight.rules.explain import Why
from balcao.freight.rules.model import Reason

VERDICTS: Final[Mapping[str, tuple[str, str, str]]] = {
    Why.OFFERED: ("oferecido", "offered", "fine"),
    Why.NOT_SHOWN: ("possível, não mostrado", "possible, not shown", "move"),
    Why.NOT_ASKED: ("fora da consulta", "not asked", ""),
    Why.CLOSED: ("loja inativa", "store not active", ""),
    Why.OUT_OF_STOCK: ("sem estoque", "out of stock", "late"),
    Why.PICKUP_OFF: ("não tem retirada", "no collection", ""),
    Why.DELIVERY_OFF: ("não entrega", "no delivery", ""),
    Why.PICKUP_ONLY: ("só retirada", "collect only", "soon"),
    Why.CARRIER_OFF: ("transportadora inativa", "carrier not in use", ""),
    Why.NO_TABLE: ("sem tabela", "no table", ""),
    Why.NOT_COVERED: ("fora da cobertura", "not covered", "late"),
    Why.CEP_OUTSIDE: ("CEP fora da tabela", "CEP outside the table", "late"),
    Why.WEIGHT_OUTSIDE: ("peso fora da tabela", "weight outside the table", "late"),
    Why.VOLUME_OUTSIDE: ("volume fora da tabela", "volume outside the table", "late"),
    Why.TOO_HEAVY: ("pesado demais", "too heavy", "late"),
    Why.TOO_LONG: ("grande demais", "too long", "late"),
    Why.TOO_VALUABLE: ("valioso demais", "too valuable", "late"),
    Why.TOO_DEAR: ("caro demais", "too dear", "late"),
    Reason.UNKNOWN_SKU: ("SKU desconhecido", "unknown SKU", "late"),
    Reason.INACTIVE_SKU: ("SKU inativo", "inactive SKU", "late"),
    Reason.NO_STORE: ("nenhuma loja pode enviar", "no store may send", "late"),
    Reason.NO_COMMON_STORE: ("nenhuma loja tem tudo", "no store has everything", "late"),
    Reason.NO_DELIVERY: ("ninguém entrega lá", "nobody delivers there", "late"),
}
"""By its name: Portuguese, English, and the pill's tone."""

DETAILS_PT: Final[Sequence[tuple[str, str]]] = (
    (r"has everything, and no freight of its is in the answer", "tem tudo, e nenhum frete dela está na resposta"),
    (r"has everything", "tem tudo"),
    (r"sends a part of the cart", "envia uma parte do carrinho"),
    (r"the store is not active", "a loja não está ativa"),
    (
        r"the question, or the credential, leaves this store out",
        "a consulta, ou a loja em que você está, deixa esta de fora",
    ),
    (r"the store does not deliver", "a loja não entrega"),
    (r"a product of the cart can only be collected", "um produto do carrinho só pode ser retirado"),
    (r"the carrier is not in use", "a transportadora não está em uso"),
    (
        r"no table for this store, its state or every store",
        "sem tabela para esta loja, seu estado ou todas as lojas",
    ),
    (r"the store does not let buyers collect", "a loja não permite retirada"),
    (r"may be collected", "pode ser retirado"),
    (r"the CEP is outside the carrier's coverage", "o CEP está fora da cobertura da transportadora"),
    (r"no row of the table holds the CEP", "nenhuma linha da tabela contém o CEP"),
    (
        r"larger than the rows for this CEP and weight take",
        "maior que o volume aceito nas linhas para este CEP e peso",
    ),
    (r"would cost more than can be written down", "custaria mais do que se pode escrever"),
    (
        r"one unit of (.*) is heavier than the carrier's limit",
        r"uma unidade de \1 pesa mais que o limite da transportadora",
    ),
    (
        r"one unit of (.*) is longer than the carrier's limit",
        r"uma unidade de \1 é mais comprida que o limite da transportadora",
    ),
    (
        r"one unit of (.*) is larger, its sides added up, than the carrier's limit",
        r"a soma dos lados de uma unidade de \1 passa do limite da transportadora",
    ),
    (
        r"one unit of (.*) is worth more than the carrier's limit",
        r"uma unidade de \1 vale mais que o limite da transportadora",
    ),
    (
        r"(\d+) g; the table's rows for this CEP take up to (\d+) g",
        r"\1 g; as linhas da tabela para este CEP vão até \2 g",
    ),
    (
        r"(-?\d+) business days after it was handed over, an order from (\S+) on counts as the next day's",
        r"\1 dias úteis depois da entrega à transportadora; pedido a partir de \2 conta como do dia seguinte",
    ),
    (r"(-?\d+) business days after it was handed over", r"\1 dias úteis depois da entrega à transportadora"),
    (r"not enough of (.*)", r"falta \1"),
)
"""What the engine's details are in Portuguese, by the pattern that the whole English text is of."""


def detail_of(words: Words, text: str, details: Sequence[tuple[str, str]] = DETAILS_PT) -> str:
    """The detail in the visitor's language; English where nobody has translated it."""
    if words.lang is Lang.EN:
        return text
    for pattern, portuguese in details:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return found.expand(portuguese).replace("(asked ", "(pedido ").replace(", available ", ", disponível ")
    return text
