"""The words that products are found by."""

from collections.abc import Mapping, Sequence

from balcao.base.db import Tx
from balcao.base.values import ProductId, Tenant
from balcao.catalog.rules.words import SWAPPED, Hit, swapped, url_key, words_of


async def find_texts(
    tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]
) -> list[tuple[ProductId, list[str | None], str | None]]:
    """Of these products, as far as they are not deleted, the texts that they are found by, and their address."""
    rows = await tx.fetch(
        """
        SELECT p.product_id, p.name, p.code, p.aux_code, p.reference_code, p.body->>'url' AS url,
               (SELECT string_agg(DISTINCT s.name, ' ') FROM sku s
                 WHERE s.tenant = $1 AND s.product_id = p.product_id AND NOT s.is_deleted) AS names
          FROM product p
         WHERE p.tenant = $1 AND p.product_id = ANY($2::uuid[]) AND NOT p.is_deleted
        """,
        tenant,
        product_ids,
    )
    return [
        (
            row["product_id"],
            [row["name"], row["code"], row["aux_code"], row["reference_code"], row["names"]],
            row["url"],
        )
        for row in rows
    ]


async def save_words(
    tx: Tx, tenant: Tenant, texts: Sequence[tuple[ProductId, list[str | None], str | None]]
) -> set[str]:
    """Keep the products' words, those that changed; returns all words of the products whose words did."""
    words = {product_id: words_of(each) for product_id, each, _ in texts}
    rows = await tx.fetch(
        """
        INSERT INTO product_words AS w (tenant, product_id, words, url)
        SELECT $1, n.product_id, array_to_tsvector(string_to_array(n.words, ' ')), n.url
          FROM unnest($2::uuid[], $3::text[], $4::text[]) AS n (product_id, words, url)
        ON CONFLICT (tenant, product_id) DO UPDATE SET words = excluded.words, url = excluded.url
         WHERE (w.words, w.url) IS DISTINCT FROM (excluded.words, excluded.url)
        RETURNING product_id
        """,
        tenant,
        list(words),
        [" ".join(each) for each in words.values()],
        [url_key(url) for _, _, url in texts],
    )
    return {word for row in rows for word in words[row["product_id"]]}


async def add_to_vocabulary(tx: Tx, tenant: Tenant, words: Sequence[str]) -> None:
    """Know these words from now on."""
    await tx.execute(
        """
        INSERT INTO search_word (tenant, word) SELECT $1, word FROM unnest($2::text[]) AS n (word)
        ON CONFLICT (tenant, word) DO NOTHING
        """,
        tenant,
        words,
    )


async def forget_words(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> None:
    """Find these products no more."""
    await tx.execute(
        "DELETE FROM product_words WHERE tenant = $1 AND product_id = ANY($2::uuid[])", tenant, product_ids
    )


async def find_similar(tx: Tx, tenant: Tenant, words: Sequence[str], limit: int) -> Mapping[str, dict[str, float]]:
    """The known words most like each of these, by `search_word_by_likeness`, at most so many for each; and those that
    it is but for two letters swapped, by the primary key.
    """
    swaps = [(word, other) for word in words for other in swapped(word)]
    rows = await tx.fetch(
        """
        SELECT asked.word AS asked, known.word AS known, known.likeness
          FROM unnest($2::text[]) AS asked (word), LATERAL (
               SELECT w.word, similarity(w.word, asked.word) AS likeness FROM search_word w
                WHERE w.tenant = $1 AND w.word % asked.word
                ORDER BY likeness DESC, w.word LIMIT $3) known
         UNION ALL
        SELECT swap.asked, w.word, $6::real
          FROM unnest($4::text[], $5::text[]) AS swap (asked, other)
          JOIN search_word w ON w.tenant = $1 AND w.word = swap.other
        """,
        tenant,
        words,
        limit,
        [asked for asked, _ in swaps],
        [other for _, other in swaps],
        SWAPPED,
    )
    found: dict[str, dict[str, float]] = {}
    for asked, known, likeness in rows:
        found.setdefault(asked, {})[known] = likeness
    return found


async def find_hits(tx: Tx, tenant: Tenant, query: str, limit: int) -> list[Hit]:
    """Products whose words satisfy the `tsquery`, by `product_words_by_words`: any of them where there are more.

    Materialized, or the planner hopes to meet the first thousand by chance, and reads the whole table for a rare word.
    """
    rows = await tx.fetch(
        """
        WITH found AS MATERIALIZED (
            SELECT product_id, words FROM product_words WHERE tenant = $1 AND words @@ $2::text::tsquery)
        SELECT product_id, tsvector_to_array(words) AS words FROM found LIMIT $3
        """,
        tenant,
        query,
        limit,
    )
    return [Hit(row["product_id"], row["words"]) for row in rows]


async def find_by_url(tx: Tx, tenant: Tenant, keys: Sequence[str]) -> list[ProductId]:
    """The products at these addresses, by `product_words_by_url`."""
    rows = await tx.fetch(
        "SELECT product_id FROM product_words WHERE tenant = $1 AND url = ANY($2::text[]) ORDER BY product_id",
        tenant,
        keys,
    )
    return [row["product_id"] for row in rows]
