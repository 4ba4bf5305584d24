"""The terms that orders are found by, beside their rows: who has one, and up to which change they are noted."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, SellerId, Tenant
from balcao.orders.rules.searching import Term, Traits


class Change(NamedTuple):
    """A changed order as it is to be found."""

    traits: Traits
    seller_id: SellerId
    channel: str
    last_update_us: Micros


async def list_behind(tx: Tx) -> list[Tenant]:
    """The tenants with orders that changed since theirs were noted, by orders_by_last_update."""
    rows = await tx.fetch(
        """
        SELECT t.tenant FROM tenant t LEFT JOIN order_term_mark m ON m.tenant = t.tenant
         WHERE EXISTS (SELECT FROM orders o
                        WHERE o.tenant = t.tenant AND o.last_update_us > coalesce(m.last_update_us, 0))
        """
    )
    return [Tenant(row["tenant"]) for row in rows]


async def lock_mark(tx: Tx, tenant: Tenant) -> Micros | None:
    """The last change that is noted, locked until the commit; None while somebody else is at it."""
    await tx.execute(
        "INSERT INTO order_term_mark (tenant, last_update_us) VALUES ($1, 0) ON CONFLICT (tenant) DO NOTHING", tenant
    )
    text = "SELECT last_update_us FROM order_term_mark WHERE tenant = $1 FOR UPDATE SKIP LOCKED"
    at = await tx.fetchval(text, tenant)
    return None if at is None else Micros(at)


async def move_mark(tx: Tx, tenant: Tenant, to: Micros) -> None:
    """Changes up to that one are noted."""
    await tx.execute("UPDATE order_term_mark SET last_update_us = $2 WHERE tenant = $1", tenant, to)


async def list_changed(tx: Tx, tenant: Tenant, since: Micros, limit: int) -> list[Change]:
    """The next orders that changed, oldest change first, by orders_by_last_update."""
    rows = await tx.fetch(
        """
        SELECT order_id, seller_id, channel, last_update_us, buyer_name, buyer_document, tracking_code,
               body->'buyer'->>'company_name' AS company, body->'buyer'->>'cpf' AS cpf, body->>'cpf_pickup' AS pickup,
               body->>'cpf_invoice' AS invoice, body->'buyer'->>'email' AS email,
               body->'buyer'->>'phone_number' AS phone
          FROM orders WHERE tenant = $1 AND last_update_us > $2 ORDER BY last_update_us LIMIT $3
        """,
        tenant,
        since,
        limit,
    )
    return [
        Change(
            Traits(
                order_id=OrderId(row["order_id"]),
                names=(row["buyer_name"], row["company"]),
                documents=(row["buyer_document"], row["cpf"], row["pickup"], row["invoice"]),
                email=row["email"],
                phone=row["phone"],
                tracking=row["tracking_code"],
            ),
            SellerId(row["seller_id"]),
            row["channel"],
            Micros(row["last_update_us"]),
        )
        for row in rows
    ]


_INSERT: Final = """
    INSERT INTO order_term (tenant, kind, term, order_id, name, seller_id, channel)
    SELECT $1, n.* FROM unnest($2::smallint[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::text[]) AS n
    ON CONFLICT (tenant, kind, term, order_id) DO NOTHING
"""


async def insert_terms(tx: Tx, tenant: Tenant, found: Sequence[tuple[Change, Term]]) -> None:
    """Note what is not noted yet; what an order is not called any more goes on finding it."""
    await tx.execute(
        _INSERT,
        tenant,
        [term.kind for _, term in found],
        [term.term for _, term in found],
        [change.traits.order_id for change, _ in found],
        [term.name for _, term in found],
        [change.seller_id for change, _ in found],
        [change.channel for change, _ in found],
    )
