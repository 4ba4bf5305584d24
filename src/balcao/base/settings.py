"""Every setting, in one table that is read from, handed to child processes, printed and documented."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import platformdirs

from balcao.base.errors import Invalid

MIB = 1024 * 1024
SECRET_KEY_MIN = 32
"""Characters: what `secrets.token_urlsafe(24)` gives, 192 bits."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process; `FIELDS` says what each is. Reading them touches no file."""

    home: Path
    database_url: str | None
    secret_key: str | None
    public_url: str | None
    host: str
    port: int
    workers: int
    files_url: str
    body_limit_bytes: int
    batch_wait_s: int
    pool_size: int
    requests_max: int
    log_level: str
    log_format: str
    webhook_allow_private: bool
    token_ttl_s: int
    revocation_poll_s: int

    def __repr__(self) -> str:
        shown = (f"{field.name}={shown_value(self, field)!r}" for field in FIELDS)
        return f"Settings({', '.join(shown)})"


class Field(NamedTuple):
    """One row of the table; `parse` raises ValueError with the end of a sentence."""

    name: str
    variable: str
    default: str
    parse: Callable[[str], Any]
    description: str


def read_settings(env: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """The settings of `env`, before them `overrides` (values by field name, None: not given).

    An empty variable is an unset one. Raises Invalid whose `errors` name the variables, all wrong ones at once.
    """
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for field in FIELDS:
        given = overrides.pop(field.name, None)
        text = env.get(field.variable, "").strip() if given is None else _as_text(given)
        try:
            values[field.name] = field.parse(text) if text else _default(field, values)
        except ValueError as error:
            errors[field.variable] = [str(error)]
    if overrides:
        raise TypeError(f"no such settings: {', '.join(overrides)}")
    if errors:
        detail = "; ".join(f"{variable} {messages[0]}" for variable, messages in errors.items())
        raise Invalid(f"Wrong settings: {detail}.", errors=errors, code="invalid_settings")
    return Settings(**values)


def settings_env(settings: Settings) -> dict[str, str]:
    """The variables from which a child process reads the very same settings."""
    values = {field.variable: getattr(settings, field.name) for field in FIELDS}
    return {variable: _as_text(value) for variable, value in values.items() if value is not None}


def server_processes(workers: int) -> int:
    """So many as were asked for; 0: one for each processor that this process may use, at most four."""
    return workers or min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 4)


def shown_value(settings: Settings, field: Field) -> str:
    """The value as it may be printed: of a secret only that it is set, a URL without its password."""
    value = getattr(settings, field.name)
    if value is None:
        return "(not set)"
    if field.name == "secret_key":
        return "(set)"
    return re.sub(r"(://[^/?#@:]*:|[?&]password=)[^/?#@&]*", r"\1***", _as_text(value))


def _default(field: Field, values: Mapping[str, Any]) -> Any:
    if field.name == "home":
        return platformdirs.user_data_path("balcao", appauthor=False)
    if field.name == "files_url":
        home = values.get("home")  # missing when the variable is wrong, which is reported then
        return (home / "files").as_uri() if home else ""
    return field.parse(field.default) if field.default else None


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, OSError) as error:  # no home folder to expand `~` to, or no current folder
        raise ValueError(f"must be a folder ({error})") from error


def _host(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:_%-]+", text):
        raise ValueError("must be an address or a host name")
    return text


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text

    return parse


def _public_url(text: str) -> str:
    parts = urlsplit(_url("http", "https")(text))
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://oms.example.com")
    return text.rstrip("/")


def _files_url(text: str) -> str:
    if text.startswith(("/", "~", ".")):
        return _folder(text).as_uri()
    return _url("file", "s3")(text).rstrip("/")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return parse


def _flag(text: str) -> bool:
    return _one_of("true", "false", "yes", "no", "on", "off", "1", "0")(text) in ("true", "yes", "on", "1")


def _long_secret(text: str) -> str:
    if len(text) < SECRET_KEY_MIN:
        raise ValueError(f"must have at least {SECRET_KEY_MIN} characters")
    return text


# fmt: off
FIELDS: tuple[Field, ...] = (
    Field("home", "BALCAO_HOME", "", _folder,
          "Folder of the embedded database, files and secret key; the user's data folder when not set."),
    Field("database_url", "DATABASE_URL", "", _url("postgresql", "postgres"),
          "PostgreSQL 15 to 18; an embedded one in BALCAO_HOME/postgres when not set."),
    Field("secret_key", "BALCAO_SECRET_KEY", "", _long_secret,
          "Signs tokens and encrypts partners' secrets, the same for every process of an installation; "
          "kept in BALCAO_HOME/secret.key when not set."),
    Field("public_url", "BALCAO_PUBLIC_URL", "", _public_url,
          "Address under which callers reach this installation; the request's own host when not set."),
    Field("host", "BALCAO_HOST", "127.0.0.1", _host, "Address to listen on."),
    Field("port", "BALCAO_PORT", "8080", _whole(0, 65_535), "Port to listen on; 0 takes any free one."),
    Field("workers", "BALCAO_WORKERS", "0", _whole(0, 256), "Server processes; 0: one a processor, at most four."),
    Field("files_url", "BALCAO_FILES_URL", "", _files_url,
          "Where NF-e, DANFE and labels are kept: a folder, or s3://…; BALCAO_HOME/files when not set."),
    Field("body_limit_bytes", "BALCAO_BODY_LIMIT_BYTES", str(10 * MIB), _whole(1024, 1024 * MIB),
          "Largest request body in bytes."),
    Field("batch_wait_s", "BALCAO_BATCH_WAIT_S", "30", _whole(1, 3600),
          "Seconds that a batch sent with wait=true is waited for; then 202 says how far it is."),
    Field(
        "pool_size",
        "BALCAO_POOL_SIZE",
        "10",
        _whole(1, 1000),
        "Database connections of each process; servers take up to as many more for orders, and four for lists.",
    ),
    Field("requests_max", "BALCAO_REQUESTS_MAX", "512", _whole(1, 100_000),
          "Requests that one server process works on at a time; those beyond are answered 503 at once."),
    Field("log_level", "BALCAO_LOG_LEVEL", "info", _one_of("debug", "info", "warning", "error"),
          "debug, info, warning or error."),
    Field("log_format", "BALCAO_LOG_FORMAT", "json", _one_of("json", "console"), "json or console."),
    Field("webhook_allow_private", "BALCAO_WEBHOOK_ALLOW_PRIVATE", "false", _flag,
          "Whether outgoing calls (webhooks, OmniChat, pictures) may go to private addresses."),
    Field("token_ttl_s", "BALCAO_TOKEN_TTL_S", "3600", _whole(60, 86_400), "Seconds that a token lives."),
    Field("revocation_poll_s", "BALCAO_REVOCATION_POLL_S", "15", _whole(1, 3600),
          "Seconds after which every process knows of a revoked credential."),
)
# fmt: on
"""The table, in the order in which it is documented."""
