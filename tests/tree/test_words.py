"""Words that do not belong into the repository. They are put together here so that this file does not hold them."""

import re
from pathlib import Path

import pytest

from tests.support.tree import files, relative

TEXT = {".py", ".md", ".toml", ".sql", ".txt", ".in", ".yml", ".xml", ".json", ".typed", ""}
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME)\\b")
PLACES = re.compile("/" + "work/|/" + r"tmp/s\b")
REGISTRIES = re.compile(
    "pypi" + r"\.org|python" + r"hosted\.org|npm" + r"js\.|docker" + r"\.io|crates" + r"\.io|ghcr" + r"\.io"
)
AUTHORS = re.compile("(?i)co-" + "authored-by|generated" + " with|" + "chat" + "gpt|" + "clau" + "de|" + "copi" + "lot")


@pytest.mark.parametrize(
    "pattern", [UNFINISHED, PLACES, REGISTRIES, AUTHORS], ids=["unfinished", "places", "registries", "authors"]
)
def test_no_forbidden_word(pattern: re.Pattern[str]) -> None:
    """No file speaks of unfinished work, of a place on somebody's machine, of a registry, or of who wrote it."""
    found = [f"{relative(file)}: {match.group()}" for file in _texts() if (match := pattern.search(_read(file)))]
    assert found == []


def _texts() -> list[Path]:
    return [file for file in files() if file.suffix in TEXT]


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
