"""The documented statuses, letter by letter, and how filters name them."""

import pytest

from balcao.orders.rules.status import (
    CANCELLED,
    SUMMARY_NAMES,
    TERMINAL,
    WORDS,
    Status,
    Summary,
    description_of,
    parse_status,
    statuses_named,
    summary_of,
    wire_name,
)

DOCUMENTED = """
     0 None                  CreatedInternal
     1 Pending               CreatedInternal
     2 PendingCreate         AwaitingCreation
     3 PendingApproval       AwaitingCreation
     4 ApprovedExternal      CreatedExternal
     5 Processing            AwaitingInvoiceCreation
     6 Separate              Separated
     7 InDelivery            Shipping
     8 ReadyForPickup        ReadyForPickup
     9 Finalized             Finalized
    10 CandeledBySeller      Canceled
    11 CanceledByBuyer       Canceled
    12 CanceledByAdmin       Canceled
    13 PendingCancel         Canceled
    14 PendingCreatePreOrder AwaitingCreation
    15 PreOrderCreated       CreatedExternal
    16 ErrorCancel           Error
    17 PendingUpdate         InProgress
    18 Updated               InProgress
    19 ErrorUpdate           Error
    20 InvoiceCreated        InvoiceCreated
    21 CanceledByProcessor   Canceled
"""
ROWS = [(int(number), name, summary) for number, name, summary in map(str.split, DOCUMENTED.strip().splitlines())]
SUMMARIES = [
    "None",
    "AwaitingCreation",
    "CreatedInternal",
    "CreatedExternal",
    "AwaitingInvoiceCreation",
    "InvoiceCreated",
    "Separated",
    "Shipping",
    "ReadyForPickup",
    "Finalized",
    "Canceled",
    "Error",
    "InProgress",
]


@pytest.mark.parametrize(("number", "name", "summary"), ROWS)
def test_each_status_has_its_documented_names(number: int, name: str, summary: str) -> None:
    status = Status(number)
    assert wire_name(status) == name
    assert SUMMARY_NAMES[summary_of(status)] == summary
    assert parse_status(name) is parse_status(name.upper()) is parse_status(f" {number} ") is status


def test_there_are_no_other_statuses() -> None:
    assert [status.value for status in Status] == list(range(22))
    assert set(WORDS) == set(Status)
    assert [SUMMARY_NAMES[summary] for summary in Summary] == SUMMARIES
    assert {10, 11, 12, 21} == CANCELLED
    assert {9, 10, 11, 12, 21} == TERMINAL


def test_people_read_portuguese_and_english() -> None:
    assert description_of(Status.PENDING) == "Aguardando pagamento / Awaiting payment"
    assert len({description_of(status) for status in Status}) == 22


@pytest.mark.parametrize(
    ("word", "status"),
    [("Approved", 4), ("approvedexternal", 4), ("CanceledBySeller", 10), ("candeledbyseller", 10), ("07", 7)],
)
def test_the_accepted_spellings(word: str, status: int) -> None:
    assert parse_status(word) == status


@pytest.mark.parametrize("word", ["", " ", "22", "-1", "007", "1.0", "Paid", "¹", "٣", "None2", "9" * 5000])
def test_what_is_no_status(word: str) -> None:
    assert parse_status(word) is None


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ([], set()),
        (["1"], {1}),
        (["Pending", "20"], {1, 20}),
        (["CreatedInternal"], {0, 1}),
        (["awaitingcreation"], {2, 3, 14}),
        (["Canceled"], {10, 11, 12, 13, 21}),
        (["CanceledByBuyer"], {11}),
        (["Error", "InProgress"], {16, 17, 18, 19}),
        (["InvoicedCreated"], {20}),
        (["InvoiceCreated"], {20}),
        (["Finalized", " shipping "], {7, 9}),
        (["None"], {0}),
    ],
)
def test_a_filter_takes_both_enumerations(words: list[str], numbers: set[int]) -> None:
    assert statuses_named(words) == frozenset(Status(number) for number in numbers)


def test_a_filter_with_an_unknown_word_is_refused() -> None:
    assert statuses_named(["Pending", "Shipped"]) is None


def test_ids_are_canonical_when_asked_so() -> None:
    assert statuses_named(["7"], canonical_ids=True) == frozenset({Status.IN_DELIVERY})
    assert statuses_named(["4"], canonical_ids=True) == frozenset({Status.PROCESSING})
    assert statuses_named(["4"]) == frozenset({Status.APPROVED_EXTERNAL})
    assert statuses_named(["13"], canonical_ids=True) is None
    assert statuses_named(["0"], canonical_ids=True) == frozenset()
