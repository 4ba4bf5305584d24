"""Passwords kept as argon2id: slow to guess even for who has stolen the table."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's parameters: 19 MiB and two passes, about 25 ms."""
NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$wiHBa0J3Gvyt1O4blKnA1g$SuTOYbuVDqXDS+xJP51PJTG6uPvqIENrzC4lyWttG5E"
"""Compared with when there is no such user, so that knowing one takes no less time."""
AT_ONCE_MAX: Final = 2
"""Attempts that are verified at a time in this process: they must not take the machine from everybody else."""
_turns = asyncio.Semaphore(AT_ONCE_MAX)


def hash_password(password: str) -> str:
    """The password as it is kept, with a salt of its own."""
    return _hasher.hash(password)


async def password_matches(kept: str | None, password: str) -> bool:
    """Whether this is the password, as slowly for nobody's; in a thread, a few at a time."""
    async with _turns:
        return await asyncio.to_thread(_matches, kept or NOBODY, password) and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
