"""The page that says how much of each message the canonical events say."""

from tests.support.coverage_page import PAGE, render


def test_the_page_is_made_from_the_mappings() -> None:
    """docs/coverage.md is what the mappings give; `python -m tests.support.coverage_page` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == render()
