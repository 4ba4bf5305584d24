"""Who may take whose point of sale id."""

import pytest

from balcao.sellers.rules.point_sale import refuse_point_sales

HELD = {"1": "a", "2": "b", "3": "c"}


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ({}, {}),
        ({"a": "1"}, {}),  # keeps its own
        ({"a": None}, {}),  # gives it up
        ({"a": "9"}, {}),  # nobody's
        ({"d": "1"}, {"d": "a"}),  # the holder is not in the batch
        ({"d": "1", "a": "1"}, {"d": "a"}),  # the holder keeps it, wherever it stands
        ({"d": "1", "a": None}, {}),
        ({"a": None, "d": "1"}, {}),
        ({"a": "2", "b": "1"}, {}),  # a swap
        ({"a": "2", "b": "3", "c": "1"}, {}),
        ({"a": "2", "b": "3"}, {"a": "b", "b": "c"}),  # the line ends at one who keeps
        ({"a": "2", "b": "3", "c": "8"}, {}),
        ({"d": "9", "e": "9"}, {"e": "d"}),  # the first one sent
        ({"e": "9", "d": "9"}, {"d": "e"}),
        ({"a": "2", "b": "9", "d": "9"}, {"d": "b"}),
        ({"d": "9", "b": "9", "a": "2"}, {"b": "d", "a": "b"}),  # b keeps 2, so a cannot have it
        ({"a": "2", "b": "1", "d": "1"}, {"d": "b"}),  # the swap goes first: it was sent first
        ({"d": "1", "a": "2", "b": "1"}, {"b": "d", "a": "b", "d": "a"}),
    ],
)
def test_refused(wanted: dict[str, str | None], refused: dict[str, str]) -> None:
    assert refuse_point_sales(wanted, HELD) == refused


def test_a_line_of_any_length() -> None:
    held = {str(n): f"s{n}" for n in range(20_000)}
    ring: dict[str, str | None] = {f"s{n}": str((n + 1) % 20_000) for n in range(20_000)}
    assert refuse_point_sales(ring, held) == {}
    del ring["s0"]
    assert len(refuse_point_sales(ring, held)) == 19_999


def test_what_is_left_is_free_of_doubles() -> None:
    """Every assignment of three stores and a newcomer to three ids, one free id, or none."""
    choices = [None, "1", "2", "3", "9"]
    for code in range(6**4):
        wanted = {}
        for place, cnpj in enumerate("abcd"):
            choice = code // 6**place % 6
            if choice < 5:
                wanted[cnpj] = choices[choice]
        refused = refuse_point_sales(wanted, HELD)
        after = {cnpj: id_ for id_, cnpj in HELD.items()} | {
            cnpj: id_ for cnpj, id_ in wanted.items() if cnpj not in refused
        }
        taken = [id_ for id_ in after.values() if id_ is not None]
        assert len(taken) == len(set(taken)), (wanted, refused)
