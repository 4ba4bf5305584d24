"""The SQL of carriers, rules, and of how new all of it is."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import FreightRule
from balcao.freight.rules.network import Settings
from balcao.freight.rules.versions import Table

_KEPT_APART = ("reference", "description", "is_active")


async def read_settings(tx: Tx, tenant: Tenant) -> Settings:
    """Carriers, tables in force and rules of one moment: one statement."""
    row = await tx.fetchrow(
        """
        SELECT (SELECT f.version FROM freight_state f WHERE f.tenant = $1) AS version,
               (SELECT f.changed_us FROM freight_state f WHERE f.tenant = $1) AS changed_us,
               (SELECT jsonb_agg(jsonb_build_object('reference', c.reference, 'description', c.description,
                                                    'is_active', c.is_active) || c.body)
                  FROM freight_carrier c WHERE c.tenant = $1) AS carriers,
               (SELECT jsonb_agg(to_jsonb(t)) FROM freight_table t WHERE t.tenant = $1 AND t.is_current) AS tables,
               (SELECT jsonb_agg(r.body || jsonb_build_object('code', r.code))
                  FROM freight_rule r WHERE r.tenant = $1) AS rules
        """,
        tenant,
    )
    if row is None:
        raise LookupError("a query without FROM has one row")
    carriers = msgspec.convert(row["carriers"] or [], tuple[Carrier, ...])
    descriptions = {carrier.reference: carrier.description for carrier in carriers}
    tables = [one | {"description": descriptions.get(one["reference"], "")} for one in row["tables"] or ()]
    return Settings(
        version=row["version"],
        changed_us=Micros(row["changed_us"] or 0),
        carriers=carriers,
        tables=msgspec.convert(tables, tuple[Table, ...]),
        rules=msgspec.convert(row["rules"] or [], tuple[FreightRule, ...]),
    )


async def newest_seller_us(tx: Tx, tenant: Tenant) -> Micros:
    """The newest change of a store, by seller_by_last_update; 0 where there is none."""
    newest = await tx.fetchval(
        "SELECT last_update_us FROM seller WHERE tenant = $1 ORDER BY last_update_us DESC LIMIT 1", tenant
    )
    return Micros(newest or 0)


async def find_versions(tx: Tx, tenants: Sequence[Tenant]) -> dict[Tenant, UUID]:
    """How new the settings of these tenants are, by the primary key: one small read for all."""
    rows = await tx.fetch("SELECT tenant, version FROM freight_state WHERE tenant = ANY($1::text[])", tenants)
    return {row["tenant"]: row["version"] for row in rows}


async def mark_changed(tx: Tx, tenant: Tenant, version: UUID, changed_us: Micros) -> None:
    """From the commit on, every server process reads anew."""
    await tx.execute(
        """
        INSERT INTO freight_state (tenant, version, changed_us) VALUES ($1, $2, $3)
        ON CONFLICT (tenant) DO UPDATE SET version = excluded.version, changed_us = excluded.changed_us
        """,
        tenant,
        version,
        changed_us,
    )


async def lock_carriers(tx: Tx, tenant: Tenant, references: Collection[str]) -> dict[str, Carrier]:
    """Hold these carriers to the commit, so that loads of one carrier come one after the other; those there are."""
    rows = await tx.fetch(
        """
        SELECT jsonb_build_object('reference', reference, 'description', description, 'is_active', is_active) || body
               AS carrier
          FROM freight_carrier WHERE tenant = $1 AND reference = ANY($2::text[]) ORDER BY reference FOR UPDATE
        """,
        tenant,
        sorted(references),
    )
    carriers = [msgspec.convert(row["carrier"], Carrier) for row in rows]
    return {carrier.reference: carrier for carrier in carriers}


async def save_carriers(tx: Tx, tenant: Tenant, carriers: Sequence[Carrier]) -> None:
    """Make these carriers or replace all that is known of them, and hold them to the commit."""
    ordered = sorted(carriers, key=lambda carrier: carrier.reference)
    await tx.execute(
        """
        INSERT INTO freight_carrier (tenant, reference, description, is_active, body)
        SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::boolean[], $5::jsonb[]) AS n
        ON CONFLICT (tenant, reference) DO UPDATE
           SET description = excluded.description, is_active = excluded.is_active, body = excluded.body
        """,
        tenant,
        [carrier.reference for carrier in ordered],
        [carrier.description for carrier in ordered],
        [carrier.is_active for carrier in ordered],
        [_body(carrier) for carrier in ordered],
    )


def _body(carrier: Carrier) -> Mapping[str, object]:
    known: dict[str, object] = msgspec.to_builtins(carrier)
    return {name: value for name, value in known.items() if name not in _KEPT_APART}


async def save_rule(tx: Tx, tenant: Tenant, rule: FreightRule, changed_us: Micros) -> None:
    """Make the rule or replace it."""
    body = {name: value for name, value in msgspec.to_builtins(rule).items() if name != "code"}
    await tx.execute(
        """
        INSERT INTO freight_rule (tenant, code, body, changed_us) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, code) DO UPDATE SET body = excluded.body, changed_us = excluded.changed_us
        """,
        tenant,
        rule.code,
        body,
        changed_us,
    )


async def lock_rule(tx: Tx, tenant: Tenant, code: str) -> bool:
    """Hold the rule to the commit; whether there is one."""
    found = await tx.fetchval("SELECT true FROM freight_rule WHERE tenant = $1 AND code = $2 FOR UPDATE", tenant, code)
    return found is True


async def count_rules(tx: Tx, tenant: Tenant) -> int:
    """How many rules there are."""
    return int(await tx.fetchval("SELECT count(*) FROM freight_rule WHERE tenant = $1", tenant))


async def delete_rule(tx: Tx, tenant: Tenant, code: str) -> None:
    """Delete the rule."""
    await tx.execute("DELETE FROM freight_rule WHERE tenant = $1 AND code = $2", tenant, code)
