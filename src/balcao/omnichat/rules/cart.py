"""A cart as OmniChat has it checked, and what its salesperson is told of it. Pure."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from balcao.freight.rules.model import Option, OptionType
from balcao.omnichat.rules.countries import BRAZIL
from balcao.omnichat.rules.provision import PICKUP, AskedLine, read_address, read_lines, read_teams
from balcao.omnichat.rules.reading import read_document

_PLACE = re.compile(r"(?:order\.)?items\[(\d+)\]\.\w+: (.*)")


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """What is in it, as far as it is said. cep: None without an address in the country, "" where it is none.

    wrong: what cannot be read of an item, by its id.
    """

    lines: tuple[AskedLine, ...]
    teams: tuple[str, ...]
    cep: str | None
    shipping_method: str
    wrong: Mapping[str, str]


def read_cart(body: str) -> Cart:
    """The cart: the order of the document, or the document where it is one itself; nothing in it is required."""
    document = read_document(body)
    order = document.part("order") if document.has("order") else document
    lines = read_lines(order)
    notes = [found for note in order.wrong if (found := _PLACE.fullmatch(note))]
    address = read_address(order, required=False)
    is_here = address is not None and address.country == BRAZIL and order.part("shippingAddress").has("zip", "zipCode")
    return Cart(
        lines=lines,
        teams=read_teams(order),
        cep=address.cep if address is not None and is_here else None,
        shipping_method=order.text("shippingMethod"),
        wrong={lines[int(found[1])].object_id: found[2] for found in notes},
    )


class Action(StrEnum):
    """How an advice is meant."""

    ERROR = "ERROR"
    INFO = "INFO"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way to send the cart: the option, and the id by which a provisioning names it."""

    id: str
    option: Option


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one item; ways: the ways to send it, method: the id of the one that is chosen."""

    action: Action
    item_id: str
    message: str = ""
    ways: tuple[Way, ...] = ()
    method: str | None = None

    @classmethod
    def error(cls, line: AskedLine, message: str) -> "Advice":
        """That it cannot be sold."""
        return cls(action=Action.ERROR, item_id=line.object_id, message=message)

    @classmethod
    def info(cls, line: AskedLine, options: Sequence[Option], method: str) -> "Advice":
        """How it can be sent; the method that the order has stays chosen where it is among them."""
        ways = tuple(Way(id=way_id(option), option=option) for option in options)
        wanted = next((way.id for way in ways if way.id.casefold() == method.casefold()), ways[0].id)
        return cls(action=Action.INFO, item_id=line.object_id, ways=ways, method=wanted)


def way_id(option: Option) -> str:
    """A delivery's is the carrier's reference; a collection's says in which store."""
    return f"{PICKUP}-{option.seller.cnpj}" if option.type is OptionType.PICKUP else option.reference
