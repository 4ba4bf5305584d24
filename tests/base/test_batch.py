"""What becomes of a batch's rows is counted and told right."""

from collections.abc import Iterator

from balcao.base.batch import ANNOUNCED_MAX, BatchResult, RowIssue, Sent, Tally, announcement


def check(value: str) -> Iterator[tuple[str, str]]:
    if value.startswith("!"):
        yield "name", "must not shout"
    if len(value) > 3:
        yield "name", "is too long"


def keep(tally: Tally, *values: str) -> list[str]:
    rows = [Sent(row, value) for row, value in enumerate(values, start=1)]
    good = tally.keep_good(rows, check, str.upper)
    return [sent.value for sent in tally.keep_last(good, str.lower, field="code", code=str.upper)]


def test_good_rows_stay_and_of_doubles_the_last() -> None:
    tally = Tally()
    assert keep(tally, "a", "!b", "B", "A", "!long", "c") == ["A", "B", "c"]
    result = tally.result(6, inserted=2, updated=1)
    assert (result.rows, result.inserted, result.updated, result.unchanged, result.failed) == (6, 2, 1, 1, 2)
    assert result.errors == (
        RowIssue(row=2, code="!B", field="name", message="must not shout"),
        RowIssue(row=5, code="!LONG", field="name", message="must not shout"),
        RowIssue(row=5, code="!LONG", field="name", message="is too long"),
    )
    assert result.warnings == (RowIssue(row=1, code="A", field="code", message="replaced by row 4"),)


def test_records_of_one_row_fail_one_by_one() -> None:
    tally = Tally()
    tally.fail(Sent(1, "x"), "name", "is bad")
    tally.fail(Sent(1, "y", "children[0]."), "name", "is bad", code="Y")
    tally.fail(Sent(1, "y", "children[0]."), "code", "is bad", code="Y")
    result = tally.result(3)
    assert (result.failed, result.unchanged) == (2, 1)
    assert [issue.field for issue in result.errors] == ["name", "children[0].name", "children[0].code"]


def test_unread_rows_count_as_rows_that_failed() -> None:
    read = RowIssue(row=3, code="X", field="name", message="is bad")
    unread = [
        RowIssue(row=1, code=None, field="a", message="is required"),
        RowIssue(row=1, code=None, field="b", message="is required"),
        RowIssue(row=7, code=None, field="a", message="is required"),
    ]
    result = BatchResult(rows=5, inserted=1, updated=1, failed=1, errors=(read,)).with_unread(unread)
    assert (result.rows, result.inserted, result.updated, result.unchanged, result.failed) == (7, 1, 1, 2, 3)
    assert result.errors == (unread[0], unread[1], read, unread[2])
    assert result.with_unread([]) == result


def test_codes_are_announced_once_and_up_to_a_thousand() -> None:
    assert announcement(["b", "a", "b"], inserted=1, updated=2) == {
        "inserted": 1,
        "updated": 2,
        "codes": ["b", "a"],
        "codesTruncated": False,
    }
    codes = [str(n) for n in range(ANNOUNCED_MAX + 1)]
    told = announcement(codes, inserted=1001, updated=0)
    assert (told["codes"], told["codesTruncated"]) == (codes[:1000], True)
