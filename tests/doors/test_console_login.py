"""The console's door: who gets in, what guessing costs, and what another site cannot do."""

from collections.abc import AsyncIterator, Callable

import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.values import Tenant
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.change import enable_user, set_password
from balcao.users.rules import UserRole
from tests.doors.conftest import NO_TLS
from tests.staff import PASSWORD, Staff, add_user, text_of, token_of

Enter = Callable[..., Staff]


@pytest.fixture
async def enter(server_url: str) -> AsyncIterator[Enter]:
    """`enter()`: a stranger with a browser."""
    opened: list[Staff] = []

    def make(**headers: str) -> Staff:
        opened.append(Staff(server_url, NO_TLS, **headers))
        return opened[-1]

    yield make
    for staff in opened:
        await staff.http.aclose()


@pytest.fixture
async def ana(db: Database, tenant: Tenant) -> str:
    return (await add_user(db, tenant)).email


async def test_log_in_and_out(enter: Enter, ana: str) -> None:
    staff = enter()
    stranger = await staff.get("/console", follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/console/login")
    opened = await staff.log_in(ana)
    assert (opened.status_code, opened.url.path) == (200, "/console")
    assert "ana@loja.example" in text_of(opened.text)
    kept = staff.http.cookies["balcao_session"]
    assert (await staff.post("/console/logout")).url.path == "/console/login"
    staff.http.cookies.set("balcao_session", kept)
    assert (await staff.get("/console")).url.path == "/console/login"


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", "é" * 500])
async def test_wrong_password(enter: Enter, ana: str, password: str) -> None:
    answer = await enter().log_in(ana, password)
    assert answer.status_code == 401
    assert "E-mail ou senha incorretos." in text_of(answer.text)


async def test_unknown_and_disabled_are_told_nothing(enter: Enter, ana: str, db: Database, tenant: Tenant) -> None:
    async with db.transaction() as tx:
        await enable_user(tx, tenant, ana, enabled=False, actor="test", now=now_us())
    for email in (ana, "nobody@loja.example", "", "' OR 1=1 --", "a\x00b@c"):
        answer = await enter().log_in(email)
        assert (answer.status_code, "E-mail ou senha incorretos." in text_of(answer.text)) == (401, True)


async def test_disabling_and_a_new_password_end_sessions(enter: Enter, ana: str, db: Database, tenant: Tenant) -> None:
    staff, other = enter(), enter()
    await staff.log_in(ana)
    async with db.transaction() as tx:
        await set_password(tx, tenant, ana, "outra-senha-boa", actor="test", now=now_us())
    assert (await staff.get("/console")).url.path == "/console/login"
    assert (await other.log_in(ana)).status_code == 401
    assert (await other.log_in(ana, "outra-senha-boa")).url.path == "/console"
    async with db.transaction() as tx:
        await enable_user(tx, tenant, ana, enabled=False, actor="test", now=now_us())
    assert (await other.get("/console")).url.path == "/console/login"


async def test_a_session_set_beforehand_is_never_logged_in(enter: Enter, ana: str) -> None:
    planted = "qaapp." + "a" * 43
    staff, thief = enter(), enter()
    staff.http.cookies.set("balcao_session", planted, domain="127.0.0.1", path="/console")
    thief.http.cookies.set("balcao_session", planted, domain="127.0.0.1", path="/console")
    before = token_of((await staff.get("/console/login")).text)
    assert before
    await staff.log_in(ana)
    assert planted not in [cookie.value for cookie in staff.http.cookies.jar if cookie.value]
    assert (await thief.get("/console")).url.path == "/console/login"


async def test_guessing_is_stopped_in_all_processes_at_once(enter: Enter, ana: str, db: Database) -> None:
    staff = enter()
    answers = [await staff.log_in(ana, f"guess-{n}") for n in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert "Tentativas demais" in text_of(answers[-1].text)
    right = await enter().log_in(ana)
    assert right.status_code == 429, "the right password must not be told from wrong ones"
    async with db.transaction() as tx:
        await tx.execute("UPDATE console_attempt SET since_us = since_us - 901000000")
    assert (await enter().log_in(ana)).url.path == "/console"
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM console_attempt WHERE subject NOT LIKE 'address:%'") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_cannot_act(enter: Enter, ana: str, headers: dict[str, str]) -> None:
    staff = enter()
    await staff.log_in(ana)
    token = token_of((await staff.get("/console")).text)
    answer = await staff.http.post("/console/logout", data={"csrf": token}, headers=headers)
    assert answer.status_code == 403
    assert (await staff.get("/console")).url.path == "/console"


@pytest.mark.parametrize("token", [None, "", "x", "A" * 88, "é", "=" * 88])
async def test_a_form_needs_its_token(enter: Enter, ana: str, token: str | None) -> None:
    staff = enter()
    await staff.log_in(ana)
    data = {} if token is None else {"csrf": token}
    assert (await staff.http.post("/console/logout", data=data)).status_code == 403
    login = await enter().http.post("/console/login", data={"email": ana, "password": PASSWORD, **data})
    assert login.status_code == 403


async def test_a_token_of_somebody_else_is_refused(enter: Enter, ana: str) -> None:
    one, other = enter(), enter()
    await one.log_in(ana)
    await other.log_in(ana)
    token = token_of((await other.get("/console")).text)
    assert (await one.http.post("/console/logout", data={"csrf": token})).status_code == 403


async def test_answers_are_guarded(enter: Enter, ana: str) -> None:
    staff = enter()
    for page in (await staff.get("/console/login"), await staff.log_in(ana), await staff.get("/console/nowhere")):
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
    cookie = next(
        cookie
        for cookie in staff.http.cookies.jar
        if cookie.name == "balcao_session" and "qaapp" in (cookie.value or "")
    )
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert cookie.path == "/console"


@pytest.mark.parametrize(
    "next_", ["https://evil.example/console", "//evil.example/console", "/\\evil.example", "javascript:alert(1)", "/v1"]
)
async def test_login_leads_nowhere_else(enter: Enter, ana: str, next_: str) -> None:
    assert (await enter().log_in(ana, next=next_)).url.path == "/console"


async def test_login_leads_back_to_the_page_that_was_asked_for(enter: Enter, ana: str) -> None:
    staff = enter()
    asked = await staff.get("/console/nowhere/else?a=b", follow_redirects=False)
    assert asked.status_code == 404
    opened = await staff.log_in(ana, next="/console?status=Pending")
    assert str(opened.url).endswith("/console?status=Pending")


async def test_several_shops_are_asked_for_by_name(enter: Enter, ana: str, db: Database) -> None:
    async with db.transaction() as tx:
        await create_tenant(tx, CreateTenant(name="other", actor="test"), now_us())
    staff = enter()
    page = (await staff.get("/console/login")).text
    assert 'name="tenant"' in page
    assert "qaapp" not in page
    assert (await staff.log_in(ana)).status_code == 401
    assert (await staff.log_in(ana, tenant="other")).status_code == 401
    assert (await staff.log_in(ana, tenant="no such / shop")).status_code == 401
    assert (await staff.log_in(ana, tenant="qaapp")).url.path == "/console"


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "Entrar"),
        ("en-US,en;q=0.9", "Log in"),
        ("de;q=0.9, en;q=0.2, pt;q=0.1", "Log in"),
        ("xx;q=zzz,,;;", "Entrar"),
        ("", "Entrar"),
    ],
)
async def test_language_of_the_browser(enter: Enter, tenant: Tenant, accepted: str, title: str) -> None:
    page = (await enter(**{"Accept-Language": accepted}).get("/console/login")).text
    assert f"<title>{title} · Balcão</title>" in page


