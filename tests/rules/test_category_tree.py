"""Every parent exists and nobody is below itself, whatever a batch asks."""

from itertools import product

import pytest

from balcao.catalog.rules.tree import CIRCLE, PARENT_MISSING, refuse_parents

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


def test_a_long_line_of_parents() -> None:
    wanted: dict[str, str | None] = {f"c{n}": f"c{n + 1}" for n in range(50_000)} | {"c50000": None}
    assert refuse_parents(wanted, {}) == {}
    wanted["c50000"] = "c0"
    assert len(refuse_parents(wanted, {})) == 50_001
