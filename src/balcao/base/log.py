"""Logging: structlog for everything, also for what libraries say through the standard library's logging."""

import atexit
import logging
import sys
from typing import Any, Final

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from balcao.base.frequent import FrequentLines

SECRET_NAMES: Final = frozenset(
    {"authorization", "client_secret", "clientsecret", "password", "secret", "secret_key", "access_token", "token"}
)
"""Whatever is logged under these names is masked: a last line of defence, nobody should log them."""
PERSONAL_NAMES: Final = frozenset({"cpf", "email", "full_name", "fullname", "phone_number", "phonenumber", "buyer"})
_encoder = msgspec.json.Encoder(enc_hook=repr, decimal_format="number")
_frequent: FrequentLines | None = None


def set_up_logging(*, level: str, log_format: str) -> None:
    """Send every log line of this process to standard error as JSON lines, or coloured for a console.

    level: debug, info, warning or error; log_format: json or console.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask,
    ]
    structlog.configure(
        processors=[*shared, *_rendering(log_format)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_writer(log_format),
        cache_logger_on_first_use=True,
    )
    global _frequent  # noqa: PLW0603 - as structlog's configuration, of which it is a part
    says_info = log_format == "json" and level.upper() in {"DEBUG", "INFO"}
    _frequent = FrequentLines(sys.stderr.buffer) if says_info else None
    if _frequent is not None:
        atexit.register(_frequent.write)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # our own access log says it without addresses


def frequent_lines() -> FrequentLines | None:
    """Where lines that come by the thousand go; None where they go through structlog like every other."""
    return _frequent


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what must never be in a log."""
    for name in event:
        if name.lower() in SECRET_NAMES or name.lower() in PERSONAL_NAMES:
            event[name] = "***"
    return event


def _rendering(log_format: str) -> list[Processor]:
    # Plain tracebacks: structlog's other two print local variables, among them secrets and buyers.
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _writer(log_format: str) -> Any:
    # Our own lines do not pass through the standard library's logging: that costs four times as much.
    if log_format == "json":
        return structlog.BytesLoggerFactory(sys.stderr.buffer)
    return structlog.WriteLoggerFactory(sys.stderr)


def _formatter(log_format: str, shared: list[Processor]) -> logging.Formatter:
    remove: Processor = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[remove, *_rendering(log_format), _as_text]
    )


def _as_text(_logger: WrappedLogger, _method: str, line: Any) -> Any:
    return line.decode() if isinstance(line, bytes) else line


def _dumps(event: Any, **_: Any) -> bytes:
    return _encoder.encode(event)
