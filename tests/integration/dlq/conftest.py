"""The store of one test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.support.rows import Reader
from tests.support.store import Store


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[Store]:
    """Give the store of one test, closed at its end."""
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(Reader.on(dsn))
        yield Store(dsn, stack, reader)
