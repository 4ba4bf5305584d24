"""Templates: escaped by themselves, strict about what they name, compiled once."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from balcao.doors.console.nav import nav_for
from balcao.doors.console.static import asset_url
from balcao.doors.console.words import masked
from balcao.sellers.rules import Seller

FOLDER: Final = Path(__file__).parent / "templates"


def render(template: str, context: Mapping[str, Any]) -> str:
    """The template's text with these values."""
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "asset": asset_url,
        "nav_for": nav_for,
        "store_options": _store_options,
        "channel_options": _channel_options,
    }
    environment.filters |= {"masked": masked}
    return environment


def _store_options(sellers: Sequence[Seller]) -> list[tuple[str, str]]:
    return [(seller.cnpj, seller.name) for seller in sellers]


def _channel_options(channels: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in channels]
