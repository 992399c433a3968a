"""The layout: what lies at the root, which rooms there are, and that every file is reached."""

import ast
import re
from pathlib import Path

from broker.__main__ import COMMANDS
from tests.support.tree import ROOT, entries, files, python, relative, syntax

AT_THE_ROOT = {
    *(".ci", ".dockerignore", ".gitignore"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("Dockerfile", "Makefile", "docker-compose.yml", "pyproject.toml"),
    *("bench", "broker", "deploy", "dlq", "docs", "examples", "mappings", "requirements", "schemas", "tests"),
}
ENTRY_POINTS = {"broker", "broker.__main__", "dlq", "dlq.__main__"}
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_the_root_holds_what_a_reader_needs() -> None:
    """Nothing lies at the root that is not listed here, and nothing listed is missing."""
    names = {path.name for path in entries()}
    assert names - AT_THE_ROOT == set()
    assert AT_THE_ROOT - names == set()


def test_every_module_is_imported() -> None:
    """No module of the two programs is dead: each is imported by another, makes a command, or begins a program."""
    modules = {_module(file): file for file in python("broker", "dlq")}
    imported = {name for file in modules.values() for name in _imports(file)}
    reached = imported | ENTRY_POINTS | {home.where.partition(":")[0] for home in COMMANDS.values()}
    packages = {name for name, file in modules.items() if file.name == "__init__.py"}
    assert sorted(set(modules) - reached - packages) == []


def test_unit_tests_mirror_the_rooms() -> None:
    """Each folder of unit tests is a room of the broker or the office, and each test file beside them a module."""
    rooms = {path.name for path in (ROOT / "broker").iterdir() if path.is_dir()} | {"dlq"}
    unit = ROOT / "tests" / "unit"
    assert {path.name for path in unit.iterdir() if path.is_dir() and path.name != "__pycache__"} - rooms == set()
    modules = {path.stem for path in (ROOT / "broker").glob("*.py")}
    assert {path.stem.removeprefix("test_") for path in unit.glob("*.py")} - modules == set()


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link of a page names a file of the repository."""
    pages = [file for file in files() if file.suffix == ".md"]
    broken = [
        f"{relative(page)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_says_why_and_what_follows() -> None:
    """A page in docs/decisions has its context, its decision and its consequences, in that order."""
    pages = files("docs/decisions")
    headings = {relative(page): re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE) for page in pages}
    assert pages
    assert {name: found for name, found in headings.items() if found != ["Context", "Decision", "Consequences"]} == {}


def _module(file: Path) -> str:
    return relative(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(file: Path) -> set[str]:
    """Every module that a file imports, with ``from package import module`` counted as that module."""
    names: set[str] = set()
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
