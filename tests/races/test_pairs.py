"""Every pair of changes of one order, sent at the same moment to two server processes: as one after the other."""

import asyncio
from collections.abc import Sequence
from difflib import unified_diff
from itertools import count
from typing import Any

import pytest

from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.rules.model import Order, Tracking
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.track import TrackOrder, track_orders
from tests.races.crowd import Crowd
from tests.races.pairs import ACTS, MOVES, PAIRS, Act, Subject, read_twins
from tests.rules.order_samples import invoice
from tests.verbs.shop import Shop, items

TWINS = 2
RACES = 4
"""Orders of each beginning on which a pair races, beside the two that show both serial orders."""
_numbers = count(1)


async def _begin(shop: Shop, begins: str) -> list[Subject]:
    """Orders that all begin alike, each step of all of them in one batch."""
    caller = shop.caller()
    channel = "asks" if begins == "asking" else "ecommerce"
    placed = await shop.place(*(shop.new(channel=channel, items=items(s1=1)) for _ in range(TWINS + RACES)))
    subjects = [Subject(receipt.order_id, begins, next(_numbers)) for receipt in placed]
    ids = [subject.order_id for subject in subjects]
    steps: list[tuple[Any, list[Any]]] = [
        (pay_orders, [PayOrder(caller=caller, order_id=one, payments=(PaymentNews(),)) for one in ids]),
        (
            invoice_orders,
            [InvoiceOrder(caller=caller, order_id=one, invoice=invoice(f"K{one}", "5")) for one in ids],
        ),
        (track_orders, [TrackOrder(caller=caller, order_id=one, tracking=Tracking(code="BR")) for one in ids]),
    ]
    done = {"unpaid": 0, "paid": 1, "asking": 1, "invoiced": 2, "shipped": 3}[begins]
    for verb, cmds in steps[:done]:
        assert all(isinstance(outcome, Order) for outcome in await shop.all(verb, *cmds))
    return subjects


async def _one_after_the_other(crowd: Crowd, acts: Sequence[tuple[Act, int]], subject: Subject) -> dict[int, str]:
    """The answers by whose turn it was."""
    return {turn: await act(crowd.apis[turn], subject, turn) for act, turn in acts}


async def _at_once(crowd: Crowd, acts: Sequence[tuple[Act, int]], subject: Subject, side: int) -> dict[int, str]:
    answers = await asyncio.gather(*(act(crowd.apis[(turn + side) % 2], subject, turn) for act, turn in acts))
    return {turn: answer for (_, turn), answer in zip(acts, answers, strict=True)}


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[" and ".join(pair) for pair in PAIRS])
async def test_two_at_once_come_to_what_one_after_the_other_does(crowd: Crowd, one: str, other: str) -> None:
    """Both answers and everything that is kept of the order are those of one of the two serial orders."""
    await crowd.shop.channel("asks", cancel_needs_consent=True)
    there, back = [(ACTS[one], 0), (ACTS[other], 1)], [(ACTS[other], 1), (ACTS[one], 0)]
    groups = [await _begin(crowd.shop, begins) for begins in MOVES]
    racing: list[tuple[Subject, set[str]]] = []
    for first, second, *races in groups:
        serial = [
            await _one_after_the_other(crowd, there, first),
            await _one_after_the_other(crowd, back, second),
        ]
        ends = await read_twins(crowd.shop, [first, second])
        racing += [(subject, {_tell(*each) for each in zip(serial, ends, strict=True)}) for subject in races]
    answers = await asyncio.gather(
        *(_at_once(crowd, back if n % 2 else there, subject, n // 2 % 2) for n, (subject, _) in enumerate(racing))
    )
    found = await read_twins(crowd.shop, [subject for subject, _ in racing])
    for (subject, allowed), answer, end in zip(racing, answers, found, strict=True):
        told = _tell(answer, end)
        assert told in allowed, _differences(told, allowed, subject.begins)


def _differences(told: str, allowed: set[str], begins: str) -> str:
    lines = (unified_diff(each.splitlines(), told.splitlines(), "serial", begins, "", "", 0, "") for each in allowed)
    return "\n".join(line for diff in lines for line in diff)


def _tell(answers: dict[int, str], end: str) -> str:
    return f"{answers[0]} / {answers[1]}\n{end}"
