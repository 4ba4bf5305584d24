"""The command `balcao`: one root, its commands each loaded when asked for."""

import os
import traceback
from collections.abc import Mapping
from typing import Any, Final

import click

import balcao
from balcao.base.errors import BalcaoError, Invalid
from balcao.commands.late import LateGroup

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "balcao.commands.demo:demo",
    "serve": "balcao.commands.run:serve",
    "worker": "balcao.commands.run:worker",
    "migrate": "balcao.commands.run:migrate",
    "doctor": "balcao.commands.doctor:doctor",
    "tenant": "balcao.commands.tenant:tenant",
    "channel": "balcao.commands.channel:channel",
    "credential": "balcao.commands.credential:credential",
    "omnichat": "balcao.commands.omnichat:omnichat",
    "user": "balcao.commands.user:user",
    "omnichat-stand-in": "balcao.commands.omnichat_stand_in:omnichat_stand_in",
    "import": "balcao.commands.imports:import_",
    "export": "balcao.commands.export:export",
    "bench": "balcao.commands.bench:bench",
}
"""Where each command lives: one line here adds one, and its module is imported only when it runs."""


class _Root(LateGroup):
    """Says what goes wrong in plain words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal ends it with exit code 1 and its sentence, never with a traceback."""
        try:
            return super().invoke(ctx)
        except BalcaoError as error:
            raise click.ClickException(_in_words(error)) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("BALCAO_LOG_LEVEL", "").lower() == "debug":
                traceback.print_exception(error)
            raise click.ClickException(f"unexpected {type(error).__name__}: {error}") from error


@click.group(
    cls=_Root,
    places=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from BALCAO_* variables and DATABASE_URL; `balcao doctor` prints them.",
)
@click.version_option(balcao.__version__, prog_name="balcao")
def main() -> None:
    """Balcão: an order management system, one counter behind every sales channel.

    \b
    Start with:
      balcao demo                          a sample shop that plays whole orders
      balcao serve                         the API, the console and the worker
      balcao tenant create my-shop         a shop
      balcao channel set ecommerce --tenant my-shop
      balcao credential create --tenant my-shop --role channel
    """


def _in_words(error: BalcaoError) -> str:
    if isinstance(error, Invalid) and error.errors and error.code != "invalid_settings":
        fields = [f"{name}: {message}" for name, messages in error.errors.items() for message in messages]
        return "; ".join(fields)
    return error.detail
