"""Fixtures every test may ask for. A server that cannot be started fails the test: none is skipped for want of one."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")  # before anything of it is imported: its assertions say what they saw

from tests.support.postgres import dsn, postgres  # noqa: E402  not before the line above
from tests.support.rabbitmq import RabbitMQ, private_rabbitmq  # noqa: E402  as above

__all__ = ["dsn", "postgres", "rabbitmq"]

# How long an example takes says how busy the machine is, not whether the property holds.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", settings.get_profile("explore"), derandomize=True, database=None)
settings.load_profile("suite")  # the same examples each time; --hypothesis-profile=explore draws others


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """Run one RabbitMQ node for the whole session; tests use queues of their own names on it."""
    with private_rabbitmq() as node:
        yield node
