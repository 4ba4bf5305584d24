"""The exceptions to the house rules, each with its reason. One that is no longer needed fails its test."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest


class Waiver(NamedTuple):
    """Where a rule does not hold (as its test names the place), and why."""

    rule: str
    where: str
    reason: str


WAIVERS: tuple[Waiver, ...] = ()


def hold(rule: str, found: Mapping[str, str] | Iterable[str]) -> None:
    """Fail with all there is to mend for this rule: places without a waiver, and waivers without a place.

    `found` are the places, with what is wrong there where that is not plain.
    """
    told = dict(found) if isinstance(found, Mapping) else dict.fromkeys(found, "")
    waived = {waiver.where for waiver in WAIVERS if waiver.rule == rule}
    wrong = sorted(f"{where}: {what}".rstrip(": ") for where, what in told.items() if where not in waived)
    wrong += sorted(f"the waiver for {where} is not needed any more" for where in waived - told.keys())
    if wrong:
        pytest.fail("\n".join((f"{rule}:", *wrong)), pytrace=False)
