"""`balcao credential`: who may call the API for a tenant."""

from pathlib import Path

import click

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.values import iso
from balcao.commands.runtime import ACTOR, data_option, read, say_json, say_table, write
from balcao.tenants.credentials import CreateCredential, create_credential, list_credentials, revoke_credential
from balcao.tenants.rules import Credential, Role
from balcao.tenants.tenants import require_tenant


@click.group()
def credential() -> None:
    """Create, revoke and list credentials: client id and secret of a program."""


@credential.command()
@click.option("--tenant", required=True, help="Whom it acts for.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What it is for.")
@click.option("--channel", help="Only this channel's orders.")
@click.option("--seller", metavar="CNPJ", help="Only this store's orders.")
@click.option("--carrier", metavar="REF", help="The carrier's freight reference; role carrier needs it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def create(
    tenant: str,
    role: str,
    channel: str | None,
    seller: str | None,
    carrier: str | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Create a credential and print its secret, this once.

    \b
    Examples:
      balcao credential create --tenant my-shop --role erp
      balcao credential create --tenant my-shop --role channel --channel ecommerce --json
      balcao credential create --tenant my-shop --role carrier --carrier SEDEX
    """
    cmd = CreateCredential(
        tenant=tenant, role=Role(role), channel=channel, seller_cnpj=seller, carrier=carrier, actor=ACTOR
    )
    now = now_us()
    caller, secret = write(data, lambda tx: create_credential(tx, cmd, now))
    if as_json:
        say_json(_row(Credential(caller=caller, created_us=now)) | {"clientSecret": secret})
        return
    click.echo(f"clientId      {caller.client_id}")
    click.echo(f"clientSecret  {secret}")
    click.echo("Keep the secret: it is shown this once.", err=True)


@credential.command()
@click.argument("client_id")
@data_option
def revoke(client_id: str, data: Path | None) -> None:
    """Revoke the credential CLIENT_ID: its secret at once, its living tokens within seconds."""
    revoked = write(data, lambda tx: revoke_credential(tx, client_id, actor=ACTOR, now=now_us()))
    click.echo(f"Credential {client_id} {'revoked' if revoked else 'was revoked already'}.")


@credential.command("list")
@click.option("--tenant", required=True, help="The credentials' tenant.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def list_(tenant: str, as_json: bool, data: Path | None) -> None:
    """List a tenant's credentials, the revoked ones too."""

    async def work(tx: Tx) -> list[Credential]:
        return await list_credentials(tx, await require_tenant(tx, tenant))

    rows = [_row(credential) for credential in read(data, work)]
    if as_json:
        say_json(rows)
        return
    heads = ["clientId", "role", "channel", "seller", "carrier", "created", "revoked"]
    say_table(heads, [[row[head] for head in heads] for row in rows])


def _row(credential: Credential) -> dict[str, str | None]:
    caller = credential.caller
    return {
        "clientId": caller.client_id,
        "role": caller.role.value,
        "channel": caller.channel,
        "seller": caller.seller_cnpj,
        "carrier": caller.carrier,
        "created": iso(credential.created_us),
        "revoked": iso(credential.revoked_us) if credential.revoked_us is not None else None,
    }
