"""Fixtures every test may ask for. A server that cannot be started fails the test: none is skipped for want of one."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.support")  # before anything of it is imported: its assertions say what they saw

from tests.support.postgres import dsn, postgres  # noqa: E402  not before the line above
from tests.support.rabbitmq import RabbitMQ, private_rabbitmq  # noqa: E402  as above

__all__ = ["dsn", "postgres", "rabbitmq"]


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """Run one RabbitMQ node for the whole session; tests use queues of their own names on it."""
    with private_rabbitmq() as node:
        yield node
