"""The shape of a body, compiled once from a type: how to tidy, check and explain each value in it.

Every node does three things. `tidy` turns a generically decoded value into the documented casing, drops what is
not documented, and softens numbers and instants that JSON may write in several ways. `check` looks at a value that
msgspec accepted for what msgspec cannot refuse (None: nothing to look at, and no time spent). `explain` names every
wrong field.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from balcao.base.errors import FieldErrors
from balcao.doors.wire.leaves import (
    NUL_REFUSED,
    Check,
    explain_decimal,
    parse_instant,
    say,
    sound_decimal,
    sound_instant,
    sound_int,
)
from balcao.doors.wire.shapes import Bounds

ERRORS_MAX = 100
"""So many fields are named in one answer at most: who sends a hundred wrong ones learns nothing from the next."""
FEW = 100
"""Of more structs in a list than that, the fields are looked at one after the other."""
WHOLE = "body"
"""The name under which an error of the whole body is answered."""


class Node(Protocol):
    """One place in a document."""

    @property
    def check(self) -> Check | None:
        """For values that msgspec accepted; None when nothing in them needs a look."""
        ...

    def tidy(self, value: Any) -> Any:
        """The value in documented casing, without what is not documented."""
        ...

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """Add what is wrong with the tidied value, by the path of each field."""
        ...


def blame(errors: FieldErrors, path: str, message: str) -> None:
    """Add one message under the field's path, as long as there is room."""
    if path in errors or len(errors) < ERRORS_MAX:
        errors.setdefault(path or WHOLE, []).append(message)


class Leaf:
    """A single value of a type that msgspec knows; `bounds` where it is a `Decimal`."""

    def __init__(self, annotation: Any, kind: Any, bounds: Bounds | None) -> None:
        self._annotation = annotation
        self._kind = kind
        self._bounds = bounds
        self.check: Check | None = None
        self.is_decimal = kind is Decimal
        if kind is Decimal and bounds is not None:
            self.check = sound_decimal(bounds)
        elif kind is int and not _bounded_by_msgspec(annotation):
            self.check = sound_int
        elif kind is datetime:
            self.check = sound_instant

    def tidy(self, value: Any) -> Any:
        """`1.0` is a whole number in JSON, and an instant may lack its zone or its time."""
        if self._kind is int and isinstance(value, Decimal) and sound_whole(value):
            return int(value)
        if self._kind is datetime and isinstance(value, str):
            return parse_instant(value) or value
        return value

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """Ask msgspec, then the check."""
        if self.accepts(value, path, errors) and self.check is not None:
            got = msgspec.convert(value, self._annotation)
            if not self.check(got):
                blame(errors, path, self._reason(got))

    def accepts(self, value: Any, path: str, errors: FieldErrors) -> bool:
        """Whether msgspec takes the value; if not, says why."""
        if isinstance(value, str) and "\0" in value:
            blame(errors, path, NUL_REFUSED)
            return False
        try:
            msgspec.convert(value, self._annotation)
        except (ValueError, ArithmeticError) as error:
            blame(errors, path, say(str(error), self._annotation))
            return False
        return True

    def _reason(self, value: Any) -> str:
        if isinstance(value, Decimal) and self._bounds is not None:
            return explain_decimal(value, self._bounds)
        if isinstance(value, datetime):
            return "must be an instant between the years 2 and 9998"
        return "is too large"


class Anything:
    """Whatever JSON holds: kept as it came, within what the database can keep."""

    def __init__(self, number: Check) -> None:
        self._number = number

    def check(self, value: Any) -> bool:
        """Walk down; numbers must fit."""
        if isinstance(value, Mapping):
            return all(map(self.check, value.values()))
        if isinstance(value, list):
            return all(map(self.check, value))
        if isinstance(value, Decimal):
            return self._number(value)
        return not isinstance(value, int) or sound_int(value)

    def tidy(self, value: Any) -> Any:
        """Nothing is documented inside."""
        return value

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """Name strings with NUL and numbers out of range by their own path."""
        if isinstance(value, Mapping):
            for key, inner in value.items():
                _explain_key(key, path, errors)
                self.explain(inner, join(path, key), errors)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self.explain(inner, f"{path}[{index}]", errors)
        elif isinstance(value, str) and "\0" in value:
            blame(errors, path, NUL_REFUSED)
        elif not self.check(value):
            blame(errors, path, "is too large")


