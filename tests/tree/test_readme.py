"""The README's commands work: each is exercised by a test that this table names, and its options exist."""

import ast
import shlex

import pytest

from tests.support.commands import unknown_words
from tests.support.tree import ROOT, shell_lines, syntax

README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
OURS = ("broker", "dlq")
EXERCISED: dict[str, str] = {
    "make demo": "tests/integration/cli/test_programs.py::test_the_demo_holds",
    "make check": ".ci/run",
    "make test": ".ci/run",
    ".venv/bin/broker run": "tests/integration/cli/test_programs.py::test_a_message_is_sent_run_and_found_again",
    "broker send": "tests/integration/cli/test_programs.py::test_a_message_is_sent_run_and_found_again",
    "broker status": "tests/integration/cli/test_programs.py::test_a_message_is_sent_run_and_found_again",
    "broker audit": "tests/integration/cli/test_programs.py::test_a_message_is_sent_run_and_found_again",
    "broker validate": "tests/unit/cli/test_messages.py::test_valid_messages_exit_with_0_and_one_object_a_line",
    "broker convert": "tests/unit/cli/test_messages.py::test_events_come_one_a_line_the_message_first",
    "dlq list": "tests/integration/dlq/test_looking.py::test_a_person_sees_a_table",
    "dlq show": "tests/integration/dlq/test_looking.py::test_an_explanation_holds_reason_and_runbook_without_the_bytes",
    "dlq replay": "tests/integration/dlq/test_deciding.py::test_a_replay_is_requested_with_who_and_why",
    "dlq discard": "tests/integration/dlq/test_deciding.py::test_discarding_is_for_good",
    "deploy/secrets": "tests/tree/test_deployment.py::test_secrets_are_made_once",
    "docker compose": "tests/tree/test_deployment.py::test_settings_load_as_the_container_has_them",
}
"""What runs each command of the pages: the beginning of the command → a test, or the script that CI runs."""


def commands() -> list[str]:
    """Every command in the `sh` blocks of the pages a newcomer reads."""
    return [line for page in (README, CONTRIBUTING) if page.exists() for line in shell_lines(page)]


def beginning(command: str) -> str | None:
    """The longest entry of the table that the command begins with."""
    words = shlex.split(command)
    fitting = (each for each in EXERCISED if words[: len(each.split())] == each.split())
    return max(fitting, key=len, default=None)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_exercised(command: str) -> None:
    """The table says what runs a command of this form."""
    assert beginning(command) is not None


@pytest.mark.parametrize("command", [each for each in commands() if each.split()[0] in OURS])
def test_every_command_of_ours_exists(command: str) -> None:
    """The command and each of its options are there; a pipe ends the part that is ours."""
    assert unknown_words(shlex.split(command.split(" | ", 1)[0])) is None


@pytest.mark.parametrize("place", sorted(set(EXERCISED.values())))
def test_what_exercises_it_is_there(place: str) -> None:
    """Each test that the table names exists."""
    name, _, function = place.partition("::")
    assert (ROOT / name).is_file()
    if function:
        assert function in {getattr(node, "name", None) for node in ast.walk(syntax(ROOT / name))}


def test_the_readme_has_commands() -> None:
    """The page is there and shows how to start."""
    assert "make demo" in {line.strip() for line in shell_lines(README)}


def test_the_consumer_in_the_readme_is_the_one_that_runs() -> None:
    """The Python in the README is the example that a test runs as a process of its own, to the letter."""
    assert f"```python\n{(ROOT / 'examples' / 'ten_lines.py').read_text()}```" in README.read_text()
