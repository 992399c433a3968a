"""Named SQL statements, read from ``sql/*.sql``.

A file holds blocks of this form; the comment says what the statement is for and which rows or tables it locks::

    -- name: lock_lanes --
    -- Fence: hold the lanes whose epoch is still ours until the transaction ends.
    -- Locks: the lane rows, FOR SHARE.
    SELECT ...
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- name: (\w+) --$", re.MULTILINE)


@cache
def load(file: str) -> Mapping[str, str]:
    """Give the statements of ``sql/<file>.sql`` by name, each under a comment of its name, for who reads the server.

    Raises ValueError where a name comes twice, a purpose or the locks are not said, or text stands before the first.
    """
    before, *parts = _NAME.split((_FOLDER / f"{file}.sql").read_text(encoding="utf-8"))
    if re.sub(r"^--.*$", "", before, flags=re.MULTILINE).strip():
        raise ValueError(f"{file}.sql has a statement without a name")
    statements: dict[str, str] = {}
    for name, block in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            raise ValueError(f"{file}.sql names {name} twice")
        statements[name] = _statement(file, name, block)
    return MappingProxyType(statements)


def files() -> tuple[str, ...]:
    """Name every statement file, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.sql")))


def _statement(file: str, name: str, block: str) -> str:
    lines = block.strip().splitlines()
    comments = [line for line in lines if line.startswith("--")]
    if len(comments) < 2 or not any(line.lower().startswith("-- locks:") for line in comments):  # noqa: PLR2004 - purpose and locks
        raise ValueError(f"{file}.sql, {name}: say the purpose and the locks")
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return f"-- {file}.{name}\n{text.rstrip().rstrip(';')}"
