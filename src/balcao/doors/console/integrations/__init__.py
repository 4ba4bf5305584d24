"""What the integration team looks after: credentials, channels, webhooks, OmniChat, batches, freight tables."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.console.integrations import batches, channels, credentials, omnichat, overview, tables, webhooks

MODULES = (overview, credentials, channels, webhooks, omnichat, batches, tables)

routes: Sequence[HTTPRouteHandler] = tuple(route for module in MODULES for route in module.routes)
