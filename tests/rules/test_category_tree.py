"""Every parent exists and nobody is below itself, whatever a batch asks."""

from itertools import product

import pytest

from balcao.base.values import CategoryId, new_id
from balcao.catalog.rules.model import Category, CategoryBody
from balcao.catalog.rules.tree import CIRCLE, DEPTH_MAX, PARENT_MISSING, TOO_DEEP, Branch, grow, refuse_parents

KNOWN = {"root": None, "a": "root", "b": "a", "c": "b"}


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ({}, {}),
        ({"x": None}, {}),
        ({"x": "root"}, {}),
        ({"x": "y", "y": "root"}, {}),  # the parent comes later
        ({"x": "nowhere"}, {"x": PARENT_MISSING}),
        ({"y": "x", "x": "nowhere"}, {"x": PARENT_MISSING, "y": PARENT_MISSING}),
        ({"a": "nowhere", "x": "a"}, {"a": PARENT_MISSING}),  # a stays where it was, and x goes below it
        ({"x": "x"}, {"x": CIRCLE}),
        ({"x": "y", "y": "x", "z": "y"}, {"x": CIRCLE, "y": CIRCLE, "z": PARENT_MISSING}),
        ({"a": "c"}, {"a": CIRCLE}),  # below its own grandchild
        ({"a": "c", "c": None}, {}),  # which moves away
        ({"a": "c", "b": "a"}, {"a": CIRCLE}),  # b stays where it is
        ({"a": "c", "c": "a"}, {"a": CIRCLE, "c": CIRCLE}),
        ({"a": "c", "c": "nowhere"}, {"a": CIRCLE, "c": PARENT_MISSING}),
        # b's row would help a's, but falls with d's: then nothing known moves.
        ({"d": "d", "a": "b", "b": "d"}, {"d": CIRCLE, "b": PARENT_MISSING, "a": CIRCLE}),
    ],
)
def test_refused(wanted: dict[str, str | None], refused: dict[str, str]) -> None:
    assert refuse_parents(wanted, KNOWN) == refused


def test_what_is_left_is_a_tree() -> None:
    """Every way to hang two known categories and two new ones."""
    known = {"a": None, "b": "a"}
    codes, parents = ["a", "b", "x", "y"], [None, "a", "b", "x", "y", "nowhere", "not sent"]
    for choice in product(parents, repeat=4):
        wanted = {code: parent for code, parent in zip(codes, choice, strict=True) if parent != "not sent"}
        refused = refuse_parents(wanted, known)
        after = {**known, **{code: parent for code, parent in wanted.items() if code not in refused}}
        assert set(after.values()) <= {*after, None}, wanted
        for code in after:
            assert _depth(code, after) < 5, wanted


def _depth(code: str | None, parents: dict[str, str | None]) -> int:
    depth = 0
    while code is not None and depth < 5:
        code, depth = parents[code], depth + 1
    return depth


def test_fifty_levels_and_no_more() -> None:
    wanted: dict[str, str | None] = {"c1": None} | {f"c{n + 1}": f"c{n}" for n in range(1, DEPTH_MAX)}
    assert refuse_parents(wanted, {}) == {}
    assert refuse_parents(wanted | {"c51": "c50", "c52": "c51"}, {}) == {"c51": TOO_DEEP, "c52": TOO_DEEP}
    known = wanted
    assert refuse_parents({"x": "c50", "y": "x", "z": "c49"}, known) == {"x": TOO_DEEP, "y": TOO_DEEP}
    assert refuse_parents({"c49": "c50"}, known) == {"c49": CIRCLE}


def test_a_long_line_of_parents() -> None:
    wanted: dict[str, str | None] = {f"c{n}": f"c{n + 1}" for n in range(50_000)} | {"c50000": None}
    refused = refuse_parents(wanted, {})
    assert len(refused) == 50_001 - DEPTH_MAX
    assert set(refused.values()) == {TOO_DEEP}
    wanted["c50000"] = "c0"
    assert refuse_parents(wanted, {}) == dict.fromkeys(wanted, CIRCLE)


def leaf(code: str, parent: Category | None = None, order: int = 0) -> Category:
    return Category(
        category_id=CategoryId(new_id()),
        code=code,
        name=code,
        parent_id=parent.category_id if parent else None,
        body=CategoryBody(order=order),
    )


def test_branches_stand_in_their_own_order_and_then_by_code() -> None:
    b = leaf("b", order=1)
    a, c = leaf("a", order=2), leaf("c", order=1)
    b2, b1 = leaf("b2", b), leaf("b1", b)
    assert grow([a, b2, c, b1, b], [a, c, b]) == [
        Branch(b, (Branch(b1, ()), Branch(b2, ()))),
        Branch(c, ()),
        Branch(a, ()),
    ]


def test_branches_are_cut_where_nobody_reads() -> None:
    line = [leaf("0")]
    for n in range(1, 5_000):
        line.append(leaf(str(n), line[-1]))
    [branch] = grow(line, line[:1])
    depth = 1
    while branch.children:
        [branch] = branch.children
        depth += 1
    assert depth == 2 * DEPTH_MAX
