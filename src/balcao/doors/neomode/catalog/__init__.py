"""The catalogue (contract, section 6)."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.neomode.catalog import (
    batches,
    categories,
    changes,
    collections,
    delete,
    inventory,
    ledger,
    offer,
    one,
    one_sku,
    read,
    write,
)

MODULES = (write, offer, one, one_sku, delete, read, categories, changes, inventory, collections, batches, ledger)

routes: Sequence[HTTPRouteHandler] = tuple(route for module in MODULES for route in module.routes)
