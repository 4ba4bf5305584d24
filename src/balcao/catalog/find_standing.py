"""Find the products that still are what a row of a batch made them."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.catalog.store import products


async def find_standing(tx: Tx, tenant: Tenant, codes: Sequence[str], digests: Sequence[str]) -> frozenset[int]:
    """Which rows (from 0) would change nothing: the products with their codes became what they are by the same rows."""
    held = await products.find_row_digests(tx, tenant, codes)
    rows = enumerate(zip(codes, digests, strict=True))
    return frozenset(n for n, (code, digest) in rows if held.get(code) == digest)
