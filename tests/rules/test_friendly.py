"""The short code: never twice, easy to say."""

import random

from balcao.orders.rules.friendly import ALPHABET, LENGTH, friendly_code


def test_each_sequence_number_has_its_own_code() -> None:
    dice = random.Random(7)  # noqa: S311
    numbers = {*range(20_000), *(dice.randrange(32**7) for _ in range(20_000)), 32**7 - 1}
    assert len({friendly_code(seq) for seq in numbers}) == len(numbers)


def test_the_stride_reaches_every_code() -> None:
    """An odd stride is invertible in a space of a power of two: no two numbers below it share a code."""
    assert len(ALPHABET) ** LENGTH == 2**35
    seen = friendly_code(1)
    assert friendly_code(1 + 2**35) == seen
    assert friendly_code(1 + 2**34) != seen


def test_codes_are_short_and_have_no_letter_that_is_misread() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("0O1I") & set(ALPHABET)
    assert [friendly_code(seq) for seq in (0, 1, 2, 3)] == ["2222222", "XARTQ97", "UKGMFHC", "RU7F6RH"]
    assert {len(friendly_code(seq)) for seq in range(1000)} == {7}
