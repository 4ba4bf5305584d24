"""Keys: which order owns an external id, which an invoice's access key, and which orders a reference means."""

from collections.abc import Mapping, Sequence

import msgspec

from balcao.base.columns import array
from balcao.base.db import Tx
from balcao.base.statements import Statement, counted, holds, rows_of
from balcao.base.values import OrderId, Tenant
from balcao.orders.rules.receipt import OrderKey, Placed
from balcao.orders.rules.status import Status


class _Claimed(msgspec.Struct, frozen=True):
    order_id: OrderId


def claim_order_keys(tenant: Tenant, keys: Sequence[OrderKey]) -> Statement[set[OrderId]]:
    """The ids whose claim is new. Of simultaneous claims one wins; the others wait here for its commit.

    Inserted in key order, so that two batches that name the same keys never wait for each other in a circle.
    """
    ordered = sorted(keys)
    return Statement(
        """
        INSERT INTO order_key (tenant, external_id, channel, order_id, content_hash)
        SELECT $1, k.* FROM unnest($2::text[], $3::text[], $4::uuid[], $5::bytea[]) AS k
        ON CONFLICT (tenant, external_id, channel) DO NOTHING
        RETURNING order_id
        """,
        (
            tenant,
            [key.external_id for key in ordered],
            [key.channel for key in ordered],
            [key.order_id for key in ordered],
            [key.content_hash for key in ordered],
        ),
        rows_of(_Claimed),
    ).then(lambda rows: {row.order_id for row in rows})


CLAIMED = holds("claimed")
"""SQL: whether all keys that `claiming_order_keys` was given are this transaction's, once their claims are done."""


def claiming_order_keys(tenant: Tenant, keys: Sequence[OrderKey]) -> Statement[None]:
    """The same as part of what is to be undone unless all are CLAIMED."""
    ordered = sorted(keys)
    return Statement(
        "",
        (
            tenant,
            array([key.external_id for key in ordered]),
            array([key.channel for key in ordered]),
            array([key.order_id for key in ordered]),
            array([f"\\x{key.content_hash.hex()}" for key in ordered]),
            len(ordered),
        ),
        beside=(
            (
                "new_key",
                """
                INSERT INTO order_key (tenant, external_id, channel, order_id, content_hash)
                SELECT $1, k.* FROM unnest($2::text::text[], $3::text::text[], $4::text::uuid[], $5::text::bytea[]) AS k
                ON CONFLICT (tenant, external_id, channel) DO NOTHING
                RETURNING true
                """,
            ),
            ("claimed", counted("new_key", "$6")),
        ),
    )


async def drop_order_keys(tx: Tx, tenant: Tenant, keys: Sequence[OrderKey]) -> None:
    """Give up claims of this transaction whose order is not created after all."""
    await tx.execute(
        """
        DELETE FROM order_key k USING unnest($2::text[], $3::text[]) AS gone(external_id, channel)
        WHERE k.tenant = $1 AND k.external_id = gone.external_id AND k.channel = gone.channel
        """,
        tenant,
        [key.external_id for key in keys],
        [key.channel for key in keys],
    )


async def find_placed(tx: Tx, tenant: Tenant, keys: Sequence[OrderKey]) -> dict[tuple[str, str], Placed]:
    """The orders already created under these keys, by (external id, channel)."""
    rows = await tx.fetch(
        """
        SELECT k.external_id, k.channel, k.order_id, k.content_hash, o.friendly_code, s.status
        FROM unnest($2::text[], $3::text[]) AS asked(external_id, channel)
        JOIN order_key k ON k.tenant = $1 AND k.external_id = asked.external_id AND k.channel = asked.channel
        JOIN orders o ON o.tenant = $1 AND o.order_id = k.order_id
        JOIN LATERAL (
            SELECT status FROM order_step WHERE tenant = $1 AND order_id = k.order_id ORDER BY seq LIMIT 1
        ) s ON true
        """,
        tenant,
        [key.external_id for key in keys],
        [key.channel for key in keys],
    )
    return {
        (row["external_id"], row["channel"]): Placed(
            OrderId(row["order_id"]), row["content_hash"], row["friendly_code"], Status(row["status"])
        )
        for row in rows
    }


