"""Webhooks over HTTP."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.v1.webhooks import deliveries, subscriptions

routes: Sequence[HTTPRouteHandler] = (*subscriptions.routes, *deliveries.routes)
