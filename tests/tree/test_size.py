"""Sizes: a file is one noun and a function one thought."""

import pytest

from tests.support.tree import functions, python, relative

FILE_LINES = 450
FUNCTION_LINES = 60
P90_FUNCTION_LINES = 30
SAYS_NOTHING = {"utils", "util", "common", "helpers", "helper", "base", "manager", "misc"}


def test_no_file_is_longer_than_a_reader_holds() -> None:
    """No Python file has more than 450 lines."""
    lines = {relative(file): len(file.read_text(encoding="utf-8").splitlines()) for file in python()}
    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """No function has more than 60 lines."""
    assert [each.place for each in functions() if each.lines > FUNCTION_LINES] == []


@pytest.mark.parametrize("top", ["broker", "dlq"])
def test_functions_are_short(top: str) -> None:
    """Nine of ten functions that ship have at most 30 lines."""
    lines = sorted(each.lines for each in functions(top))
    assert lines[int(len(lines) * 0.9)] <= P90_FUNCTION_LINES


def test_every_module_name_says_what_it_is() -> None:
    """No module is named after nothing."""
    assert [relative(file) for file in python() if file.stem in SAYS_NOTHING or file.parent.name in SAYS_NOTHING] == []
