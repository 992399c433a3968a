"""The store of one test."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
from tests.support.rows import Reader
from tests.support.store import Store


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[Store]:
    """Give the store of one test, closed at its end."""
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(Reader.on(dsn))
        yield Store(dsn, stack, reader)


@pytest.fixture
def postgres_alone() -> Iterator[Postgres]:
    """Give one test a server of its own, to do harm to."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="broker-pg-")))
    server.start()
    yield server
    server.discard()
