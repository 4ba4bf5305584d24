"""Several statements in one round trip.

Way and wait of a round trip cost the server and the database more than most statements by key do. Statements that need
nothing of one another therefore go together, as parts of one: each still has its text, its arguments and its reader in
its own noun's store. All of them see what was committed when the whole began, and none what another one writes.

The rows come as one JSON text a part, which is read straight into structs: exact decimals, and no work in Python for
each row or column.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar, overload

import msgspec

from balcao.base.db import Tx

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

_NUMBER: Final = re.compile(r"\$(\d+)")


class Statement(NamedTuple, Generic[T]):
    """A statement that can go alone (`run`) or with others (`run_all`).

    text: its own parameters are `$1` and on, empty where all is beside; args: one for each; beside: statements by name
    that it needs in its WITH, each name unlike those of any other that goes with it; read: makes what it gives of its
    rows as a JSON array (their members named as its columns), None where it gives nothing.
    """

    text: str
    args: Sequence[object]
    read: Callable[[str], T] | None = None
    beside: tuple[tuple[str, str], ...] = ()

    def then(self, change: Callable[[T], A]) -> "Statement[A]":
        """The same with a reader that changes what this one's makes."""
        read = self.read
        if read is None:
            raise TypeError("This statement gives nothing.")
        return Statement(self.text, self.args, lambda rows: change(read(rows)), self.beside)


def rows_of(kind: type[T]) -> Callable[[str], list[T]]:
    """The reader of rows that are structs of this kind."""
    return _decoder(kind).decode  # type: ignore[arg-type]


async def run(tx: Tx, statement: Statement[T]) -> T:
    """Run one statement; what its reader makes of its rows."""
    return (await _run(tx, [statement]))[0]  # type: ignore[no-any-return]


@overload
async def run_all(
    tx: Tx,
    a: Statement[A],
    b: Statement[B],
    /,
    *,
    before: Sequence[Statement[None]] = (),
    beside: Sequence[Statement[None]] = (),
) -> tuple[A, B]: ...
@overload
async def run_all(tx: Tx, a: Statement[A], b: Statement[B], c: Statement[C], /) -> tuple[A, B, C]: ...
@overload
async def run_all(
    tx: Tx, a: Statement[A], b: Statement[B], c: Statement[C], d: Statement[D], /
) -> tuple[A, B, C, D]: ...
async def run_all(
    tx: Tx,
    *statements: Statement[Any],
    before: Sequence[Statement[None]] = (),
    beside: Sequence[Statement[None]] = (),
) -> tuple[Any, ...]:
    """Run them in one round trip, in no order but that in which they ask for one another's rows; what each one's
    reader makes of its rows.

    before, beside: any number more, which give nothing; each may name what stands before it.
    """
    answers = await _run(tx, [*before, *statements, *beside])
    return answers[len(before) : len(before) + len(statements)]


def done(*names: str) -> str:
    """SQL that is true, and looks at all rows of the statements beside of these names: so they are done first."""
    return " AND ".join(f"(SELECT count(*) FROM {name}) >= 0" for name in names)  # noqa: S608


def holds(name: str) -> str:
    """SQL of what the statement of that name, which is one of `counted`, says."""
    return f"(SELECT holds FROM {name})"  # noqa: S608


def counted(rows: str, count: str, where: str = "true") -> str:
    """A statement of one row: whether so many rows (a parameter) of the statement with that name are so."""
    return f"SELECT count(*) FILTER (WHERE {where}) = {count} AS holds FROM {rows}"  # noqa: S608


def or_undo(condition: str) -> str:
    """SQL that is true where the condition is; else it fails, by a division by zero, and all that goes with it."""
    return f"1 / ({condition})::integer = 1"


async def _run(tx: Tx, statements: Sequence[Statement[Any]]) -> tuple[Any, ...]:
    text = _compose(tuple((each.text, each.beside, each.read is not None, len(each.args)) for each in statements))
    row = await tx.fetchrow(text, *(arg for each in statements for arg in each.args))
    answers = iter(row or ())
    return tuple(None if each.read is None else each.read(next(answers)) for each in statements)


@lru_cache(maxsize=256)
def _compose(parts: tuple[tuple[str, tuple[tuple[str, str], ...], bool, int], ...]) -> str:
    """One statement of all, with one column for each part that gives something."""
    withs, answers, shift = [], [], 0
    for n, (text, beside, gives, count) in enumerate(parts):
        for name, other in (*beside, *([(f"part_{n}", text)] if text else [])):
            withs.append(f"{name} AS ({_shifted(other, shift)})")
        if gives:
            answers.append(f"(SELECT coalesce(json_agg(part_{n}), '[]')::text FROM part_{n})")  # noqa: S608
        shift += count
    return f"WITH {', '.join(withs)} SELECT {', '.join(answers)}"


def _shifted(text: str, by: int) -> str:
    return _NUMBER.sub(lambda found: f"${int(found[1]) + by}", text) if by else text


@cache
def _decoder(kind: type[T]) -> "msgspec.json.Decoder[list[T]]":
    return msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
