"""structlog as JSON lines on standard error, one canonical line a message."""

import logging
import sys
from collections.abc import Callable
from typing import TextIO

import orjson
import structlog


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Set up logging once for the process. Log lines go to ``stream`` (standard error) as one JSON object each."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library; their warnings would otherwise carry values of the statement at hand.
    logging.basicConfig(level=logging.CRITICAL, force=True)


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return bound


def _dumps(line: object, default: Callable[[object], object]) -> str:
    return orjson.dumps(line, default=default, option=orjson.OPT_SORT_KEYS).decode()
