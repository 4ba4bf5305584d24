"""Rewrite the parts of docs/ that are made from the code: `python tools/write_docs.py`.

A part stands in its page between `<!-- made from the code: NAME -->` and `<!-- end -->`; what is around it is written
by hand. A test compares, so that no route, setting or command is undocumented and no page is out of date.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
from lifecycle_picture import draw, names, table
from litestar.handlers import HTTPRouteHandler

from balcao.base.settings import FIELDS
from balcao.cli import main as cli
from balcao.doors import console
from balcao.doors.console.visit import PATH
from balcao.server import DOORS
from balcao.tenants.rules import Role

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURE = DOCS / "lifecycle.svg"
_PART = re.compile(r"(<!-- made from the code: ([a-z-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def routes() -> str:
    """Every route: method, path, who may, and what it does; by path."""
    rows = sorted(
        (plain_path(path), method, _who_may(handler), _summary(handler))
        for handler in DOORS
        for method in handler.http_methods
        for path in handler.paths
    )
    lines = [f"| `{method} {path}` | {who} | {what} |" for path, method, who, what in rows]
    return "\n".join(("| route | who may | what it does |", "|---|---|---|", *lines))


def plain_path(path: str) -> str:
    """The path without the types of its parameters: `/orders/{id}`."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def settings() -> str:
    """Every setting: variable, default and what it is."""
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for field in FIELDS:
        default = f"`{field.default}`" if field.default else ""
        lines.append(f"| `{field.variable}` | {default} | {field.description} |")
    return "\n".join(lines)


def commands() -> str:
    """Every command with its options, as `balcao … --help` says it."""
    root = click.Context(cli, info_name="balcao", terminal_width=100, **cli.context_settings)
    lines: list[str] = []
    for context in _contexts(root):
        # A command remembers the names of its help option as it was first asked for, here or in some other test.
        context.command.add_help_option = False
        try:
            lines += [f"### `{context.command_path}`", "", "```text", context.get_help(), "```", ""]
        finally:
            context.command.add_help_option = True
    return "\n".join(lines).rstrip()


def _contexts(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield from _contexts(click.Context(command, parent=context, info_name=name))


def pages() -> str:
    """The console's pages: path and what it shows, by path."""
    rows = sorted(
        (f"{PATH}{plain_path(path)}".rstrip("/"), method, _summary(handler))
        for handler in console.routes
        for method in handler.http_methods
        for path in handler.paths
        if method != "OPTIONS"
    )
    lines = [f"| `{method} {path}` | {what} |" for path, method, what in rows]
    return "\n".join(("| page | what it is |", "|---|---|", *lines))


def _who_may(handler: HTTPRouteHandler) -> str:
    if handler.opt.get("public"):
        return "no token needed"
    allowed: frozenset[Role] = handler.opt["roles"]
    return "every role" if allowed == frozenset(Role) else ", ".join(role for role in Role if role in allowed)


def _summary(handler: HTTPRouteHandler) -> str:
    text = (handler.fn.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(text.split()).replace("|", "\\|")


PARTS: Mapping[str, Callable[[], str]] = {
    "routes": routes,
    "pages": pages,
    "settings": settings,
    "commands": commands,
    "statuses": names,
    "moves": table,
}


def rewrite(text: str) -> str:
    """The page with its made parts as the code is now."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", text)


def main() -> None:
    """Write every page anew."""
    for page in sorted(DOCS.rglob("*.md")):
        page.write_text(rewrite(page.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
