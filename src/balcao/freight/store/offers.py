"""The SQL of the offers that persisted quotes made."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.freight.rules.model import Offer, Option


class NewOffer(NamedTuple):
    """An option to keep: of which quote, and for whom."""

    quote_id: UUID
    platform: str
    option: Option

    @property
    def body(self) -> dict[str, Any]:
        """What no query asks for."""
        option = self.option
        return {
            "platform": self.platform,
            "type": option.type,
            "description": option.description,
            "delivery_time": option.delivery_time,
            "delivery_date": option.delivery_date,
        }


async def insert_offers(tx: Tx, tenant: Tenant, offers: Sequence[NewOffer], *, expires_us: Micros) -> None:
    """Keep these options, each under its calculation key."""
    await tx.execute(
        """
        INSERT INTO freight_offer (tenant, calculation_key, quote_id, seller_id, reference, amount, expires_us, body)
        SELECT $1, n.key, n.quote_id, n.seller_id, n.reference, n.amount, $2, n.body
          FROM unnest($3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::numeric[], $8::jsonb[])
               AS n (key, quote_id, seller_id, reference, amount, body)
        """,
        tenant,
        expires_us,
        [offer.option.calculation_key for offer in offers],
        [offer.quote_id for offer in offers],
        [offer.option.seller.seller_id for offer in offers],
        [offer.option.reference for offer in offers],
        [offer.option.amount for offer in offers],
        [offer.body for offer in offers],
    )


async def find_offers(tx: Tx, tenant: Tenant, keys: Sequence[str]) -> dict[str, Offer]:
    """The offers under these keys, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT calculation_key, seller_id, reference, amount, expires_us,
               (body->>'delivery_time')::integer AS delivery_time
          FROM freight_offer WHERE tenant = $1 AND calculation_key = ANY($2::text[])
        """,
        tenant,
        keys,
    )
    return {row["calculation_key"]: Offer(**dict(list(row.items())[1:])) for row in rows}


async def delete_offers(tx: Tx, tenant: Tenant, *, until_us: Micros, limit: int) -> int:
    """Delete so many offers that have expired, the oldest first, by freight_offer_by_expiry; how many there were."""
    rows = await tx.fetch(
        """
        DELETE FROM freight_offer
         WHERE tenant = $1
           AND calculation_key IN (SELECT calculation_key FROM freight_offer
                                    WHERE tenant = $1 AND expires_us <= $2 ORDER BY expires_us LIMIT $3)
        RETURNING 1
        """,
        tenant,
        until_us,
        limit,
    )
    return len(rows)
