"""The pages about settings and names say what the code says."""

from pathlib import Path

import pytest

from broker.settings import CONFIG_VARIABLE, keys, variable
from tests.support.configuration_page import pages, variables_in
from tests.support.tree import ROOT


@pytest.mark.parametrize("page", sorted(pages()), ids=lambda page: page.name)
def test_the_page_is_made_from_the_code(page: Path) -> None:
    """`python -m tests.support.configuration_page` writes it anew."""
    assert page.read_text(encoding="utf-8") == pages()[page]


def test_every_variable_in_the_readme_is_a_setting() -> None:
    """A newcomer who copies a variable from the README gets what it says."""
    known = {variable(path) for path, _ in keys()} | {CONFIG_VARIABLE}
    assert variables_in((ROOT / "README.md").read_text()) <= known
