"""An order with everything that is known of it."""

import msgspec

from balcao.orders.rules.model import History, Order
from balcao.sellers.rules import Seller
from balcao.tenants.rules import Channel


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an order, for one who may see it."""

    order: Order
    history: History
    channel: Channel
    seller: Seller
