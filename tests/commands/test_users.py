"""`balcao user`: people get in, with the password that was given or made, and out."""

import json
import re

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.users.sessions import LogIn, NewSession, log_in
from tests.commands.conftest import Balcao

ANA = ("user", "create", "--tenant", "qaapp", "--email", "Ana@Loja.Example", "--role", "admin")


async def enter(db: Database, password: str) -> NewSession:
    return await log_in(db, LogIn(tenant="qaapp", email="ana@loja.example", password=password, address="::1"), now_us())


async def test_a_user_logs_in_with_the_password_made(balcao: Balcao, db: Database) -> None:
    balcao.fine("tenant", "create", "qaapp")
    made = re.search(r"password  (\S+)", balcao.fine(*ANA))
    assert made is not None
    assert (await enter(db, made[1])).session.user.name == "ana"
    again = re.search(r"password  (\S+)", balcao.fine("user", "password", "--tenant", "qaapp", "ana@loja.example"))
    assert again is not None
    assert again[1] != made[1]
    assert (await enter(db, again[1])).token.startswith("qaapp.")


async def test_in_and_out(balcao: Balcao) -> None:
    balcao.fine("tenant", "create", "qaapp")
    balcao.fine(*ANA, "--name", "Ana Souza")
    person = ("--tenant", "qaapp", "ana@loja.example")
    assert "disabled." in balcao.fine("user", "disable", *person)
    assert "was disabled already" in balcao.fine("user", "disable", *person)
    [row] = json.loads(balcao.fine("user", "list", "--tenant", "qaapp", "--json"))
    assert row["disabled"] is not None
    assert "enabled." in balcao.fine("user", "enable", *person)
    assert "Ana Souza" in balcao.fine("user", "list", "--tenant", "qaapp")


def test_refusals(balcao: Balcao) -> None:
    assert balcao.refused(*ANA) == "Error: There is no tenant qaapp.\n"
    balcao.fine("tenant", "create", "qaapp")
    balcao.fine(*ANA)
    assert "There is a user ana@loja.example already" in balcao.refused(*ANA)
    assert "email: must be" in balcao.refused(*ANA[:5], "no address", *ANA[6:])
    assert "an administrator works in every store" in balcao.refused(*ANA, "--seller", "04109169000135")
    assert "must be a CNPJ" in balcao.refused(*ANA[:7], "operator", "--seller", "123")
    assert "password: must have 10" in balcao.refused(*ANA, "--password-stdin")
    for word in ("password", "disable", "enable"):
        assert "There is no user x@y" in balcao.refused("user", word, "--tenant", "qaapp", "x@y")
    balcao.refused(*ANA[:7], "channel", code=2)
