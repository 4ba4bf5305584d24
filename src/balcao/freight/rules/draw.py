"""Draw up the quote of a cart: from one store where one has it all, else as the terms allow."""

from collections.abc import Callable, Generator, Sequence

from msgspec.structs import replace

from balcao.freight.rules.cart import Stockroom
from balcao.freight.rules.desk import Desk
from balcao.freight.rules.model import RESULTS_DEFAULT, Line, Option, Package, Quote, Reason, Unavailable
from balcao.freight.rules.network import Place
from balcao.freight.rules.package import write_package
from balcao.freight.rules.split import split

Drawing = Generator[None, None, Quote]
"""Stops now and then where a cart has to be split, so that others are answered meanwhile."""


def draw_quote(desk: Desk, lines: Sequence[Line], unknown: Sequence[Unavailable], room: Stockroom) -> Drawing:
    """How the cart reaches the buyer (contract, section 4); `unknown` are the SKUs that the catalogue does not sell.

    From one store where one has it all; else, where it may be split, in the fewest packages; else, where it may be
    incomplete, the most that one store can send. What is not quoted is in `unavailables`, and where it may not be
    incomplete nothing is quoted then.
    """
    terms = desk.terms
    whole = room.holding_all()
    # Where a store has everything, nothing is missing.
    gone = sorted([*unknown, *([] if whole else room.missing(allow_split=terms.allow_split))])
    short = {one.sku for one in gone}
    rest = [line for line in lines if line.sku not in short]
    if not rest or (gone and not terms.allow_unavailable):
        return Quote(unavailables=tuple(gone))
    if not whole and short:
        room = room.without(short)
        whole = room.holding_all()
    package = pack(desk, rest, whole)
    if package is not None:
        return Quote((package,), tuple(gone))
    combinations = (yield from split(desk, rest, room)) if terms.allow_split else []
    if combinations:
        return Quote(combinations[0].packages, tuple(gone), tuple(combinations))
    reason = Reason.NO_DELIVERY if whole else Reason.NO_COMMON_STORE
    package = _largest_part(desk, rest, room) if terms.allow_unavailable else None
    packed = {line.sku for line in package.lines} if package else set()
    left = room.left_over([sku for sku in room.needs if sku not in packed], reason)
    return Quote((package,) if package else (), tuple(sorted([*gone, *left])))


def pack(desk: Desk, lines: Sequence[Line], places: Sequence[Place]) -> Package | None:
    """These lines as one package that any of these stores can send; None when no option gets it to the buyer."""
    ways = desk.counter(lines).ways(places)
    package = write_package(lines, ways, desk.terms, desk.terms.results_max or RESULTS_DEFAULT)
    return package if package.offerings else None


def _largest_part(desk: Desk, lines: Sequence[Line], room: Stockroom) -> Package | None:
    """What one store has, the most SKUs and then units that any gets to the buyer; from every store that does."""
    needs = room.needs
    places = room.holding_any(needs)
    parts = {tuple(sku for sku, need in needs.items() if room.available(one, sku) >= need) for one in places}
    for part in sorted(filter(None, parts), key=lambda skus: (-len(skus), -sum(needs[sku] for sku in skus), skus)):
        some = [line for line in lines if line.sku in part]
        able = [one for one in places if all(room.available(one, sku) >= needs[sku] for sku in part)]
        package = pack(desk, some, able)
        if package is not None:
            return package
    return None


def key_options(quote: Quote, new_key: Callable[[], str]) -> tuple[Quote, list[Option]]:
    """The quote with a calculation key on every option, and those options; the same package keeps the same keys."""
    keyed: dict[int, Package] = {}

    def key(packages: Sequence[Package]) -> tuple[Package, ...]:
        for one in packages:
            if id(one) not in keyed:
                offerings = (
                    each._replace(calculation_keys=tuple(new_key() for _ in each.sellers)) for each in one.offerings
                )
                keyed[id(one)] = replace(one, offerings=tuple(offerings))
        return tuple(keyed[id(one)] for one in packages)

    packages = key(quote.packages)
    combinations = tuple(replace(one, packages=key(one.packages)) for one in quote.combinations)
    options = [option for package in keyed.values() for option in package.options]
    return replace(quote, packages=packages, combinations=combinations), options
