"""Channels and their settings."""

from collections.abc import Sequence
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from balcao.base.errors import NotFound
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE, checked, choice, whole
from balcao.doors.console.visit import View
from balcao.tenants.channels import get_channels, list_channels, set_channel
from balcao.tenants.rules import Channel, DiscountBasis, PaymentCover, Policy, StockPolicy

PATH: Final = f"{HERE}/channels"
FLAGS: Final = ("paid_on_create", "cancel_on_denied", "cancel_needs_consent", "ship_without_invoice")
HOUR_S: Final = 3600


@get("/integrations/channels", opt=ADMINS)
async def show_channels(visit: View) -> Response[bytes]:
    """The channels; with `name` one of them, or a new one, to be changed."""
    name = visit.query.get("name")
    async with visit.db.read() as tx:
        channels = await list_channels(tx, visit.tenant)
    if name is None:
        return visit.page("integrations/channels.html", here=HERE, channels=channels)
    known = next((channel for channel in channels if channel.name == name), None)
    if known is None and name != "+":
        raise NotFound("There is no such channel.", code="channel_not_found")
    return visit.page(
        "integrations/channel.html",
        here=HERE,
        channel=known or Channel(name=""),
        is_new=known is None,
        policies=tuple(Policy),
        stock_policies=tuple(StockPolicy),
        bases=tuple(DiscountBasis),
        covers=tuple(PaymentCover),
    )


@post("/integrations/channels", opt=ADMINS)
async def do_set_channel(visit: View) -> Response[bytes]:
    """Make a channel or replace its settings."""
    default = Channel(name="")
    hours = await whole(visit, "payment_expiry_h")
    channel = Channel(
        name=await visit.field("name"),
        document_check=await choice(visit, "document_check", Policy),
        stock_policy=await choice(visit, "stock_policy", StockPolicy),
        quote_policy=await choice(visit, "quote_policy", Policy),
        amount_check=await choice(visit, "amount_check", Policy),
        discount_basis=await choice(visit, "discount_basis", DiscountBasis),
        payment_cover=await choice(visit, "payment_cover", PaymentCover),
        payment_expiry_s=default.payment_expiry_s if hours is None else min(hours * HOUR_S, 2**62),
        **{flag: await checked(visit, flag) for flag in FLAGS},
    )
    async with visit.db.read() as tx:
        before = (await get_channels(tx, visit.tenant, [channel.name])).get(channel.name)
    if before is not None and hours == before.payment_expiry_s // HOUR_S:  # minutes that the form does not show stay
        channel = replace(channel, payment_expiry_s=before.payment_expiry_s)
    await visit.db.run(lambda tx: set_channel(tx, visit.tenant, channel, actor=visit.caller.client_id, now=visit.now))
    return visit.done(PATH, visit.t("Canal salvo.", "Channel saved."))


routes: Sequence[HTTPRouteHandler] = (show_channels, do_set_channel)
