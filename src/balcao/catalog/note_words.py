"""Note the words that products are found by, whenever they may have changed."""

from collections.abc import Collection

from balcao.base.db import Tx
from balcao.base.values import ProductId, Tenant
from balcao.catalog.rules.words import is_comparable
from balcao.catalog.store import words as store


async def note_words(tx: Tx, tenant: Tenant, product_ids: Collection[ProductId]) -> None:
    """Make these products be found by what their texts and their SKUs' names say now; deleted ones are left out."""
    if not product_ids:
        return
    texts = await store.find_texts(tx, tenant, list(product_ids))
    changed = await store.save_words(tx, tenant, texts) if texts else set()
    comparable = sorted(word for word in changed if is_comparable(word))  # one order, whoever else writes
    if comparable:
        await store.add_to_vocabulary(tx, tenant, comparable)
