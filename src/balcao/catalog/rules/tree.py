"""The tree of categories: every parent exists, and nobody is below itself.

A batch may bring parents after their children. A row whose parent is nowhere, or that would close a circle, fails alone
and leaves its category where it was; whoever needed it to exist fails with it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from balcao.base.values import CategoryId
from balcao.catalog.rules.model import Category

PARENT_MISSING = "names a category that does not exist"
CIRCLE = "would put the category below itself"
DEPTH_MAX = 50
"""Levels that a category may be down when it is written. No shop has ten; JSON readers give up at some hundreds."""
TOO_DEEP = f"would put the category more than {DEPTH_MAX} levels down"


def refuse_parents(wanted: Mapping[str, str | None], known: Mapping[str, str | None]) -> dict[str, str]:
    """What is wrong with the batch's parents: message by code.

    wanted: by code the parent's code (None at the top) as the batch asks; known: the same for the categories that
    exist, with all their ancestors.
    """
    refused = _refuse_circles(wanted, known, _refuse_missing(wanted, known, {}))
    deep = _too_deep({**known, **_without(wanted, refused)})
    return _refuse_missing(wanted, known, dict.fromkeys(deep & wanted.keys(), TOO_DEEP) | refused)


def _refuse_circles(
    wanted: Mapping[str, str | None], known: Mapping[str, str | None], refused: dict[str, str]
) -> dict[str, str]:
    circles = _on_circles({**known, **_without(wanted, refused)})
    if not circles:
        return refused
    moving = {code for code, parent in wanted.items() if code not in known or known[code] != parent}
    refused = _refuse_missing(wanted, known, dict.fromkeys(circles & moving, CIRCLE) | refused)
    if _on_circles({**known, **_without(wanted, refused)}):
        # Refused rows went back to parents that others of the batch have moved below them: then nothing known moves.
        refused = _refuse_missing(wanted, known, dict.fromkeys(moving & known.keys(), CIRCLE) | refused)
    return refused


def _without(wanted: Mapping[str, str | None], refused: Mapping[str, str]) -> dict[str, str | None]:
    return {code: parent for code, parent in wanted.items() if code not in refused}


def _refuse_missing(
    wanted: Mapping[str, str | None], known: Mapping[str, str | None], refused: Mapping[str, str]
) -> dict[str, str]:
    """`refused`, and every row whose parent is neither known nor brought by a row that goes in."""
    children: dict[str, list[str]] = {}
    for code, parent in wanted.items():
        if parent is not None and parent not in known:
            children.setdefault(parent, []).append(code)
    result = dict(refused)
    absent = [parent for parent in children if parent not in wanted or parent in refused]
    while absent:
        for code in children.get(absent.pop(), ()):
            if code not in result:
                result[code] = PARENT_MISSING
                absent += [code] if code not in known else []
    return result


def _on_circles(parents: Mapping[str, str | None]) -> set[str]:
    """The codes that are their own ancestors."""
    done: set[str] = set()
    circles: set[str] = set()
    for start in parents:
        path: dict[str, int] = {}
        code: str | None = start
        while code is not None and code not in done and code not in path:
            path[code] = len(path)
            code = parents.get(code)
        if code is not None and code in path:
            circles |= {member for member, place in path.items() if place >= path[code]}
        done.update(path)
    return circles


def _too_deep(parents: Mapping[str, str | None]) -> set[str]:
    depths: dict[str | None, int] = {None: 0}
    for start in parents:
        line: list[str] = []
        code: str | None = start
        while code is not None and code not in depths:
            line.append(code)
            code = parents.get(code)
        for place, member in enumerate(reversed(line), start=1):
            depths[member] = depths[code] + place
    return {code for code, depth in depths.items() if code is not None and depth > DEPTH_MAX}


class Branch(NamedTuple):
    """A category and those below it, by their own order and then by code."""

    category: Category
    children: tuple["Branch", ...]


def grow(categories: Iterable[Category], tops: Iterable[Category]) -> list[Branch]:
    """The trees with these tops, out of these categories, cut where moved branches hang deeper than anybody reads."""
    return grow_each(categories, sorted(tops, key=_place))


def grow_each(categories: Iterable[Category], tops: Iterable[Category]) -> list[Branch]:
    """The same with the tops in the order given."""
    below: dict[CategoryId, list[Category]] = {}
    for category in categories:
        if category.parent_id is not None:
            below.setdefault(category.parent_id, []).append(category)
    return [_branch(top, below) for top in tops]


def _branch(category: Category, below: Mapping[CategoryId, list[Category]], depth: int = 1) -> Branch:
    children = sorted(below.get(category.category_id, ()), key=_place) if depth < 2 * DEPTH_MAX else []
    return Branch(category, tuple(_branch(child, below, depth + 1) for child in children))


def _place(category: Category) -> tuple[int, str]:
    return category.body.order, category.code


def flatten(branch: Branch) -> list[Category]:
    """The category and all below it."""
    return [branch.category, *(each for child in branch.children for each in flatten(child))]
