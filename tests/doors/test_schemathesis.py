"""Schemathesis against the whole OpenAPI document, with a good token: nothing unexpected, nothing undocumented.

The short mode tries Schemathesis' own boundary cases of every operation and a few random ones, always the same.
BALCAO_TEST_SCHEMATHESIS=500 tries so many random ones instead, each time others, and goes from answer to request.
"""

import asyncio
import os
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import Api

pytestmark = pytest.mark.usefixtures("worker")

LONG = int(os.environ.get("BALCAO_TEST_SCHEMATHESIS", "0"))
EXAMPLES = LONG or 3
SEED = random.SystemRandom().randrange(2**32) if LONG else 20260809
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "examples,coverage,fuzzing"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "missing_required_header",
)
"""What is refused and what is taken is for our own tests to say: more is taken than the document promises."""
REVOKE = "revokeCredential"
"""Would find the id of its own credential in an answer and shut itself out."""


SHORT = """
[phases.coverage]
unexpected-methods = ["PATCH"]

[[operations]]
include-operation-id-regex = "^(createOrder|(pay|invoice|track|label|move|cancel)ExternalOrder)$"
phases.coverage.enabled = false
"""
"""In the short mode an operation whose twin (by id, or the newer form) is covered gets only random requests."""


async def attack(api: Api, folder: Path, *filters: str) -> tuple[int, int]:
    """Run Schemathesis on the operations that the filters choose: how many were tried, and with how many requests.

    Fails with all that it found when it found anything.
    """
    token = (await api.token(Role.ADMIN))["Authorization"]
    config = folder / "schemathesis.toml"
    config.write_text("" if LONG else SHORT)
    words: list[Any] = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", config,
        "run", f"{api.client.base_url}/schema/openapi.json",
        "--header", f"Authorization: {token}", "--phases", PHASES, "--checks", ",".join(CHECKS),
        "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--continue-on-failure", "--no-color", *filters,
    ]  # fmt: skip
    if not LONG:
        words += ["--generation-deterministic", "--no-shrink"]
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told = (await process.communicate())[0].decode()
    tested = re.search(r"Tested: (\d+)", told)
    cases = re.search(r"Test cases:\s+([\d,]+) generated", told)
    assert process.returncode == 0, told
    assert tested is not None, told
    assert cases is not None, told
    return int(tested[1]), int(cases[1].replace(",", ""))


async def operations(api: Api) -> dict[str, dict[str, Any]]:
    """The documented operations by method and path."""
    paths = (await api.client.get("/schema/openapi.json")).json()["paths"]
    return {f"{method} {path}": operation for path, methods in paths.items() for method, operation in methods.items()}


async def test_every_operation(api: Api, tmp_path: Path) -> None:
    await api.shipped()
    tested, cases = await attack(api, tmp_path, "--exclude-operation-id", REVOKE)
    assert tested == len(await operations(api)) - 1
    assert cases > 30 * tested


async def test_revoking(api: Api, tmp_path: Path) -> None:
    tested, cases = await attack(api, tmp_path, "--include-operation-id", REVOKE)
    assert (tested, cases > 5) == (1, True)


def problem_only(responses: dict[str, Any]) -> list[str]:
    return [
        status
        for status, answer in responses.items()
        if status[0] in "45" and list(answer["content"]) != ["application/problem+json"]
    ]


async def test_every_documented_refusal_is_a_problem(api: Api) -> None:
    documented = await operations(api)
    assert len(documented) > 50
    wrong = {name: found for name, one in documented.items() if (found := problem_only(one["responses"]))}
    assert wrong == {"post /oauth/token": ["400", "401"]}  # RFC 6749 says what those look like


async def test_what_every_operation_documents(api: Api) -> None:
    for name, operation in (await operations(api)).items():
        statuses = set(operation["responses"])
        expected = {"400"} if operation.get("security") == [{}] else {"400", "401", "403", "503"}
        assert expected <= statuses, name
        assert ("requestBody" in operation) is ("413" in statuses), name
        assert not statuses & {"500", "405"}, name
        assert "content" not in operation["responses"].get("204", {}), name
        assert operation["operationId"], name
        assert operation["description"], name
