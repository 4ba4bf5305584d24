"""Draw up the quote of a cart from the stores' shelves and the carriers' tables."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from balcao.freight.rules.cart import holds_all, left_over, missing, needs_of
from balcao.freight.rules.combine import combine
from balcao.freight.rules.model import Line, Option, Package, Quote, Reason, Unavailable
from balcao.freight.rules.options import Means, pack, trim


def draw_quote(lines: Sequence[Line], unknown: Sequence[Unavailable], means: Means) -> Quote:
    """How the cart reaches the buyer (contract, section 4); `unknown` are the SKUs that the catalogue does not sell.

    From one store where one has it all; else, where it may be split, in the fewest packages; else, where it may be
    incomplete, the most that one store can send. What is not quoted is in `unavailables`, and where it may not be
    incomplete nothing is quoted then.
    """
    gone = sorted([*unknown, *missing(means.shelves, lines, means.terms)])
    short = {one.sku for one in gone}
    rest = [line for line in lines if line.sku not in short]
    if not rest or (gone and not means.terms.allow_unavailable):
        return Quote(unavailables=tuple(gone))
    whole = [shelf for shelf in means.shelves if holds_all(shelf, needs_of(rest))]
    package = pack(rest, whole, means)
    if package is not None:
        return Quote((trim(package, means.terms),), tuple(gone))
    combinations = combine(rest, means) if means.terms.allow_split else []
    if combinations:
        return Quote(combinations[0].packages, tuple(gone), tuple(combinations))
    return _draw_part(rest, gone, means, Reason.NO_DELIVERY if whole else Reason.NO_COMMON_STORE)


def _draw_part(lines: Sequence[Line], gone: Sequence[Unavailable], means: Means, reason: Reason) -> Quote:
    package = _largest_part(lines, means) if means.terms.allow_unavailable else None
    packed = {line.sku for line in package.lines} if package else set()
    left = left_over(means.shelves, [line for line in lines if line.sku not in packed], reason)
    packages = (trim(package, means.terms),) if package else ()
    return Quote(packages, tuple(sorted([*gone, *left])))


def _largest_part(lines: Sequence[Line], means: Means) -> Package | None:
    """The most SKUs, then the most units, that one store has and can get to the buyer, from every store that can."""
    needs = needs_of(lines)
    shelves = [shelf for shelf in means.shelves if means.tariffs.reach(shelf.seller)]
    parts = {tuple(sku for sku, need in needs.items() if one.available(sku, need) >= need) for one in shelves}
    for part in sorted(parts, key=lambda skus: (-len(skus), -sum(needs[sku] for sku in skus), skus)):
        some = [line for line in lines if line.sku in part]
        package = pack(some, [one for one in shelves if holds_all(one, needs_of(some))], means) if some else None
        if package is not None:
            return package
    return None


def key_options(quote: Quote, new_key: Callable[[], str]) -> tuple[Quote, list[Option]]:
    """The quote with a calculation key on every option, and those options; the same package keeps the same keys."""
    keyed: dict[int, Package] = {}

    def key(packages: Sequence[Package]) -> tuple[Package, ...]:
        for one in packages:
            if id(one) not in keyed:
                options = tuple(replace(option, calculation_key=new_key()) for option in one.options)
                keyed[id(one)] = replace(one, options=options)
        return tuple(keyed[id(one)] for one in packages)

    packages = key(quote.packages)
    combinations = tuple(replace(one, packages=key(one.packages)) for one in quote.combinations)
    options = [option for package in keyed.values() for option in package.options]
    return replace(quote, packages=packages, combinations=combinations), options
