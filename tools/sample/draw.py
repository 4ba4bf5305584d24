"""Chance without luck: a number drawn from a name, the same on every machine and in every Python.

Each draw depends on its own name only: a new product changes no other product's numbers, and the diff stays small.
"""

from hashlib import blake2b

SEED = "quaresmeira"


def draw(name: str, below: int) -> int:
    """A whole number from 0 to `below` - 1."""
    digest = blake2b(f"{SEED}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % below


def chance(name: str, percent: int) -> bool:
    """True for about that many names in a hundred."""
    return draw(name, 100) < percent