class Items:
    """A list, a set or a tuple of one kind of element."""

    def __init__(self, annotation: Any, bare: Any, item: Node) -> None:
        self._annotation = annotation
        self._bare = bare
        self.item = item
        self.check: Check | None = self._check if item.check is not None else None
        self._check_all: Callable[[Sequence[Any]], bool] | None = getattr(item, "check_all", None)

    def _check(self, value: Sequence[Any]) -> bool:
        if len(value) > FEW and self._check_all is not None:
            return self._check_all(value)
        return all(map(self.item.check, value)) if self.item.check is not None else True

    def tidy(self, value: Any) -> Any:
        """Each element."""
        return [self.item.tidy(inner) for inner in value] if isinstance(value, list) else value

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """The list's own length, then each element as `path[index]`."""
        try:
            msgspec.convert(value, self._bare)
        except ValueError as error:
            blame(errors, path, say(str(error), self._annotation))
        if isinstance(value, list):
            for index, inner in enumerate(value):
                if len(errors) >= ERRORS_MAX:
                    break
                self.item.explain(inner, f"{path}[{index}]", errors)


class Entries:
    """An object with free keys and one kind of value."""

    def __init__(self, annotation: Any, bare: Any, value: Node) -> None:
        self._annotation = annotation
        self._bare = bare
        self.value = value
        self.check: Check | None = self._check if value.check is not None else None

    def _check(self, value: Mapping[Any, Any]) -> bool:
        return all(map(self.value.check, value.values())) if self.value.check is not None else True

    def tidy(self, value: Any) -> Any:
        """Each value; the keys are the sender's."""
        return {key: self.value.tidy(inner) for key, inner in value.items()} if isinstance(value, dict) else value

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """The keys, then each value as `path.key`."""
        try:
            msgspec.convert(value, self._bare)
        except ValueError as error:
            blame(errors, path, say(str(error), self._annotation))
        if isinstance(value, dict):
            for key, inner in value.items():
                _explain_key(key, path, errors)
                self.value.explain(inner, join(path, key), errors)


class Choice:
    """A union: the branch is chosen by what was sent, as msgspec does."""

    def __init__(self, whole: Leaf, members: Sequence[Node], *, nullable: bool) -> None:
        self._whole = whole
        self._nullable = nullable
        self.lone = members[0] if len(members) == 1 else None
        """The one member beside null, if there is but one."""
        self.branches: dict[type, Node] = {}
        """By the kind of JSON value: what to tidy and explain it with."""
        self.checks: dict[type, Check] = {}
        """By the type of the decoded value."""

    def check(self, value: Any) -> bool:
        """By the decoded value's own type."""
        found = self.checks.get(type(value))
        return found is None or found(value)

    def tidy(self, value: Any) -> Any:
        """As the branch does."""
        branch = self.branches.get(type(value))
        return value if branch is None else branch.tidy(value)

    def explain(self, value: Any, path: str, errors: FieldErrors) -> None:
        """Inside an object or a list the branch knows more; a single value is tried against the whole union."""
        if value is None and self._nullable:
            return
        branch = self.lone or self.branches.get(type(value))
        if branch is not None and (branch is self.lone or not isinstance(branch, Leaf)):
            branch.explain(value, path, errors)
        elif self._whole.accepts(value, path, errors) and not self.check(value):
            blame(errors, path, "is out of range")


def _bounded_by_msgspec(annotation: Any) -> bool:
    limits = [meta for meta in getattr(annotation, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    low = any(limit.ge is not None or limit.gt is not None for limit in limits)
    return low and any(limit.le is not None or limit.lt is not None for limit in limits)


def sound_whole(value: Decimal) -> bool:
    """A whole number that fits `bigint`, however it was written (`1.0`, `1e3`)."""
    return value.is_finite() and abs(value.adjusted()) < 19 and value == value.to_integral_value()


def join(path: str, name: str) -> str:
    """The path of a field inside the one at `path`."""
    return f"{path}.{name}" if path else name


def _explain_key(key: Any, path: str, errors: FieldErrors) -> None:
    if isinstance(key, str) and "\0" in key:
        blame(errors, path, "has a key with the NUL character")
