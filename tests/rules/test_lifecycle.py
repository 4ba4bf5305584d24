"""Every pair of statuses under every condition, against the contract's text (section 3.10)."""

from collections.abc import Iterator
from itertools import product

import pytest

from balcao.orders.rules.lifecycle import Facts, allowed, landing, why_not
from balcao.orders.rules.status import Status
from tests.rules.lifecycle_table import CONDITIONS, expected


def situations(status: Status) -> Iterator[Facts]:
    """Every combination of facts; each status as the one to resume where that matters."""
    resumes = list(Status) if status in {13, 16, 17, 18, 19} else [None]
    for resume, flags in product(resumes, product((False, True), repeat=8)):
        paid, pickup, delivery, invoice, separated, invoiced, optional, consent = flags
        yield Facts(
            status=status,
            resume=resume,
            is_paid=paid,
            on_pickup=pickup,
            is_delivery=delivery,
            has_invoice=invoice,
            was_separated=separated,
            was_invoiced=invoiced,
            invoice_optional=optional,
            needs_consent=consent,
        )


def facts(status: int, resume: int | None = None, **over: bool) -> Facts:
    """A paid and invoiced delivery in a channel of default settings."""
    plain = {
        "is_paid": True,
        "on_pickup": False,
        "is_delivery": True,
        "has_invoice": True,
        "was_separated": False,
        "was_invoiced": False,
        "invoice_optional": False,
        "needs_consent": False,
    }
    return Facts(status=Status(status), resume=None if resume is None else Status(resume), **(plain | over))


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.name)
def test_every_move_under_every_condition(status: Status) -> None:
    for case in situations(status):
        may = tuple(to for to in Status if expected(case, to))
        assert allowed(case) == may, case
        assert tuple(to for to in Status if why_not(case, to) is None) == may


def test_the_table_has_every_status() -> None:
    assert sorted(CONDITIONS) == list(range(22))
    assert {end for ends in CONDITIONS.values() for end in ends} <= set(range(22))


@pytest.mark.parametrize(
    ("case", "to", "why"),
    [
        (facts(9), 7, "Finalized is final"),
        (facts(10), 10, "CandeledBySeller is final"),
        (facts(6), 4, "ApprovedExternal does not follow Separate"),
        (facts(7), 11, "CanceledByBuyer does not follow InDelivery"),
        (facts(1, is_paid=False), 2, "the order is not paid"),
        (facts(2, is_delivery=False), 7, "the order is collected in the store"),
        (facts(2), 8, "the order is delivered"),
        (facts(20, was_separated=True), 6, "Separate lies behind it"),
        (facts(6, was_invoiced=True), 20, "InvoiceCreated lies behind it"),
        (facts(2, has_invoice=False), 7, "the order has no invoice"),
        (facts(2, has_invoice=False), 9, "the order has no invoice"),
        (facts(2, has_invoice=False), 20, "the order has no invoice"),
        (facts(2), 13, "the channel cancels at once, without asking for consent"),
        (facts(16, 4), 5, "the order resumes the status it had before the request"),
    ],
)
def test_a_refusal_says_why(case: Facts, to: int, why: str) -> None:
    assert why_not(case, Status(to)) == why


@pytest.mark.parametrize(
    ("case", "to", "lands", "resume"),
    [
        (facts(2), 4, 4, None),
        (facts(4, needs_consent=True), 13, 13, 4),
        (facts(4), 17, 17, 4),
        (facts(17, 4, needs_consent=True), 13, 13, 4),
        (facts(13, 6), 16, 6, None),
        (facts(13, 6), 10, 10, None),
        (facts(17, 1), 18, 1, None),
        (facts(17, 20), 19, 20, None),
        (facts(16, 5), 5, 5, None),
    ],
)
def test_where_a_move_ends(case: Facts, to: int, lands: int, resume: int | None) -> None:
    assert landing(case, Status(to)) == (lands, resume)


def test_a_request_in_an_order_without_a_past_stays_where_it_is_answered() -> None:
    assert landing(facts(17), Status.UPDATED) == (Status.UPDATED, None)
    assert allowed(facts(18)) == ()


def test_no_road_leads_back() -> None:
    """No way of moves that are answered at once returns to a status, whatever the conditions allow."""
    roads = {start: set(ends) - {13, 16, 17, 18, 19} for start, ends in CONDITIONS.items() if start not in {16, 18, 19}}
    roads[20] -= {6}  # 6 and 20 come in either order, each once
    done: set[int] = set()

    def walk(status: int, behind: tuple[int, ...]) -> None:
        assert status not in behind
        if status not in done:
            for to in roads[status]:
                walk(to, (*behind, status))
            done.add(status)

    for status in roads:
        walk(status, ())
