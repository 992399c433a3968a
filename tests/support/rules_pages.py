"""Writes ``docs/rules``: a page a rule and one that lists them. Run it as ``python -m tests.support.rules_pages``."""

from pathlib import Path

from broker.validate.rules import RULES
from broker.validate.rules.page import index, page
from tests.support.tree import ROOT

FOLDER = ROOT / "docs" / "rules"


def pages() -> dict[Path, str]:
    """Give the text of every page."""
    return {FOLDER / "README.md": index()} | {FOLDER / f"{rule.id}.md": page(rule) for rule in RULES.values()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.glob("*.md"):
        file.unlink()
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
