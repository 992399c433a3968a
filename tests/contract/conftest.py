"""The transports that the conformance suite is tried on, each in turn."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.transport.seam import Transport
from tests.support.transports import AmqpLab, DirectoryLab, Lab


@pytest.fixture(params=["amqp", "directory"])
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lab]:
    """Give each kind of transport in turn."""
    async with contextlib.AsyncExitStack() as stack:
        if request.param == "amqp":
            yield AmqpLab(request.getfixturevalue("rabbitmq"), stack)
        else:
            yield DirectoryLab(tmp_path / "root", stack)


@pytest.fixture
async def transport(lab: Lab) -> Transport:
    """Give an open transport."""
    return await lab.transport()
