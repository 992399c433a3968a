"""The tests themselves: each says what holds, none waits by the clock."""

import ast
from collections.abc import Iterator

from tests.support.tree import Function, every_test, python, relative, syntax

SLEEPERS: dict[str, str] = {
    # "tests/.../test_x.py": "why",
}
"""Files that may sleep, and why: the sleep is what is tested, or a fault that lasts."""


def test_every_test_says_what_holds() -> None:
    """Each test has a docstring of one paragraph that ends like a sentence."""
    assert [each.place for each in every_test() if not _is_sentence(ast.get_docstring(each.node))] == []


def test_every_test_can_fail() -> None:
    """Each test asserts something, expects an exception, or hands over to what does."""
    assert [each.place for each in every_test() if not _can_fail(each)] == []


def test_no_test_waits_by_the_clock() -> None:
    """No test or test support sleeps, save to give others their turn (0 s) or where the list says why."""
    found = [
        f"{relative(file)}:{line}"
        for file in python("tests")
        if relative(file) not in SLEEPERS
        for line in _sleeps(syntax(file))
    ]
    assert found == []


def test_the_list_of_sleepers_is_true() -> None:
    """Each file on the list is there."""
    assert set(SLEEPERS) - {relative(file) for file in python("tests")} == set()


def _is_sentence(docstring: str | None) -> bool:
    return docstring is not None and docstring.endswith(".") and "\n\n" not in docstring


def _can_fail(test: Function) -> bool:
    for node in ast.walk(test.node):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name == "raises" or name.lstrip("_").startswith(("assert", "check", "expect", "validate")):
                return True
    return False


def _sleeps(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "sleep" and not _is_zero(node):
            yield node.lineno


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_zero(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
