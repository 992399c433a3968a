"""Fixtures of the audit log's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.audit_log import AuditLog


@pytest.fixture
async def log(dsn: str, tmp_path: Path) -> AsyncIterator[AuditLog]:
    """Give a test an empty log."""
    log = AuditLog(dsn, tmp_path / "keys")
    yield log
    await log.ledger.close()
