"""The commands, in a process's shoes: what they print, what they refuse, what they change."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from balcao import cli
from balcao.base.db import Database
from balcao.base.embedded import EmbeddedPostgres
from balcao.tenants.credentials import authenticate, list_credentials
from balcao.tenants.rules import Role
from balcao.tenants.tenants import list_tenants
from tests.commands.conftest import Balcao


def test_tenants(balcao: Balcao) -> None:
    assert balcao.fine("tenant", "create", "qaapp", "--title", "QA & Cia.") == "Tenant qaapp created.\n"
    assert balcao.refused("tenant", "create", "qaapp") == "Error: There is a tenant qaapp already.\n"
    assert "lower-case letters" in balcao.refused("tenant", "create", "QA")
    heads, row = balcao.fine("tenant", "list").splitlines()
    assert heads.split() == ["Tenant", "Title", "Created"]
    assert re.fullmatch(r"qaapp   QA & Cia\.  \d{4}-\d\d-\d\dT[0-9:.]+Z", row)


class TestChannels:
    def shown(self, balcao: Balcao) -> dict[str, Any]:
        listed = json.loads(balcao.fine("channel", "list", "--tenant", "qaapp", "--json"))
        return {channel["name"]: channel for channel in listed}

    def test_a_channel_is_created_with_defaults_and_changed_bit_by_bit(self, balcao: Balcao) -> None:
        balcao.fine("tenant", "create", "qaapp")
        set_ = ("channel", "set", "Loja São José", "--tenant", "qaapp")
        assert balcao.fine(*set_).startswith("Channel Loja São José set.\n")
        defaults = self.shown(balcao)["Loja São José"]
        assert (defaults["stock_policy"], defaults["payment_expiry_s"], defaults["paid_on_create"]) == (
            "reject",
            259_200,
            False,
        )
        balcao.fine(*set_, "--paid-on-create", "--stock-policy", "accept", "--payment-expiry", "36h")
        balcao.fine(*set_, "--document-check", "reject", "--no-paid-on-create")
        assert self.shown(balcao)["Loja São José"] == defaults | {
            "stock_policy": "accept",
            "payment_expiry_s": 129_600,
            "document_check": "reject",
        }
        assert balcao.fine(*set_).startswith("Channel Loja São José is so already.\n")

    def test_every_setting_has_its_option(self, balcao: Balcao) -> None:
        balcao.fine("tenant", "create", "qaapp")
        balcao.fine("channel", "set", "a", "--tenant", "qaapp")
        wanted = {
            "document_check": "off",
            "stock_policy": "off",
            "quote_policy": "reject",
            "amount_check": "reject",
            "discount_basis": "line",
            "payment_cover": "any",
            "paid_on_create": True,
            "cancel_on_denied": True,
            "cancel_needs_consent": True,
            "ship_without_invoice": True,
            "payment_expiry_s": 90,
        }
        assert wanted.keys() == self.shown(balcao)["a"].keys() - {"name"}
        words = []
        for name, value in wanted.items():
            option = f"--{name.removesuffix('_s').replace('_', '-')}"
            words += [option] if value is True else [option, str(value)]
        balcao.fine("channel", "set", "a", "--tenant", "qaapp", *words)
        assert self.shown(balcao)["a"] == wanted | {"name": "a"}
        assert "yes" in balcao.fine("channel", "list", "--tenant", "qaapp")

    def test_refusals(self, balcao: Balcao) -> None:
        balcao.fine("tenant", "create", "qaapp")
        assert balcao.refused("channel", "set", "a", "--tenant", "no") == "Error: There is no tenant no.\n"
        assert balcao.refused("channel", "list", "--tenant", "no") == "Error: There is no tenant no.\n"
        assert "name: must be" in balcao.refused("channel", "set", " a", "--tenant", "qaapp")
        for bad in (["--stock-policy", "maybe"], ["--payment-expiry", "3 days"], ["--payment-expiry", "-1"], ["--x"]):
            balcao.refused("channel", "set", "a", "--tenant", "qaapp", *bad, code=2)
        balcao.refused("channel", "set", "a", code=2)
        assert self.shown(balcao) == {}


class TestCredentials:
    async def test_the_printed_pair_opens(self, balcao: Balcao, db: Database) -> None:
        balcao.fine("tenant", "create", "qaapp")
        balcao.fine("channel", "set", "ecommerce", "--tenant", "qaapp")
        create = ("credential", "create", "--tenant", "qaapp", "--role")
        made = json.loads(
            balcao.fine(*create, "channel", "--channel", "ecommerce", "--seller", "04.109.169/0001-35", "--json")
        )
        async with db.read() as tx:
            caller = await authenticate(tx, made["clientId"], made["clientSecret"])
        assert (caller.role, caller.channel, caller.seller_cnpj) == (Role.CHANNEL, "ecommerce", "04109169000135")
        result = balcao(*create, "carrier", "--carrier", "SEDEX")
        client_id, secret = (line.split()[1] for line in result.stdout.splitlines())
        assert result.stderr == "Keep the secret: it is shown this once.\n"
        async with db.read() as tx:
            assert (await authenticate(tx, client_id, secret)).carrier == "SEDEX"
        listed = balcao.fine("credential", "list", "--tenant", "qaapp")
        assert secret not in listed
        assert client_id in listed

    async def test_revoking(self, balcao: Balcao, db: Database) -> None:
        tenant = balcao.fine("tenant", "create", "qaapp") and "qaapp"
        made = json.loads(balcao.fine("credential", "create", "--tenant", tenant, "--role", "erp", "--json"))
        client_id = made["clientId"]
        assert balcao.fine("credential", "revoke", client_id) == f"Credential {client_id} revoked.\n"
        assert balcao.fine("credential", "revoke", client_id) == f"Credential {client_id} was revoked already.\n"
        (shown,) = json.loads(balcao.fine("credential", "list", "--tenant", tenant, "--json"))
        assert shown["revoked"] is not None
        async with db.read() as tx:
            (kept,) = await list_credentials(tx, (await list_tenants(tx))[0].tenant)
        assert kept.revoked_us is not None

    def test_refusals(self, balcao: Balcao) -> None:
        balcao.fine("tenant", "create", "qaapp")
        create = ("credential", "create", "--tenant", "qaapp", "--role")
        assert "needs its freight reference" in balcao.refused(*create, "carrier")
        assert "there is no channel 'x'" in balcao.refused(*create, "channel", "--channel", "x")
        assert "must be a CNPJ" in balcao.refused(*create, "erp", "--seller", "1")
        balcao.refused(*create, "king", code=2)
        balcao.refused("credential", "create", "--role", "erp", code=2)
        assert "There is no credential 'qaapp'" in balcao.refused("credential", "revoke", "qaapp")
        assert json.loads(balcao.fine("credential", "list", "--tenant", "qaapp", "--json")) == []


class TestDoctorAndMigrate:
    def test_a_healthy_installation(self, balcao: Balcao, tmp_path: Path) -> None:
        said = balcao.fine("doctor")
        for check in ("ok  database: PostgreSQL", "ok  tables: up to date", "ok  file store:", "ok  secret key:"):
            assert check in said
        assert "BALCAO_TOKEN_TTL_S" in said
        assert sorted(one.name for one in tmp_path.iterdir()) == ["files", "secret.key"]
        assert list((tmp_path / "files").iterdir()) == []

    def test_what_is_wrong_is_said(self, blank_database_url: str, tmp_path: Path) -> None:
        (tmp_path / "files").write_text("in the way")
        (tmp_path / "secret.key").write_text("short")
        blank = Balcao({"DATABASE_URL": blank_database_url, "BALCAO_HOME": str(tmp_path)})
        result = blank("doctor")
        assert result.exit_code == 1
        for check in ("ok  database:", "WRONG  tables:", "WRONG  file store:", "WRONG  secret key:"):
            assert check in result.stdout
        assert "balcao migrate" in result.stdout

    def test_an_unreachable_database(self, tmp_path: Path) -> None:
        away = Balcao({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/none", "BALCAO_HOME": str(tmp_path)})
        result = away("doctor")
        assert result.exit_code == 1
        assert "WRONG  database:" in result.stdout
        assert "hunter2" not in result.output
        for words in (["tenant", "list"], ["migrate"]):
            said = away.refused(*words)
            assert said.startswith("Error: ")
            assert "hunter2" not in said

    def test_commands_ask_for_migrations(self, blank_database_url: str, tmp_path: Path) -> None:
        blank = Balcao({"DATABASE_URL": blank_database_url, "BALCAO_HOME": str(tmp_path)})
        assert "run `balcao migrate` first" in blank.refused("tenant", "list")
        assert "0001_house_pre  done\n" in blank.fine("migrate")
        assert blank.fine("migrate") == "Nothing to do: the tables are up to date.\n"
        assert blank.fine("tenant", "list") == "Tenant  Title  Created\n"

    @pytest.mark.parametrize("words", [["tenant", "list"], ["doctor"], ["migrate"], ["worker"]])
    def test_wrong_settings_are_said(self, tmp_path: Path, words: list[str]) -> None:
        wrong = Balcao({"DATABASE_URL": "mysql://x", "BALCAO_HOME": str(tmp_path), "BALCAO_PORT": "x"})
        said = wrong.refused(*words)
        assert "DATABASE_URL must be" in said
        assert "BALCAO_PORT must be" in said


class TestEmbedded:
    def test_the_database_is_made_shared_and_left(self, tmp_path: Path) -> None:
        home = tmp_path / "shop"
        own = Balcao({"DATABASE_URL": "", "BALCAO_HOME": str(tmp_path / "unused")})
        assert own.fine("tenant", "create", "qaapp", "--data", str(home)) == "Tenant qaapp created.\n"
        assert not (tmp_path / "unused").exists()
        with EmbeddedPostgres(home):  # as `balcao serve` does
            assert "qaapp" in own.fine("tenant", "list", "--data", str(home))
        assert "qaapp" in own.fine("tenant", "list", "--data", str(home))


class TestRoot:
    def test_the_menu(self, balcao: Balcao) -> None:
        said = balcao.fine("--help")
        for name in cli.COMMANDS:
            assert f"\n  {name} " in said
        assert balcao.fine("--version") == "balcao, version 0.1.0\n"
        balcao.refused("bogus", code=2)

    @pytest.mark.parametrize("name", cli.COMMANDS)
    def test_every_command_has_help(self, balcao: Balcao, name: str) -> None:
        assert "Usage: balcao " + name in balcao.fine(name, "--help")

    def test_a_mistake_of_ours_is_told_without_a_traceback(
        self, balcao: Balcao, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("oh")

        monkeypatch.setattr("balcao.commands.tenant.read", broken)
        assert balcao.refused("tenant", "list") == "Error: unexpected ZeroDivisionError: oh\n"
