"""The order that a provisioning becomes, and why one is refused, in Portuguese (contract, section 2). Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from balcao.base.errors import BalcaoError, Invalid
from balcao.catalog.rules.model import SkuFacts
from balcao.omnichat.rules.choosing import Chosen
from balcao.omnichat.rules.model import Integration
from balcao.omnichat.rules.provision import Asked, AskedLine, split_discount
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.new_order import NewItem, NewOrder, NewPayment

_FIELDS = {
    "Buyer.Cpf": "CPF do cliente",
    "Buyer.Cnpj": "CNPJ do cliente",
    "Channel": "canal",
    "Seller": "loja",
}


def new_order(asked: Asked, integration: Integration, chosen: Chosen, skus: Sequence[SkuFacts]) -> NewOrder:
    """The order to place; skus: of its lines, in their order. It is paid later, all of it."""
    amounts = [line.price * line.quantity for line in asked.lines]
    discounts = split_discount(asked.discount, amounts)
    return NewOrder(
        channel=integration.channel,
        external_id=asked.object_id,
        buyer=msgspec.structs.replace(asked.buyer, address=asked.address),
        freight=chosen.freight,
        items=tuple(
            NewItem(
                sku_code=sku.code,
                product_code=sku.product_code,
                quantity=line.quantity,
                unit_price=line.price,
                discount_price=discounts[n] * 0,
                discount_amount=discounts[n] or None,
                is_gift=line.is_gift,
            )
            for n, (line, sku) in enumerate(zip(asked.lines, skus, strict=True))
        ),
        payments=(NewPayment(type=PaymentType.PAYMENT_LINK, amount=asked.total),),
        is_delivery=asked.pickup is None,
        seller_cnpj=chosen.seller.cnpj,
        delivery_address=asked.address,
        dealer_code=asked.dealer_code,
        voucher_code=asked.voucher_code,
        custom_data=asked.custom_data,
    )


def find_sku(line: AskedLine, named: Mapping[str, SkuFacts]) -> SkuFacts | str:
    """The SKU that an item names, or why there is none to sell."""
    sku = next((named[name] for name in line.names if name in named), None)
    if sku is None or sku.is_deleted:
        return f"o item {line.shown} não existe no catálogo"
    return sku if sku.is_active else f"o item {line.shown} está inativo"


def why_refused(error: BalcaoError) -> str:
    """Why an order could not be placed, in Portuguese."""
    if error.code == "out_of_stock":
        short = ", ".join(
            f"{item['skuCode']} ({item['asked']} pedidos, {item['available']} disponíveis)"
            for item in error.facts.get("items", ())
        )
        return f"sem estoque: {short}"
    if error.code == "external_id_taken":
        return "já existe outro pedido com este número"
    if isinstance(error, Invalid) and error.errors:
        return "; ".join(f"{_FIELDS.get(field, field)}: {messages[0]}" for field, messages in error.errors.items())
    return error.detail
