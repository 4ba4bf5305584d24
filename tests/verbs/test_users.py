"""People of the console: made, changed, logged in and out; and that a refusal changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import BalcaoError, Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from balcao.base.values import Micros, Tenant
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.change import enable_user, set_password
from balcao.users.create import CreateUser, create_user
from balcao.users.rules import SESSION_HOURS, User, UserRole
from balcao.users.seen import find_seen, note_seen
from balcao.users.sessions import LogIn, NewSession, choose_store, find_session, log_in, log_out
from tests.staff import PASSWORD
from tests.verbs.shop import NOW, OTHER_STORE, STORE, dump

ANA, SHOP = "ana@loja.example", Tenant("qaapp")
HOUR_US = 3_600_000_000
ATTEMPTS = ("console_attempt",)


@pytest.fixture
async def ana(db: Database) -> User:
    """An operator of two stores."""
    for name in ("qaapp", "outra"):
        await db.run(lambda tx, name=name: create_tenant(tx, CreateTenant(name=name, actor="test"), NOW))  # type: ignore[misc]
    return await made(db, sellers=[STORE, OTHER_STORE])


async def made(db: Database, **over: Any) -> User:
    plain = {"tenant": "qaapp", "email": ANA, "role": UserRole.OPERATOR, "password": PASSWORD, "actor": "test"}
    cmd = CreateUser(**(plain | over))
    return await db.run(lambda tx: create_user(tx, cmd, NOW))


async def enter(db: Database, password: str = PASSWORD, *, now: int = NOW, **over: str) -> NewSession:
    cmd = LogIn(**({"tenant": "qaapp", "email": ANA, "password": password, "address": "::1"} | over))
    return await log_in(db, cmd, Micros(now))


async def known(db: Database, token: str, now: int = NOW) -> bool:
    async with db.read() as tx:
        return await find_session(tx, token, Micros(now)) is not None


async def refuses(db: Database, act: Callable[[], Awaitable[object]], kind: type[BalcaoError]) -> None:
    """It is refused so, and nothing is otherwise afterwards but the count of attempts."""
    before = await dump(db, but=ATTEMPTS)
    with pytest.raises(kind):
        await act()
    assert await dump(db, but=ATTEMPTS) == before


async def test_a_user_is_made_once(db: Database, ana: User) -> None:
    assert (ana.email, ana.name, ana.seller_cnpjs) == (ANA, "ana", (STORE, OTHER_STORE))
    await refuses(db, lambda: made(db), Conflict)
    await refuses(db, lambda: made(db, email=" ANA@loja.example "), Conflict)
    assert (await made(db, tenant="outra")).tenant == "outra"
    async with db.read() as tx:
        assert await tx.fetchval("SELECT array_agg(type) FROM event WHERE tenant = 'qaapp' AND type LIKE 'user.%'") == [
            "user.created"
        ]
        assert PASSWORD not in await tx.fetchval("SELECT password_hash FROM console_user WHERE tenant = 'qaapp'")


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"email": "nobody"}, Invalid),
        ({"email": "a b@c"}, Invalid),
        ({"email": "x@" + "y" * 300}, Invalid),
        ({"email": "b@c", "name": "\x00"}, Invalid),
        ({"email": "b@c", "name": "n" * 101}, Invalid),
        ({"email": "b@c", "sellers": ["1"]}, Invalid),
        ({"email": "b@c", "sellers": [STORE], "role": UserRole.ADMIN}, Invalid),
        ({"email": "b@c", "password": "short"}, Invalid),
        ({"email": "b@c", "password": "l" * 201}, Invalid),
        ({"email": "b@c", "tenant": "nowhere"}, NotFound),
    ],
)
async def test_users_that_are_not_made(
    db: Database, ana: User, fields: dict[str, Any], kind: type[BalcaoError]
) -> None:
    await refuses(db, lambda: made(db, **fields), kind)


async def test_a_session_lasts_a_long_day(db: Database, ana: User) -> None:
    opened = await enter(db)
    assert opened.session.seller_cnpj == STORE
    end = NOW + SESSION_HOURS * HOUR_US
    assert [await known(db, opened.token, at) for at in (NOW, end - 1, end, end + 1)] == [True, True, False, False]
    for token in (
        "",
        "qaapp.",
        f"outra.{opened.token.split('.')[1]}",
        opened.token[:-1],
        opened.token + "x",
        "é.x",
        "x" * 300,
    ):
        assert not await known(db, token), token
    assert (await enter(db)).token != opened.token


async def test_who_does_not_get_in(db: Database, ana: User) -> None:
    for over in ({"password": "wrong"}, {"password": ""}, {"email": "b@c"}, {"tenant": "outra"}, {"tenant": "?"}):
        await refuses(db, lambda over=over: enter(db, **over), Unauthenticated)  # type: ignore[misc]
    await db.run(lambda tx: enable_user(tx, SHOP, ANA, enabled=False, actor="test", now=NOW))
    await refuses(db, lambda: enter(db), Unauthenticated)


async def test_guessing_is_stopped_for_a_quarter_of_an_hour(db: Database, ana: User) -> None:
    for _ in range(5):
        await refuses(db, lambda: enter(db, "wrong"), Unauthenticated)
    await refuses(db, lambda: enter(db), TooMany)
    assert (await enter(db, address="::2")).token, "another address is another matter"
    assert (await enter(db, now=NOW + HOUR_US // 4)).token


async def test_a_password_that_is_set_ends_sessions(db: Database, ana: User) -> None:
    opened = await enter(db)
    await refuses(db, lambda: db.run(lambda tx: set_password(tx, SHOP, ANA, "x", actor="t", now=NOW)), Invalid)
    for tenant, email in ((SHOP, "b@c"), (Tenant("outra"), ANA)):
        await refuses(
            db,
            lambda tenant=tenant, email=email: db.run(  # type: ignore[misc]
                lambda tx: set_password(tx, tenant, email, "a good password", actor="t", now=NOW)
            ),
            NotFound,
        )
    assert await known(db, opened.token)
    await db.run(lambda tx: set_password(tx, SHOP, " Ana@Loja.example ", "a good password", actor="t", now=NOW))
    assert not await known(db, opened.token)
    await refuses(db, lambda: enter(db), Unauthenticated)
    assert (await enter(db, "a good password")).token


async def test_in_and_out(db: Database, ana: User) -> None:
    opened = await enter(db)

    async def enable(enabled: bool, email: str = ANA) -> bool:
        return await db.run(lambda tx: enable_user(tx, SHOP, email, enabled=enabled, actor="t", now=NOW))

    before = await dump(db)
    assert await enable(True) is False
    assert await dump(db) == before
    await refuses(db, lambda: enable(False, "b@c"), NotFound)
    assert await enable(False) is True
    assert not await known(db, opened.token)
    before = await dump(db)
    assert await enable(False) is False
    assert await dump(db) == before
    assert await enable(True) is True
    again = await enter(db)
    await db.run(lambda tx: log_out(tx, again.token, again.session))
    assert not await known(db, again.token)


async def test_one_store_at_a_time(db: Database, ana: User) -> None:
    opened = await enter(db)

    async def choose(cnpj: str) -> None:
        await db.run(lambda tx: choose_store(tx, opened.token, opened.session, cnpj))

    await refuses(db, lambda: choose("99999999000191"), Forbidden)
    await choose(OTHER_STORE)
    async with db.read() as tx:
        found = await find_session(tx, opened.token, NOW)
    assert found is not None
    assert (found.seller_cnpj, found.caller.seller_cnpj) == (OTHER_STORE, OTHER_STORE)


async def test_what_is_seen_to_stays_so_up_to_then(db: Database, ana: User) -> None:
    async def seen(*whats: str) -> dict[str, Micros]:
        async with db.read() as tx:
            return await find_seen(tx, SHOP, whats)

    for upto in (5, 9, 7):
        await db.run(lambda tx, upto=upto: note_seen(tx, SHOP, "x", Micros(upto), actor=ANA))  # type: ignore[misc]
    assert await seen("x", "y") == {"x": 9}
    assert await seen() == {}
    async with db.read() as tx:
        assert await find_seen(tx, Tenant("outra"), ["x"]) == {}
