"""The two ways of placing orders: as a server does, by one statement where that is possible, and in steps always."""

import pytest

from tests.verbs.shop import Shop


@pytest.fixture(params=[True, False], ids=["at_once", "in_steps"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A test that uses this runs twice; whether orders are placed at once."""
    monkeypatch.setattr(Shop, "at_once", request.param)
    return bool(request.param)
