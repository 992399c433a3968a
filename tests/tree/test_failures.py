"""Every failure code has a policy, a runbook, a place where it arises and a test; no runbook is left over."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from broker.message.failure import FailureCode
from broker.pipeline.policy import Policies
from tests.support.commands import unknown_words
from tests.support.tree import ROOT, python, shell_lines, syntax

CODES = list(FailureCode)
RUNBOOKS = ROOT / "dlq" / "runbooks"
SECTIONS = ["What it means", "What to check", "How to mend", "How to replay"]
TOOLS = {"iconv"}


def test_every_code_has_a_policy() -> None:
    """The policies load, which demands one for each code, and each names its own page."""
    policies = Policies.load((ROOT / "dlq" / "policies.toml").read_text(encoding="utf-8"))
    assert {code: policies.of(code).runbook for code in CODES} == {code: f"{code}.md" for code in CODES}


def test_every_page_belongs_to_a_code() -> None:
    """The folder of runbooks holds one page for each code and nothing else."""
    assert {path.name for path in RUNBOOKS.iterdir()} == {f"{code}.md" for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_a_page_answers_four_questions(code: FailureCode) -> None:
    """A runbook is titled by its code, has the four sections with something in each, and ends in commands."""
    text = (RUNBOOKS / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code}: ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert all(len(part.strip()) > 40 for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])
    assert text.endswith("```\n")


@pytest.mark.parametrize("code", CODES)
def test_the_commands_of_a_page_exist(code: FailureCode) -> None:
    """Each command of a runbook is one of our programs' with options it has, or a known tool of the system."""
    commands = [shlex.split(line) for line in shell_lines(RUNBOOKS / f"{code}.md")]
    assert [(words, wrong) for words in commands if words[0] not in TOOLS and (wrong := unknown_words(words))] == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_arises_somewhere(code: FailureCode) -> None:
    """Some module of the broker gives each code: the closed set holds nothing that cannot happen."""
    assert any(_names(file, code) for file in python("broker") if file.name != "failure.py")


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_tested(code: FailureCode) -> None:
    """Some test outside of this folder names each code."""
    tests = (file for file in python("tests") if "tree" not in file.relative_to(ROOT).parts)
    assert any(_names(file, code) for file in tests)


def _names(file: Path, code: FailureCode) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr == code.name)
        or (isinstance(node, ast.Constant) and node.value == code.value)
        for node in ast.walk(syntax(file))
    )
