"""`balcao omnichat`: a tenant's integrations with OmniChat."""

from pathlib import Path
from typing import Any

import click

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.base.settings import Settings, read_settings
from balcao.commands.runtime import ACTOR, data_option, read, say_json, say_table, write
from balcao.omnichat.add import add_integration
from balcao.omnichat.change import rotate_inbound_secret
from balcao.omnichat.find import Kept, list_integrations
from balcao.omnichat.rules.model import Checkout, Integration
from balcao.omnichat.settings import IntegrationSettings
from balcao.partners.omnichat import BASE_URL
from balcao.tenants.tenants import require_tenant
from balcao.webhooks.send import SEALED_FOR


@click.group()
def omnichat() -> None:
    """Add and list integrations with OmniChat."""


@omnichat.command()
@click.option("--tenant", required=True, help="Whose account it is.")
@click.option("--channel", required=True, help="The channel of its orders.")
@click.option("--name", required=True, help="What people call it.")
@click.option("--checkout", required=True, type=click.Choice([each.value for each in Checkout]), help="Whose checkout.")
@click.option("--secret", "api_secret", required=True, help="The secret of OmniChat's orders API.")
@click.option("--base-url", default=BASE_URL, show_default=True, help="Address of OmniChat's orders API.")
@click.option("--seller", metavar="CNPJ", help="The store that sells unless told otherwise.")
@click.option("--team", "teams", metavar="TEAM=CNPJ", multiple=True, help="The store of a team, by its external id.")
@click.option("--checkout-url", metavar="TEMPLATE", help="Our checkout's address, with {orderId} in it.")
@click.option("--responsible", help="The name that our calls are signed with.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def add(tenant: str, checkout: str, teams: tuple[str, ...], as_json: bool, data: Path | None, **given: Any) -> None:
    """Add an integration and print its id, hook address and inbound secret, this once.

    \b
    Examples:
      balcao omnichat add --tenant my-shop --channel whatsapp --name WhatsApp --checkout omni --secret S
      balcao omnichat add --tenant my-shop --channel whatsapp --name Chat --checkout own --secret S \\
        --checkout-url 'https://shop.example.com/checkout/{orderId}' --team padrao-1234=04109169000135
    """
    settings = read_settings(home=data)
    wanted = IntegrationSettings(
        **given,
        checkout=Checkout(checkout),
        teams=dict(map(_team, teams)),
        allow_private=settings.webhook_allow_private,
        actor=ACTOR,
    )
    seal = Seal(settings, SEALED_FOR)
    added = write(data, lambda tx: add_integration(tx, tenant, wanted, seal, now_us()))
    _say_secret(added.integration, added.inbound_secret, settings, as_json=as_json)


@omnichat.command()
@click.argument("integration_id")
@click.option("--tenant", required=True, help="Whose account it is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def rotate(integration_id: str, tenant: str, as_json: bool, data: Path | None) -> None:
    """Give INTEGRATION_ID a new inbound secret and print it; for a day the former one holds too."""

    async def work(tx: Tx) -> Any:
        key = await require_tenant(tx, tenant)
        return await rotate_inbound_secret(tx, key, integration_id, actor=ACTOR, now=now_us())

    rotated = write(data, work)
    _say_secret(rotated.integration, rotated.inbound_secret, read_settings(home=data), as_json=as_json)


@omnichat.command("list")
@click.option("--tenant", required=True, help="Whose integrations.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def list_(tenant: str, as_json: bool, data: Path | None) -> None:
    """List a tenant's integrations and how they fare."""

    async def work(tx: Tx) -> list[Kept]:
        return await list_integrations(tx, await require_tenant(tx, tenant))

    rows = [_row(kept) for kept in read(data, work)]
    if as_json:
        say_json(rows)
        return
    heads = ["integrationId", "name", "channel", "checkout", "active", "baseUrl", "pending", "dead"]
    say_table(heads, [[row[head] for head in heads] for row in rows])


def _team(text: str) -> tuple[str, str]:
    team, found, cnpj = text.rpartition("=")
    if not found or not team:
        raise click.BadParameter(f"{text!r} is not such as padrao-1234=04109169000135", param_hint="--team")
    return team, cnpj


def _say_secret(integration: Integration, secret: str, settings: Settings, *, as_json: bool) -> None:
    root = settings.public_url or f"http://{settings.host}:{settings.port}"
    facts = {
        "integrationId": integration.integration_id,
        "hookUrl": f"{root}/hooks/omnichat/{integration.integration_id}",
        "inboundSecret": secret,
    }
    if as_json:
        say_json(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name.ljust(15)}{value}")
    click.echo("Keep the secret: it is shown this once.", err=True)


def _row(kept: Kept) -> dict[str, Any]:
    integration = kept.integration
    return {
        "integrationId": integration.integration_id,
        "name": integration.name,
        "channel": integration.channel,
        "checkout": integration.checkout.value,
        "active": integration.is_active,
        "baseUrl": kept.line.webhook.url,
        "pending": kept.line.pending,
        "dead": kept.line.dead,
    }
