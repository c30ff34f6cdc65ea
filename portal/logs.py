"""Structured logs: one event a line, JSON or for reading, always on standard error."""

import re
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from structlog.typing import EventDict, WrappedLogger

# Who knows the next part of these paths may ring the team, acknowledge for it, or take an account.
SECRET_PATHS = re.compile(r"(/(?:in|a)/|/password/reset/key/|/confirm-email/)[^/\s?\"']+")

# Django writes where in the code a request was refused, which helps nobody and fills disks.
REFUSALS = (BadRequest, PermissionDenied, SuspiciousOperation)

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def mask_secrets(text: str) -> str:
    """`text` with the secret part of each path in it replaced."""
    return SECRET_PATHS.sub(r"\1***", text)


def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask the message itself: Django names the whole path when it reports a 404 or a 500."""
    event["event"] = mask_secrets(str(event.get("event", "")))
    return event


def untrace_refusals(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A refused request is one line; only what is broken gets a traceback."""
    trace = event.get("exc_info")
    error = trace[1] if isinstance(trace, tuple) else trace
    if isinstance(error, REFUSALS):
        del event["exc_info"]
    return event


def configuration(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING for `form` (console or json); also configures structlog itself."""
    structlog.configure(
        processors=[
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderers: list[Any] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    if form == "console":
        renderers = [structlog.dev.ConsoleRenderer(colors=False)]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    mask_event,
                    untrace_refusals,
                    *renderers,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
