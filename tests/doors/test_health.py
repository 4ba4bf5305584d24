"""Whether the process lives and can serve, above all while the database is away."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from balcao.base.embedded import EmbeddedPostgres
from balcao.base.errors import Invalid
from balcao.base.migrate import migrate
from balcao.base.settings import Settings, read_settings
from balcao.doors import health
from balcao.server import create_app
from tests.database import CARELESS
from tests.doors.conftest import serving


async def test_live_and_ready(client: httpx.AsyncClient) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready"), ("/cp/health/ready/", "ready")):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


async def test_a_stopping_process_is_not_ready(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = asyncio.Event()
    monkeypatch.setattr(health, "STOPPING", stopping)
    assert (await client.get("/health/ready")).status_code == 200
    stopping.set()
    assert (await client.get("/health/ready")).status_code == 503
    assert (await client.get("/health/live")).status_code == 200


async def test_unknown_paths_are_problems(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing/here")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_metrics_count_by_route(client: httpx.AsyncClient) -> None:
    name = 'balcao_http_requests_total{method="PUT",route="/v1/channels/{name}",status="401"}'

    async def count() -> float:
        text = (await client.get("/metrics")).text
        match = re.search(re.escape(name) + r" (\S+)", text)
        return float(match[1]) if match else 0

    before = await count()
    for channel in ("a", "b%2Fc"):
        await client.put(f"/cp/v1/channels/{channel}", json={})
    assert await count() == before + 2
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'balcao_http_request_seconds_count{method="PUT",route="/v1/channels/{name}"}' in answer.text


async def test_the_api_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/schema/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert {"/auth/token/anonymous", "/oauth/token", "/health/ready", "/v1/credentials"} <= set(described["paths"])
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert sorted(names) == sorted(set(names))
    assert "door" not in str(described)


class TestWithoutDatabase:
    @pytest.fixture
    def postgres(self, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
        server = EmbeddedPostgres(tmp_path / "home", settings=CARELESS)
        yield server
        server.stop()

    @pytest.fixture
    def settings(self, postgres: EmbeddedPostgres, tmp_path: Path) -> Settings:
        url = postgres.start()
        migrate(url)
        env = {"BALCAO_HOME": str(tmp_path), "DATABASE_URL": url, "BALCAO_POOL_SIZE": "2"}
        return read_settings(env, revocation_poll_s=1)

    async def test_every_route_answers_503_and_recovers(self, postgres: EmbeddedPostgres, settings: Settings) -> None:
        asked = {"clientId": "qaapp.abcdefghij", "clientSecret": "x", "scope": "lori"}
        async with serving(settings) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:

            async def answers() -> list[int]:
                all_ = [await client.get("/health/live"), await client.get("/health/ready")]
                all_.append(await client.post("/auth/token/anonymous", json=asked))
                for answer in all_:
                    if answer.status_code == 503:
                        assert answer.json()["code"] == "unavailable"
                        assert int(answer.headers["retry-after"]) >= 1
                return [answer.status_code for answer in all_]

            assert await answers() == [200, 200, 401]
            await asyncio.to_thread(postgres.stop)
            assert await answers() == [200, 503, 503]
            await asyncio.sleep(1.2)  # a poll of the revocations meets it too
            await asyncio.to_thread(postgres.start)
            assert await answers() == [200, 200, 401]

    async def test_starting_while_it_is_away(self, postgres: EmbeddedPostgres, settings: Settings) -> None:
        postgres.stop()
        async with serving(settings) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 503
            await asyncio.to_thread(postgres.start)
            assert (await client.get("/health/ready")).status_code == 200


def test_no_database_url_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        create_app(read_settings({"BALCAO_HOME": str(tmp_path)}))
    assert list(refused.value.errors) == ["DATABASE_URL"]
