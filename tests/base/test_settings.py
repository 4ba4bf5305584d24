"""Settings: defaults, where they come from, and what is said of wrong ones."""

from pathlib import Path

import platformdirs
import pytest

from balcao.base.errors import Invalid
from balcao.base.settings import FIELDS, Settings, read_settings, settings_env, shown_value


def test_defaults() -> None:
    settings = read_settings({})
    home = platformdirs.user_data_path("balcao")
    assert settings == Settings(
        home=home,
        database_url=None,
        secret_key=None,
        public_url=None,
        host="127.0.0.1",
        port=8080,
        workers=0,
        files_url=(home / "files").as_uri(),
        body_limit_bytes=10_485_760,
        batch_wait_s=30,
        pool_size=10,
        requests_max=512,
        log_level="info",
        log_format="json",
        webhook_allow_private=False,
        token_ttl_s=3600,
        revocation_poll_s=15,
    )


GIVEN = {
    "BALCAO_HOME": "/srv/balcao",
    "DATABASE_URL": "postgresql://balcao:s3cret@db.example.com:5432/balcao?sslmode=require",
    "BALCAO_SECRET_KEY": "k" * 32,
    "BALCAO_PUBLIC_URL": "https://oms.example.com/",
    "BALCAO_HOST": "0.0.0.0",  # noqa: S104
    "BALCAO_PORT": "0",
    "BALCAO_WORKERS": "4",
    "BALCAO_FILES_URL": "s3://bucket/balcao/",
    "BALCAO_BODY_LIMIT_BYTES": "1048576",
    "BALCAO_BATCH_WAIT_S": "5",
    "BALCAO_POOL_SIZE": "20",
    "BALCAO_REQUESTS_MAX": "100",
    "BALCAO_LOG_LEVEL": "DEBUG",
    "BALCAO_LOG_FORMAT": "console",
    "BALCAO_WEBHOOK_ALLOW_PRIVATE": "yes",
    "BALCAO_TOKEN_TTL_S": "600",
    "BALCAO_REVOCATION_POLL_S": "1",
}


def test_every_variable() -> None:
    assert set(GIVEN) == {field.variable for field in FIELDS}
    assert read_settings(GIVEN) == Settings(
        home=Path("/srv/balcao"),
        database_url="postgresql://balcao:s3cret@db.example.com:5432/balcao?sslmode=require",
        secret_key="k" * 32,
        public_url="https://oms.example.com",
        host="0.0.0.0",  # noqa: S104
        port=0,
        workers=4,
        files_url="s3://bucket/balcao",
        body_limit_bytes=1_048_576,
        batch_wait_s=5,
        pool_size=20,
        requests_max=100,
        log_level="debug",
        log_format="console",
        webhook_allow_private=True,
        token_ttl_s=600,
        revocation_poll_s=1,
    )


def test_the_table_is_the_struct() -> None:
    assert [field.name for field in FIELDS] == list(Settings.__struct_fields__)
    assert all(field.description.endswith(".") for field in FIELDS)


@pytest.mark.parametrize("env", [{}, GIVEN])
def test_a_child_process_reads_the_same(env: dict[str, str]) -> None:
    settings = read_settings(env)
    assert read_settings(settings_env(settings)) == settings


def test_a_command_line_goes_before_the_environment() -> None:
    settings = read_settings(GIVEN, port=9000, workers=None, home=Path("/elsewhere"), webhook_allow_private=False)
    assert (settings.port, settings.workers, settings.home) == (9000, 4, Path("/elsewhere"))
    assert settings.webhook_allow_private is False


def test_an_empty_variable_is_unset() -> None:
    assert read_settings({"BALCAO_PORT": " ", "DATABASE_URL": ""}).port == 8080
    assert read_settings({"DATABASE_URL": ""}).database_url is None


def test_files_may_be_a_folder() -> None:
    assert read_settings({"BALCAO_FILES_URL": "/srv/são joão"}).files_url == "file:///srv/s%C3%A3o%20jo%C3%A3o"
    assert read_settings({"BALCAO_HOME": "/h"}).files_url == "file:///h/files"


