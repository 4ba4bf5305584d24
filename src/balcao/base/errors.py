"""The closed set of ways in which Balcão says no.

    BalcaoError
    ├── Invalid            the request itself is wrong; `errors` names the fields
    ├── Unauthenticated    no token, or one that is wrong, expired or revoked
    ├── Forbidden          a good token, but not for this
    ├── NotFound           not in this tenant, or not for this caller's eyes
    ├── Conflict           well-formed, but the state of things refuses it
    ├── TooLarge           more bytes or rows than one request may carry
    ├── TooMany            asked too often
    └── Unavailable        the database is away, or the house is full: ask again

Each carries a stable `code` (for machines), a `detail` (a sentence somebody can act on) and `facts` (what the sentence
is made of). Nothing here knows HTTP or exit codes: each root has one table from kind to status.
"""

from collections.abc import Mapping, Sequence
from typing import Any

FieldErrors = dict[str, list[str]]
"""Messages by field, the field as the sender spells it: `{"Items[0].Quantity": ["must be at least 1"]}`."""


class BalcaoError(Exception):
    """The root: never raised itself."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.facts: dict[str, Any] = facts


class Invalid(BalcaoError):
    """The request is wrong in itself; sending it again unchanged never helps."""

    code = "invalid"

    def __init__(
        self,
        detail: str = "The request has invalid fields.",
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        code: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(detail, code=code, **facts)
        self.errors: FieldErrors = {field: list(messages) for field, messages in (errors or {}).items()}


class Unauthenticated(BalcaoError):
    """No token, or one that is wrong, expired or revoked."""

    code = "unauthenticated"


class Forbidden(BalcaoError):
    """The caller is known and may not do this."""

    code = "forbidden"


class NotFound(BalcaoError):
    """Not in this tenant, or outside what the caller may see: the two are never told apart."""

    code = "not_found"


class Conflict(BalcaoError):
    """Well-formed, but the state of things refuses it."""

    code = "conflict"


class TooLarge(BalcaoError):
    """More bytes or rows than one request may carry."""

    code = "too_large"


class TooMany(BalcaoError):
    """Asked too often; `retry_after_s` says when to ask again."""

    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after_s: int = 1, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after_s = retry_after_s


class Unavailable(BalcaoError):
    """The database is away or the house is full; `retry_after_s` says when to ask again."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after_s: int = 1, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after_s = retry_after_s
