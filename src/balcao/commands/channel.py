"""`balcao channel`: a tenant's order pipelines and their settings."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.commands.runtime import ACTOR, data_option, read, say_json, say_table, write
from balcao.tenants.channels import get_channels, list_channels, set_channel
from balcao.tenants.rules import Channel, DiscountBasis, PaymentCover, Policy, StockPolicy
from balcao.tenants.tenants import require_tenant

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


class Span(click.ParamType[int]):
    """A span of time such as `90s`, `30m`, `72h` or `3d`, as seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds; a number without unit is seconds."""
        match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", str(value))
        if match is None:
            self.fail(f"{value!r} is no span of time such as 30m, 72h or 3d", param, ctx)
        return int(match[1]) * _SECONDS[match[2] or "s"]


def _choice(kind: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


@click.group()
def channel() -> None:
    """Set and list channels: the order pipelines that `Channel` in an order names."""


@channel.command("set")
@click.argument("name")
@click.option("--tenant", required=True, help="The channel's tenant.")
@click.option("--paid-on-create/--no-paid-on-create", default=None, help="Orders arrive paid.")
@click.option("--stock-policy", type=_choice(StockPolicy), help="What to do when the stock is short.")
@click.option("--document-check", type=_choice(Policy), help="How strictly to check a CPF's and CNPJ's digits.")
@click.option("--quote-policy", type=_choice(Policy), help="How strictly to check the freight's calculation key.")
@click.option("--amount-check", type=_choice(Policy), help="How strictly payments must add up to the total.")
@click.option("--discount-basis", type=_choice(DiscountBasis), help="Whether a discount is per unit or per line.")
@click.option("--payment-cover", type=_choice(PaymentCover), help="Paid once the total is covered, or by any payment.")
@click.option("--payment-expiry", "payment_expiry_s", type=Span(), help="When unpaid orders expire, such as 3d.")
@click.option("--cancel-on-denied/--no-cancel-on-denied", default=None, help="A denied payment cancels the order.")
@click.option("--cancel-needs-consent/--no-cancel-needs-consent", default=None, help="The ERP must agree to cancel.")
@click.option("--ship-without-invoice/--no-ship-without-invoice", default=None, help="Ship without an NF-e.")
@data_option
def set_(name: str, tenant: str, data: Path | None, **given: Any) -> None:
    """Create the channel NAME or change it. What is not given stays as it is, or gets its default.

    \b
    Examples:
      balcao channel set ecommerce --tenant my-shop
      balcao channel set marketplace --tenant my-shop --paid-on-create --stock-policy accept
    """

    async def work(tx: Tx) -> tuple[Channel, bool]:
        key = await require_tenant(tx, tenant)
        before = (await get_channels(tx, key, [name])).get(name) or Channel(name=name)
        settings = msgspec.to_builtins(before) | {field: value for field, value in given.items() if value is not None}
        after = msgspec.convert(settings, Channel)
        return after, await set_channel(tx, key, after, actor=ACTOR, now=now_us())

    after, changed = write(data, work)
    click.echo(f"Channel {name} {'set' if changed else 'is so already'}.")
    say_table(["Setting", "Value"], list(map(list, msgspec.to_builtins(after).items())))


@channel.command("list")
@click.option("--tenant", required=True, help="The channels' tenant.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def list_(tenant: str, as_json: bool, data: Path | None) -> None:
    """List a tenant's channels."""

    async def work(tx: Tx) -> list[Channel]:
        return await list_channels(tx, await require_tenant(tx, tenant))

    channels = [msgspec.to_builtins(channel) for channel in read(data, work)]
    if as_json:
        say_json(channels)
        return
    heads = list(Channel.__struct_fields__)
    say_table(heads, [[channel[head] for head in heads] for channel in channels])
