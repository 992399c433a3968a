"""structlog as JSON lines on standard error, one canonical line a message."""

import logging
import sys
from collections.abc import Callable
from functools import cache
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
    logger.cache_clear()
    # Libraries log through the standard library; their warnings would otherwise carry values of the statement at hand.
    logging.basicConfig(level=logging.CRITICAL, force=True)


@cache
def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger; until it is set up anew the same, since making one takes as long as a line."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind()
    return bound


def _dumps(line: object, default: Callable[[object], object]) -> str:
    return orjson.dumps(line, default=default, option=orjson.OPT_SORT_KEYS).decode()