WRONG = [
    ("DATABASE_URL", "mysql://localhost/balcao", "must begin with postgresql:// or postgres://"),
    ("DATABASE_URL", "postgresql:", "must begin with postgresql:// or postgres://"),
    ("BALCAO_SECRET_KEY", "short", "must have at least 32 characters"),
    ("BALCAO_PUBLIC_URL", "oms.example.com", "must begin with http:// or https://"),
    ("BALCAO_PUBLIC_URL", "https://oms.example.com/?a=1", "must be an address such as https://oms.example.com"),
    ("BALCAO_PUBLIC_URL", "https://[oms", "Invalid IPv6 URL"),
    ("BALCAO_HOST", "http://0.0.0.0", "must be an address or a host name"),
    ("BALCAO_PORT", "http", "must be a whole number from 0 to 65535"),
    ("BALCAO_PORT", "65536", "must be a whole number from 0 to 65535"),
    ("BALCAO_PORT", "-1", "must be a whole number from 0 to 65535"),
    ("BALCAO_WORKERS", "-1", "must be a whole number from 0 to 256"),
    ("BALCAO_WORKERS", "two", "must be a whole number from 0 to 256"),
    ("BALCAO_WORKERS", "٢", "must be a whole number from 0 to 256"),
    ("BALCAO_FILES_URL", "ftp://files", "must begin with file:// or s3://"),
    ("BALCAO_BODY_LIMIT_BYTES", "10MB", "must be a whole number from 1024 to 1073741824"),
    ("BALCAO_POOL_SIZE", "0", "must be a whole number from 1 to 1000"),
    ("BALCAO_LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
    ("BALCAO_LOG_FORMAT", "xml", "must be one of json, console"),
    ("BALCAO_WEBHOOK_ALLOW_PRIVATE", "maybe", "must be one of true, false, yes, no, on, off, 1, 0"),
    ("BALCAO_TOKEN_TTL_S", "59", "must be a whole number from 60 to 86400"),
    ("BALCAO_REVOCATION_POLL_S", "0.5", "must be a whole number from 1 to 3600"),
    ("BALCAO_HOME", "~nobody-of-that-name/x", "must be a folder (Could not determine home directory.)"),
]


@pytest.mark.parametrize(("variable", "text", "message"), WRONG)
def test_a_wrong_value_names_its_variable(variable: str, text: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({variable: text})
    assert caught.value.errors == {variable: [message]}
    assert caught.value.code == "invalid_settings"
    assert caught.value.detail == f"Wrong settings: {variable} {message}."


def test_all_wrong_values_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({"BALCAO_PORT": "x", "BALCAO_LOG_FORMAT": "x"}, workers=-1)
    assert list(caught.value.errors) == ["BALCAO_PORT", "BALCAO_WORKERS", "BALCAO_LOG_FORMAT"]


def test_an_unknown_override_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no such settings: prot"):
        read_settings({}, prot=8080)


def test_nothing_printed_holds_a_secret() -> None:
    settings = read_settings(GIVEN)
    shown = {field.variable: shown_value(settings, field) for field in FIELDS}
    assert shown["BALCAO_SECRET_KEY"] == "(set)"
    assert shown["DATABASE_URL"] == "postgresql://balcao:***@db.example.com:5432/balcao?sslmode=require"
    other = read_settings({"DATABASE_URL": "postgresql:///balcao?host=/run&password=s3cret&user=balcao"})
    assert shown_value(other, FIELDS[1]) == "postgresql:///balcao?host=/run&password=***&user=balcao"
    assert shown["BALCAO_WEBHOOK_ALLOW_PRIVATE"] == "true"
    assert "kkkk" not in repr(settings)
    assert "s3cret" not in repr(settings)
    assert shown_value(read_settings({}), FIELDS[1]) == "(not set)"
