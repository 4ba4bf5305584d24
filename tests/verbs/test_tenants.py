"""Tenants, channels and credentials in a real database."""

import asyncio
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import Conflict, Invalid, NotFound, Unauthenticated
from balcao.base.values import Micros, Tenant
from balcao.tenants.channels import get_channels, list_channels, set_channel
from balcao.tenants.credentials import (
    CreateCredential,
    NewCredential,
    authenticate,
    create_credential,
    list_credentials,
    list_revoked,
    revoke_credential,
)
from balcao.tenants.rules import Caller, Channel, Credential, Policy, Role, StockPolicy
from balcao.tenants.tenants import CreateTenant, TenantFacts, create_tenant, list_tenants, require_tenant

NOW = Micros(1_790_000_000_000_000)
QAAPP = Tenant("qaapp")


async def events(db: Database) -> list[tuple[Any, ...]]:
    async with db.read() as tx:
        rows = await tx.fetch("SELECT tenant, seq, at_us, type, subject, channel, actor, data FROM event ORDER BY 1, 2")
    return [tuple(row) for row in rows]


async def make_tenant(db: Database, name: str = "qaapp") -> Tenant:
    async with db.transaction() as tx:
        return await create_tenant(tx, CreateTenant(name=name, actor="test"), NOW)


async def make_credential(db: Database, role: Role = Role.ERP, **given: Any) -> NewCredential:
    cmd = CreateCredential(**({"tenant": "qaapp", "role": role, "actor": "test"} | given))
    async with db.transaction() as tx:
        return await create_credential(tx, cmd, NOW)


async def enter(db: Database, client_id: str, secret: str) -> Caller:
    async with db.read() as tx:
        return await authenticate(tx, client_id, secret)


class TestTenants:
    async def test_a_tenant_has_a_clock_and_an_event(self, db: Database) -> None:
        async with db.transaction() as tx:
            cmd = CreateTenant(name="qaapp", title="QA & Cia.", actor="cli")
            assert await create_tenant(tx, cmd, NOW) == "qaapp"
        async with db.read() as tx:
            assert await list_tenants(tx) == [TenantFacts(tenant=QAAPP, title="QA & Cia.", created_us=NOW)]
            assert tuple(await tx.fetchrow("SELECT * FROM tenant_clock") or ()) == ("qaapp", 1, NOW)
            assert await require_tenant(tx, "qaapp") == "qaapp"
        assert await events(db) == [("qaapp", 1, NOW, "tenant.created", "qaapp", None, "cli", {"title": "QA & Cia."})]

    async def test_the_title_is_the_name_when_none_is_given(self, db: Database) -> None:
        await make_tenant(db)
        async with db.read() as tx:
            assert [facts.title for facts in await list_tenants(tx)] == ["qaapp"]

    async def test_a_name_is_taken_once(self, db: Database) -> None:
        await make_tenant(db)
        with pytest.raises(Conflict) as refused:
            await make_tenant(db)
        assert refused.value.code == "tenant_exists"
        assert len(await events(db)) == 1

    async def test_of_two_at_once_one_wins(self, db: Database) -> None:
        both = await asyncio.gather(make_tenant(db), make_tenant(db), return_exceptions=True)
        assert sorted(type(one).__name__ for one in both) == ["Conflict", "str"]
        assert len(await events(db)) == 1

    async def test_a_bad_name_leaves_nothing(self, db: Database) -> None:
        with pytest.raises(Invalid):
            await make_tenant(db, "QA app")
        async with db.read() as tx:
            assert await list_tenants(tx) == []
            with pytest.raises(NotFound) as refused:
                await require_tenant(tx, "QA app")
        assert refused.value.code == "tenant_not_found"


class TestChannels:
    async def test_a_channel_has_defaults_and_is_changed(self, db: Database) -> None:
        await make_tenant(db)
        strict = Channel(name="ecommerce", document_check=Policy.REJECT, stock_policy=StockPolicy.OFF)
        async with db.transaction() as tx:
            assert await set_channel(tx, QAAPP, Channel(name="ecommerce"), actor="a", now=NOW)
            assert await list_channels(tx, QAAPP) == [Channel(name="ecommerce")]
            assert await set_channel(tx, QAAPP, strict, actor="b", now=NOW)
            assert await get_channels(tx, QAAPP, ["ecommerce", "none"]) == {"ecommerce": strict}
            assert await get_channels(tx, QAAPP, []) == {}
        told = (await events(db))[1:]
        assert [event[:-1] for event in told] == [
            ("qaapp", 2, NOW + 1, "channel.changed", "ecommerce", "ecommerce", "a"),
            ("qaapp", 3, NOW + 2, "channel.changed", "ecommerce", "ecommerce", "b"),
        ]
        assert told[1][-1]["stock_policy"] == "off"
        assert told[1][-1]["payment_expiry_s"] == 259_200

    async def test_every_setting_is_kept(self, db: Database) -> None:
        await make_tenant(db)
        other = Channel(
            name="Loja São José / 50%",
            document_check=Policy.OFF,
            stock_policy=StockPolicy.ACCEPT,
            quote_policy=Policy.REJECT,
            amount_check=Policy.OFF,
            discount_basis="line",  # type: ignore[arg-type]
            payment_cover="any",  # type: ignore[arg-type]
            paid_on_create=True,
            cancel_on_denied=True,
            cancel_needs_consent=True,
            ship_without_invoice=True,
            payment_expiry_s=60,
        )
        async with db.transaction() as tx:
            await set_channel(tx, QAAPP, other, actor="a", now=NOW)
            assert await list_channels(tx, QAAPP) == [other]

    async def test_the_same_again_changes_nothing(self, db: Database) -> None:
        await make_tenant(db)
        async with db.transaction() as tx:
            assert await set_channel(tx, QAAPP, Channel(name="ecommerce"), actor="a", now=NOW)
            assert not await set_channel(tx, QAAPP, Channel(name="ecommerce"), actor="a", now=NOW)
            assert await tx.fetchval("SELECT seq FROM tenant_clock") == 2
        assert len(await events(db)) == 2

    @pytest.mark.parametrize(("tenant", "channel"), [("other", "ecommerce"), ("qaapp", "")])
    async def test_refusals_leave_nothing(self, db: Database, tenant: str, channel: str) -> None:
        await make_tenant(db)
        with pytest.raises((NotFound, Invalid)):
            async with db.transaction() as tx:
                await set_channel(tx, Tenant(tenant), Channel(name=channel), actor="a", now=NOW)
        async with db.read() as tx:
            assert await tx.fetchval("SELECT count(*) FROM channel") == 0
        assert len(await events(db)) == 1


