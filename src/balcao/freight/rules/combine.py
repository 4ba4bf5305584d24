"""Cover a cart with packages from several stores: the fewest packages, then the lowest total."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice

from msgspec.structs import replace

from balcao.base.values import money_sum
from balcao.freight.rules.cart import needs_of
from balcao.freight.rules.model import Combination, Line, Option, OptionType, Package, Shelf, Terms
from balcao.freight.rules.options import Means, pack, trim

STORES_MAX = 12
"""Every set of so many stores is tried (4,083 of two and more); of more stores, the ones most likely to help."""
COVERS_MAX = 100
"""So many sets of the same size are priced, in the stores' order: all of them for two packages of twelve stores."""
LINES_MAX = 60_000
"""And so many cart lines in all: half a second of one core, for carts of hundreds of lines."""
COMBINATIONS_MAX = 10


def combine(lines: Sequence[Line], means: Means) -> list[Combination]:
    """The ways to get the cart in as few packages as possible, best first; empty when there is none.

    A line is parted only where no store of the set has all of it.
    """
    needs = needs_of(lines)
    stores = _choose_stores([one for one in means.shelves if means.tariffs.reach(one.seller)], needs)
    rows = _coverage(stores, needs)
    for size in range(2, len(stores) + 1):
        covers = (some for some in combinations(range(len(stores)), size) if _cover(some, rows))
        found = {
            tuple((package.sellers[0].cnpj, package.lines) for package in packages): packages
            for cover in islice(covers, max(1, min(COVERS_MAX, LINES_MAX // (size * len(lines)))))
            for order in _rotations([stores[n] for n in cover])
            if (packages := _packages(lines, order, means)) is not None
        }
        if found:
            return _best(found.values(), means.terms)
    return []


def _best(found: Iterable[tuple[Package, ...]], terms: Terms) -> list[Combination]:
    ranked = sorted(map(_add_up, found), key=_rank)[: min(terms.results_max or COMBINATIONS_MAX, COMBINATIONS_MAX)]
    return [replace(one, packages=tuple(trim(package, terms) for package in one.packages)) for one in ranked]


def _choose_stores(shelves: Sequence[Shelf], needs: Mapping[str, int]) -> list[Shelf]:
    """At most twelve, in turn for each SKU the store that has most of it: what only one store has is not left out."""
    if len(shelves) <= STORES_MAX:
        return list(shelves)
    holders = [
        sorted(
            (one for one in shelves if one.available(sku, need) > 0),
            key=lambda one: -min(one.available(sku, need), need),
        )
        for sku, need in needs.items()
    ]
    chosen: dict[str, Shelf] = {}
    for turn in range(len(shelves)):
        for queue in sorted(holders, key=len):
            if turn < len(queue) and len(chosen) < STORES_MAX:
                chosen.setdefault(queue[turn].seller.cnpj, queue[turn])
    return [shelf for shelf in shelves if shelf.seller.cnpj in chosen]


def _coverage(stores: Sequence[Shelf], needs: Mapping[str, int]) -> set[tuple[int, ...]]:
    """For each SKU what every store has of it, at most the need, and the need last; SKUs that come to the same once."""
    rows = set()
    for sku, need in needs.items():
        counts = [min(one.available(sku, need), need) for one in stores]
        all_or_none = set(counts) <= {0, need}
        rows.add((*(count // need for count in counts), 1) if all_or_none else (*counts, need))
    return rows


def _cover(some: Sequence[int], rows: Iterable[tuple[int, ...]]) -> bool:
    return all(sum(row[n] for n in some) >= row[-1] for row in rows)


def _rotations(cover: Sequence[Shelf]) -> Iterator[tuple[Shelf, ...]]:
    """Each store of the set is once the first to be asked: what several have may be cheaper from another."""
    for first in range(len(cover)):
        yield (*cover[first:], *cover[:first])


def _packages(lines: Sequence[Line], order: Sequence[Shelf], means: Means) -> tuple[Package, ...] | None:
    """One package from each store of the set, by CNPJ; None when a store is not needed or cannot send its part."""
    packages = []
    for shelf, part in zip(order, _share_out(lines, order), strict=True):
        package = pack(part, [shelf], means) if part else None
        if package is None:
            return None
        packages.append(package)
    return tuple(sorted(packages, key=lambda package: package.sellers[0].cnpj))


def _share_out(lines: Sequence[Line], order: Sequence[Shelf]) -> list[list[Line]]:
    """Each line to the first store that has all of it, else its units to one store after the other."""
    needs = needs_of(lines)
    left = [{sku: shelf.available(sku, need) for sku, need in needs.items()} for shelf in order]
    parts: list[list[Line]] = [[] for _ in order]
    for line in lines:
        wanted = line.quantity
        whole = next((n for n, stock in enumerate(left) if stock[line.sku] >= wanted), None)
        for n in range(len(order)) if whole is None else (whole,):
            taken = min(wanted, left[n][line.sku])
            if taken:
                parts[n].append(Line(line.sku, taken, line.price, line.weight_kg))
                left[n][line.sku] -= taken
                wanted -= taken
    return parts


def _add_up(packages: tuple[Package, ...]) -> Combination:
    best = [_first_delivery(package) for package in packages]
    return Combination(
        packages,
        money_sum(option.amount for option in best),
        max(option.delivery_time for option in best),
        max(option.delivery_date for option in best),
    )


def _first_delivery(package: Package) -> Option:
    """What a buyer who wants the goods at home pays: collecting counts only where a store does not deliver."""
    return next((one for one in package.options if one.type is OptionType.DELIVERY), package.options[0])


def _rank(combination: Combination) -> tuple[object, ...]:
    sellers = [package.sellers[0] for package in combination.packages]
    stores = tuple((seller.priority, seller.cnpj) for seller in sellers)
    parts = tuple(package.lines for package in combination.packages)
    return combination.total_amount, combination.delivery_time, stores, parts