async def claim_invoice_keys(tx: Tx, tenant: Tenant, claims: Mapping[str, OrderId]) -> dict[str, OrderId]:
    """The owners of those access keys that were claimed before; the others are from now on the claiming orders'.

    Of simultaneous claims one wins; the others wait here for its commit, in key order, never in a circle.
    """
    access_keys = sorted(claims)
    rows = await tx.fetch(
        """
        INSERT INTO invoice_key (tenant, access_key, order_id)
        SELECT $1, k.* FROM unnest($2::text[], $3::uuid[]) AS k
        ON CONFLICT (tenant, access_key) DO NOTHING
        RETURNING access_key
        """,
        tenant,
        access_keys,
        [claims[key] for key in access_keys],
    )
    owned = claims.keys() - {row["access_key"] for row in rows}
    return await _find_invoice_keys(tx, tenant, list(owned)) if owned else {}


async def drop_invoice_keys(tx: Tx, tenant: Tenant, access_keys: Sequence[str]) -> None:
    """Give up claims of this transaction whose invoice was refused."""
    await tx.execute("DELETE FROM invoice_key WHERE tenant = $1 AND access_key = ANY($2::text[])", tenant, access_keys)


async def _find_invoice_keys(tx: Tx, tenant: Tenant, access_keys: Sequence[str]) -> dict[str, OrderId]:
    rows = await tx.fetch(
        "SELECT access_key, order_id FROM invoice_key WHERE tenant = $1 AND access_key = ANY($2::text[])",
        tenant,
        access_keys,
    )
    return {row["access_key"]: OrderId(row["order_id"]) for row in rows}


async def find_by_external_id(tx: Tx, tenant: Tenant, external_id: str, channel: str | None) -> list[OrderId]:
    """The orders of any channel (or that one) with this external id, by order_key's primary key."""
    rows = await tx.fetch(
        """
        SELECT order_id FROM order_key
        WHERE tenant = $1 AND external_id = $2 AND ($3::text IS NULL OR channel = $3)
        ORDER BY channel
        """,
        tenant,
        external_id,
        channel,
    )
    return [OrderId(row["order_id"]) for row in rows]


async def find_by_friendly_code(tx: Tx, tenant: Tenant, code: str) -> list[OrderId]:
    """The order with this friendly code, by orders_by_friendly_code."""
    rows = await tx.fetch("SELECT order_id FROM orders WHERE tenant = $1 AND friendly_code = $2", tenant, code)
    return [OrderId(row["order_id"]) for row in rows]


async def find_by_seller_order_id(tx: Tx, tenant: Tenant, seller_order_id: str) -> list[OrderId]:
    """The orders that stores gave this number (each store counts for itself), by orders_by_seller_order_id."""
    rows = await tx.fetch(
        "SELECT order_id FROM orders WHERE tenant = $1 AND seller_order_id = $2 ORDER BY order_id LIMIT 100",
        tenant,
        seller_order_id,
    )
    return [OrderId(row["order_id"]) for row in rows]


async def lock_due(tx: Tx, tenant: Tenant, now_us: int, limit: int) -> list[OrderId]:
    """Unpaid orders whose time is up, oldest first, by orders_by_expiry; locked until the commit.

    What somebody else is changing right now is left for the next time: waiting for nobody, this lock may be taken in
    an order of its own, and two workers never take the same orders.
    """
    rows = await tx.fetch(
        """
        SELECT order_id FROM orders WHERE tenant = $1 AND expires_us <= $2 AND status = 1
        ORDER BY expires_us LIMIT $3 FOR UPDATE SKIP LOCKED
        """,
        tenant,
        now_us,
        limit,
    )
    return [OrderId(row["order_id"]) for row in rows]