async def test_language_and_light_are_chosen(enter: Enter, ana: str) -> None:
    staff = enter(**{"Accept-Language": "pt"})
    await staff.log_in(ana)
    english = await staff.get("/console/language/en", headers={"Referer": f"{staff.url}/console?status=Pending"})
    assert str(english.url).endswith("/console?status=Pending")
    assert '<html lang="en">' in english.text
    assert 'data-bs-theme="dark"' in (await staff.get("/console/theme/dark")).text
    assert "data-bs-theme" not in (await staff.get("/console/theme/auto")).text.split("<head>")[0]
    for path in ("/console/language/de", "/console/theme/pink", "/console/nowhere", "/console/static/x/no.css"):
        assert (await staff.get(path)).status_code == 404


async def test_stores_of_an_operator(enter: Enter, db: Database, tenant: Tenant) -> None:
    stores = ("04109169000135", "12345678000195")
    await add_user(db, tenant, "rui@loja.example", UserRole.OPERATOR, stores)
    staff = enter()
    await staff.log_in("rui@loja.example")
    assert "04.109.169/0001-35" in (await staff.get("/console")).text
    await staff.post("/console/store", seller=stores[1])
    async with db.read() as tx:
        assert await tx.fetchval("SELECT seller_cnpj FROM console_session") == stores[1]
    refused = await staff.post("/console/store", seller="99999999000191")
    assert "Você não trabalha nessa loja." in text_of(refused.text)
    async with db.read() as tx:
        assert await tx.fetchval("SELECT seller_cnpj FROM console_session") == stores[1]


async def test_files_are_kept_by_browsers(enter: Enter) -> None:
    staff = enter()
    page = (await staff.get("/console/theme/light", follow_redirects=False)).headers
    assert page["location"] == "/console"
    sheet = await staff.get("/console/static/old/console.css", headers={"Accept-Encoding": "identity"})
    assert (sheet.status_code, sheet.headers["cache-control"]) == (200, "no-cache")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    for path in ("/console/static/x/../words.py", "/console/static/x/%2e%2e/words.py", "/console/static/x/"):
        assert (await staff.get(path)).status_code == 404
