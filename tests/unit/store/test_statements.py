"""Named statements."""

from pathlib import Path

import pytest

from broker.store import statements


def test_every_statement_says_its_purpose_and_its_locks() -> None:
    """Each file loads, which it does only where each statement says both; there are as many as the store needs."""
    loaded = {file: statements.load(file) for file in statements.files()}

    assert {"outbox", "dead_letters", "message_writes", "outbox_writes"} <= loaded.keys()
    assert all(loaded.values())


def test_a_statement_carries_its_name_for_who_reads_the_server() -> None:
    """The text begins with a comment of file and name, and ends without a semicolon."""
    text = statements.load("outbox")["fence"]

    assert text.startswith("-- outbox.fence\n")
    assert not text.endswith(";")


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("SELECT 1;\n-- name: a --\n-- What for.\n-- Locks: none.\nSELECT 1;", "without a name"),
        ("-- name: a --\n-- What for.\nSELECT 1;", "purpose and the locks"),
        ("-- name: a --\n-- Locks: none.\nSELECT 1;", "purpose and the locks"),
        (
            "-- name: a --\n-- What.\n-- Locks: none.\nSELECT 1;\n-- name: a --\n-- What.\n-- Locks: none.\nSELECT 1;",
            "twice",
        ),
    ],
)
def test_a_file_that_says_too_little_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, block: str, told: str
) -> None:
    """A statement without name, purpose or locks, or a name used twice, does not load."""
    (tmp_path / "odd.sql").write_text(block)
    monkeypatch.setattr(statements, "_FOLDER", tmp_path)

    with pytest.raises(ValueError, match=told):
        statements.load.__wrapped__("odd")
