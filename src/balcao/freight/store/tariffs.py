"""The SQL of one quote: every table in force at one CEP."""

from collections.abc import Sequence
from itertools import groupby

from balcao.base.db import Tx
from balcao.base.values import SellerId, Tenant
from balcao.freight.rules.model import EVERY_SELLER, Bracket, Tariff


async def find_tariffs(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], *, cep: int, weights_g: tuple[int, int]
) -> list[Tariff]:
    """The tables in force of these stores and of every store, each with its brackets at this CEP.

    Only brackets that meet the weights (lightest, heaviest) are read: one probe of the index each, whatever the table's
    size, because in a bracket the row that ends first at or after the CEP is the only one that can hold it.
    """
    rows = await tx.fetch(
        # freight_table_current, then freight_rate_by_bracket. A table without a fitting row comes once, with nulls.
        """
        SELECT t.reference, c.description, t.seller_id,
               hit.weight_start_g, hit.weight_end_g, hit.price, hit.delivery_days
          FROM freight_table t
          JOIN freight_carrier c ON c.tenant = t.tenant AND c.reference = t.reference
          LEFT JOIN LATERAL (
               SELECT rate.*
                 FROM unnest(t.weight_starts_g, t.weight_ends_g) AS bracket (start_g, end_g)
                CROSS JOIN LATERAL (
                      SELECT r.cep_start, r.weight_start_g, r.weight_end_g, r.price, r.delivery_days
                        FROM freight_rate r
                       WHERE r.tenant = $1 AND r.table_id = t.table_id AND r.weight_start_g = bracket.start_g
                         AND r.weight_end_g = bracket.end_g AND r.cep_end >= $3
                       ORDER BY r.cep_end LIMIT 1) rate
                WHERE bracket.start_g <= $5::bigint AND bracket.end_g >= $4::bigint
                  AND rate.cep_start <= $3) hit ON true
         WHERE t.tenant = $1 AND t.is_current AND t.seller_id = ANY($2::uuid[])
         ORDER BY t.seller_id, t.reference, hit.weight_start_g, hit.weight_end_g
        """,
        tenant,
        [*seller_ids, EVERY_SELLER],
        cep,
        *weights_g,
    )
    return [
        Tariff(
            reference=reference,
            description=description,
            seller_id=SellerId(seller_id),
            brackets=tuple(Bracket(*row[3:]) for row in brackets if row["price"] is not None),
        )
        for (reference, description, seller_id), brackets in groupby(rows, key=lambda row: tuple(row[:3]))
    ]
