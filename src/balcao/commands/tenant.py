"""`balcao tenant`: the shops of this installation."""

from pathlib import Path

import click

from balcao.base.now import now_us
from balcao.base.values import iso
from balcao.commands.runtime import ACTOR, data_option, read, say_table, write
from balcao.tenants.tenants import CreateTenant, create_tenant, list_tenants


@click.group()
def tenant() -> None:
    """Create and list tenants: shops that see nothing of each other."""


@tenant.command()
@click.argument("name")
@click.option("--title", default="", help="What people read. [default: the name]")
@data_option
def create(name: str, title: str, data: Path | None) -> None:
    """Create the tenant NAME: lower-case letters, digits and hyphens, never changed.

    \b
    Example:
      balcao tenant create my-shop --title "My Shop Ltda."
    """
    cmd = CreateTenant(name=name, title=title, actor=ACTOR)
    write(data, lambda tx: create_tenant(tx, cmd, now_us()))
    click.echo(f"Tenant {name} created.")


@tenant.command("list")
@data_option
def list_(data: Path | None) -> None:
    """List the tenants."""
    rows = [[facts.tenant, facts.title, iso(facts.created_us)] for facts in read(data, list_tenants)]
    say_table(["Tenant", "Title", "Created"], rows)
