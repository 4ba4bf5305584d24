"""A small shop for the freight's verbs: two stores and a closed one, three SKUs, written straight into the tables."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, SellerId, Tenant
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.rules.rates import RateRow, widen
from balcao.freight.rules.versions import NewTable, Table
from balcao.tenants.tenants import CreateTenant, create_tenant

NOW = Micros(1_782_918_000_000_000)
"""2026-07-01T15:00:00Z, a Wednesday: noon in Brasília."""
CENTRO = "04109169000135"
NORTE = "11222333000181"
CLOSED = "33000167000101"
CENTRO_ID, NORTE_ID = SellerId(UUID(int=1)), SellerId(UUID(int=2))


async def open_shop(tx: Tx, name: str = "qaapp") -> Tenant:
    """A new tenant with the shop."""
    tenant = await create_tenant(tx, CreateTenant(name=name, actor="test"), Micros(NOW - 1_000_000))
    await furnish(tx, tenant)
    return tenant


async def furnish(tx: Tx, tenant: Tenant) -> None:
    """CENTRO has all three SKUs and lets collect, NORTE has SHIRT and CUP and takes a day; CLOSED is not active."""
    await tx.execute(
        """
        INSERT INTO seller (tenant, seller_id, cnpj, name, is_active, pickup_enabled, delivery_enabled, handling_days,
                            safety_stock, priority, body, created_us, last_update_us)
        SELECT $1, s.*, 0, 0, '{}', 1, 1
          FROM unnest($2::uuid[], $3::text[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[],
                      $7::integer[]) AS s
        """,
        tenant,
        [CENTRO_ID, NORTE_ID, UUID(int=3)],
        [CENTRO, NORTE, CLOSED],
        [True, True, False],
        [True, False, True],
        [True, True, True],
        [0, 1, 0],
    )
    await _stock_shelves(tx, tenant)


async def _stock_shelves(tx: Tx, tenant: Tenant) -> None:
    await tx.execute(
        """
        INSERT INTO product (tenant, product_id, code, name, is_active, weight_kg, body, created_us, last_update_us)
        SELECT $1, p.id, p.code, p.code, p.is_active, p.kg, '{}', 1, 1
          FROM unnest($2::uuid[], $3::text[], $4::boolean[], $5::numeric[]) AS p (id, code, is_active, kg)
        """,
        tenant,
        ids := [UUID(int=n) for n in (11, 12, 13, 14)],
        codes := ["SHIRT", "CUP", "TABLE", "OLD"],
        [True, True, True, False],
        [Decimal("0.2"), None, Decimal("12.5"), Decimal(1)],
    )
    await tx.execute(
        """
        INSERT INTO sku (tenant, sku_id, product_id, code, name, is_active, body, created_us, last_update_us)
        SELECT $1, s.id, s.id, s.code, s.code, true, '{}', 1, 1 FROM unnest($2::uuid[], $3::text[]) AS s (id, code)
        """,
        tenant,
        ids,
        codes,
    )
    await tx.execute(
        """
        INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
        SELECT $1, s.*, 1 FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS s
        """,
        tenant,
        [CENTRO_ID, CENTRO_ID, CENTRO_ID, NORTE_ID, NORTE_ID],
        [ids[0], ids[1], ids[2], ids[0], ids[1]],
        [10, 1, 2, 5, 9],
        [4, 0, 0, 0, 0],
    )


def rate(cep: tuple[int, int], weight_g: tuple[int, int], price: str, days: int, **more: Any) -> RateRow:
    return RateRow(
        cep_start=cep[0],
        cep_end=cep[1],
        weight_start_g=weight_g[0],
        weight_end_g=weight_g[1],
        price=Decimal(price),
        delivery_days=days,
        **more,
    )


async def load(
    tx: Tx, tenant: Tenant, reference: str, *rows: RateRow, cnpj: str | None = None, state: str = ""
) -> Table:
    """Put one table in force; its description is the reference in title case."""
    table = NewTable(
        reference=reference, description=reference.title(), seller_cnpj=cnpj, origin_state=state, rows=widen(rows)
    )
    [loaded] = await load_tables(tx, LoadTables(tenant=tenant, tables=(table,), actor="erp"), NOW)
    return loaded