class TestCredentials:
    async def test_the_pair_opens_and_the_secret_is_kept_nowhere(self, db: Database) -> None:
        await make_tenant(db)
        async with db.transaction() as tx:
            await set_channel(tx, QAAPP, Channel(name="ecommerce"), actor="a", now=NOW)
        caller, secret = await make_credential(db, Role.CHANNEL, channel="ecommerce", seller_cnpj="04.109.169/0001-35")
        assert caller == Caller(
            tenant=QAAPP,
            client_id=caller.client_id,
            role=Role.CHANNEL,
            channel="ecommerce",
            seller_cnpj="04109169000135",
        )
        assert len(secret) == 43
        assert await enter(db, caller.client_id, secret) == caller
        *_, (_, seq, _, kind, subject, channel, actor, data) = await events(db)
        assert (seq, kind, subject, channel, actor) == (3, "credential.created", caller.client_id, "ecommerce", "test")
        assert data == {"role": "channel", "channel": "ecommerce", "sellerCnpj": "04109169000135", "carrier": None}
        async with db.read() as tx:
            events_text = "(SELECT string_agg(e::text, '') FROM event e)"
            kept = await tx.fetchval(f"SELECT c::text || {events_text} FROM credential c")  # noqa: S608
        assert secret not in kept

    async def test_wrong_pairs_are_refused_alike(self, db: Database) -> None:
        await make_tenant(db)
        await make_tenant(db, "other")
        (one, secret), (two, _) = await make_credential(db), await make_credential(db, tenant="other")
        wrong = [
            (one.client_id, secret + "x"),
            (one.client_id, ""),
            (one.client_id, "\ud800\0"),
            (two.client_id, secret),
            ("qaapp.zzzzzzzzzz", secret),
            ("none.zzzzzzzzzz", secret),
            ("qaapp", secret),
            ("\0", secret),
            ("", ""),
        ]
        for client_id, tried in wrong:
            with pytest.raises(Unauthenticated) as refused:
                await enter(db, client_id, tried)
            assert (refused.value.code, refused.value.detail) == ("invalid_client", "Wrong client id or secret.")

    async def test_a_revoked_pair_is_refused(self, db: Database) -> None:
        await make_tenant(db)
        (caller, secret), (other, other_secret) = await make_credential(db), await make_credential(db)
        async with db.transaction() as tx:
            assert await revoke_credential(tx, caller.client_id, actor="boss", now=NOW)
            assert not await revoke_credential(tx, caller.client_id, actor="boss", now=Micros(NOW + 1))
            assert await list_revoked(tx, since=NOW) == [caller.client_id]
            assert await list_revoked(tx, since=Micros(NOW + 1)) == []
            assert await list_credentials(tx, QAAPP) == sorted(
                [
                    Credential(caller=caller, created_us=NOW, revoked_us=NOW),
                    Credential(caller=other, created_us=NOW),
                ],
                key=lambda credential: credential.caller.client_id,
            )
        with pytest.raises(Unauthenticated):
            await enter(db, caller.client_id, secret)
        assert await enter(db, other.client_id, other_secret) == other
        revoked = [event for event in await events(db) if event[3] == "credential.revoked"]
        assert [(event[4], event[6]) for event in revoked] == [(caller.client_id, "boss")]

    @pytest.mark.parametrize("client_id", ["qaapp.zzzzzzzzzz", "none.zzzzzzzzzz", "qaapp", "", "\0"])
    async def test_revoking_nobody(self, db: Database, client_id: str) -> None:
        await make_tenant(db)
        with pytest.raises(NotFound) as refused:
            async with db.transaction() as tx:
                await revoke_credential(tx, client_id, actor="boss", now=NOW)
        assert refused.value.code == "credential_not_found"
        assert len(await events(db)) == 1

    @pytest.mark.parametrize(
        ("given", "kind"),
        [
            ({"tenant": "other"}, NotFound),
            ({"tenant": "\0"}, Invalid),
            ({"channel": "ecommerce"}, Invalid),
            ({"role": Role.CARRIER}, Invalid),
            ({"carrier": "SEDEX"}, Invalid),
            ({"seller_cnpj": "1"}, Invalid),
        ],
    )
    async def test_refusals_leave_nothing(self, db: Database, given: dict[str, Any], kind: type[Exception]) -> None:
        await make_tenant(db)
        with pytest.raises(kind):
            await make_credential(db, **given)
        async with db.read() as tx:
            assert await list_credentials(tx, QAAPP) == []
        assert len(await events(db)) == 1
