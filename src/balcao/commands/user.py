"""`balcao user`: who may log in to the console."""

import secrets
import sys
from pathlib import Path

import click

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.values import iso
from balcao.commands.runtime import ACTOR, data_option, read, say_json, say_table, write
from balcao.tenants.tenants import require_tenant
from balcao.users.change import enable_user, set_password
from balcao.users.create import CreateUser, create_user
from balcao.users.find import list_users
from balcao.users.rules import User, UserRole

stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the standard input, one line."
)


@click.group()
def user() -> None:
    """Create, change and list the people who use the console."""


@user.command()
@click.option("--tenant", required=True, help="Whose console it is.")
@click.option("--email", required=True, help="What the person logs in with.")
@click.option("--name", default="", help="What colleagues read; the e-mail address's first part unless given.")
@click.option("--role", required=True, type=click.Choice([role.value for role in UserRole]), help="What it may do.")
@click.option("--seller", "sellers", metavar="CNPJ", multiple=True, help="Only this store; may be given again.")
@stdin_option
@data_option
def create(
    tenant: str, email: str, name: str, role: str, sellers: tuple[str, ...], password_stdin: bool, data: Path | None
) -> None:
    """Create a user. Without --password-stdin a password is asked for, or made and printed where nobody can answer.

    \b
    Examples:
      balcao user create --tenant my-shop --email ana@example.com --role admin
      balcao user create --tenant my-shop --email rui@example.com --role operator --seller 04109169000135
    """
    password, is_made = _password(password_stdin)
    cmd = CreateUser(
        tenant=tenant,
        email=email,
        name=name,
        role=UserRole(role),
        sellers=sellers,
        password=password,
        actor=ACTOR,
    )
    created = write(data, lambda tx: create_user(tx, cmd, now_us()))
    _say(f"User {created.email} created", password if is_made else None)


@user.command("password")
@click.option("--tenant", required=True, help="Whose console it is.")
@click.argument("email")
@stdin_option
@data_option
def password_(tenant: str, email: str, password_stdin: bool, data: Path | None) -> None:
    """Give the user EMAIL another password, and log them out everywhere."""
    password, is_made = _password(password_stdin)

    async def work(tx: Tx) -> User:
        known = await require_tenant(tx, tenant)
        return await set_password(tx, known, email, password, actor=ACTOR, now=now_us())

    changed = write(data, work)
    _say(f"Password of {changed.email} set", password if is_made else None)


@user.command()
@click.option("--tenant", required=True, help="Whose console it is.")
@click.argument("email")
@data_option
def disable(tenant: str, email: str, data: Path | None) -> None:
    """Let the user EMAIL in no more, and log them out everywhere."""
    changed = _enable(tenant, email, data, enabled=False)
    click.echo(f"User {email} {'disabled' if changed else 'was disabled already'}.")


@user.command()
@click.option("--tenant", required=True, help="Whose console it is.")
@click.argument("email")
@data_option
def enable(tenant: str, email: str, data: Path | None) -> None:
    """Let the user EMAIL in again."""
    changed = _enable(tenant, email, data, enabled=True)
    click.echo(f"User {email} {'enabled' if changed else 'was enabled already'}.")


@user.command("list")
@click.option("--tenant", required=True, help="Whose console it is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def list_(tenant: str, as_json: bool, data: Path | None) -> None:
    """List a tenant's users, the disabled ones too."""

    async def work(tx: Tx) -> list[User]:
        return await list_users(tx, await require_tenant(tx, tenant))

    rows = [_row(each) for each in read(data, work)]
    if as_json:
        say_json(rows)
        return
    heads = ["email", "name", "role", "sellers", "created", "disabled"]
    say_table(heads, [[row[head] for head in heads] for row in rows])


def _enable(tenant: str, email: str, data: Path | None, *, enabled: bool) -> bool:
    async def work(tx: Tx) -> bool:
        known = await require_tenant(tx, tenant)
        return await enable_user(tx, known, email, enabled=enabled, actor=ACTOR, now=now_us())

    return write(data, work)


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    return secrets.token_urlsafe(12), True


def _say(done: str, made: str | None) -> None:
    click.echo(f"{done}. Log in under /console.")
    if made is not None:
        click.echo(f"password  {made}")


def _row(user: User) -> dict[str, str | None]:
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "sellers": ", ".join(user.seller_cnpjs) or None,
        "created": iso(user.created_us),
        "disabled": iso(user.disabled_us) if user.disabled_us is not None else None,
    }
