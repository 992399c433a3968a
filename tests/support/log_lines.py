"""What this process logs, collected for one test; afterwards logging is as it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import structlog

from broker.observability import logs


@contextmanager
def collected(level: str = "info") -> Iterator[StringIO]:
    """Give the stream that lines of this level and above go to, one JSON object each."""
    stream = StringIO()
    before, handlers = logging.root.level, list(logging.root.handlers)
    logs.configure(level, stream)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        logs.logger.cache_clear()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(before)
