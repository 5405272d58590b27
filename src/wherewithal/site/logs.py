"""Logs: one JSON object a line, on standard error, and never a secret in it."""

import logging
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any, TextIO

import structlog
from django.http import HttpRequest, HttpResponseBase

SECRET_WORDS = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key", "sessionid")
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

Respond = Callable[[HttpRequest], HttpResponseBase]


def hide_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Whatever is called like a secret is shown as ***, at any depth."""
    return {key: "***" if _is_secret(key) else _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "***" if _is_secret(str(key)) else _hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    return value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    hide_secrets,
]


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is by then: what it was when logging was set up may have been closed since."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # nobody sets it
        return sys.stderr


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: our own records and those of the libraries, in one form."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"()": StandardError, "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "wherewithal": {"level": level.upper()},
            "procrastinate": {"level": "WARNING"},
            # Django's own server, which only tests use, has a handler of its own, and tells of each closed connection.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }


def request_log(get_response: Respond) -> Respond:
    """Middleware: one line per request, and its id on every line written while it is answered."""
    log = structlog.get_logger("wherewithal.request")

    def respond(request: HttpRequest) -> HttpResponseBase:
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex)
        started = time.perf_counter()
        try:
            response = get_response(request)
            if request.path not in QUIET_PATHS:
                log.info(
                    "request",
                    method=request.method,
                    path=request.path,
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
            return response
        finally:
            structlog.contextvars.clear_contextvars()

    return respond
