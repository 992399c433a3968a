"""Settings: each is used, and each is in the table that a reader configures by."""

import ast

from broker.settings import keys, variable
from tests.support.tree import ROOT, python, syntax


def test_every_setting_is_used() -> None:
    """Some module of the broker other than the settings' own reads each setting by its name."""
    used: set[str] = set()
    for file in python("broker", "dlq"):
        if file != ROOT / "broker" / "settings.py":
            used |= _words(syntax(file))
    assert [".".join(path) for path, _ in keys() if path[-1] not in used] == []


def test_every_setting_is_described() -> None:
    """Each setting has a description that ends like a sentence."""
    assert [".".join(path) for path, text in keys() if not text.endswith((".", "`."))] == []


def test_every_setting_has_a_variable_of_its_own() -> None:
    """No two settings share an environment variable."""
    variables = [variable(path) for path, _ in keys()]
    assert len(variables) == len(set(variables))


def _words(tree: ast.Module) -> set[str]:
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    # A secret is read by the name of its setting; the `_file` beside it is read where that is.
    return attributes | texts | {f"{each}_file" for each in texts}
