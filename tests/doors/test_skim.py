"""Rows of products are told apart by their digests as long as the same bytes mean the same."""

import json
from hashlib import sha256

import msgspec
import pytest

from balcao.doors.neomode.catalog.asked import ProductAsked
from balcao.doors.neomode.skim import READING, skim_products

KNOWN = {b"1": "7e327cf9024dc66a"}
"""What was read of a product under each `READING`: a digest of its schema."""


def test_what_is_read_of_a_product_has_its_number() -> None:
    schema = json.dumps(msgspec.json.schema(ProductAsked), sort_keys=True).encode()
    assert sha256(schema).hexdigest()[:16] == KNOWN[READING], (
        "number it anew: rows sent before may mean another product"
    )


def test_rows_are_known_by_their_bytes() -> None:
    one, other = (skim_products(b'[{"code": " A ", "name": "%b"}]' % name) for name in (b"x", b"y"))
    assert one is not None
    assert other is not None
    assert (one.codes, other.codes) == (["A"], ["A"])
    assert (len(one.digests[0]), one.digests == other.digests) == (32, False)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"code": "A"}, {"code": "A "}]',
        b'[{"code": "A", "skus": [{"code": "S"}, {"code": "S"}]}]',
        b'[{"code": "A", "skus": [{"code": "S"}]}, {"code": "B", "skus": [{"code": "S"}]}]',
        b'[{"CODE": "A"}]',
        b'[{"code": 5}]',
        b'[{"code": "A\\u0000"}]',
        b"[null]",
        b"{}",
        b"[" * 10_000,
    ],
)
def test_what_has_to_be_read_to_be_known(body: bytes) -> None:
    assert skim_products(body) is None
