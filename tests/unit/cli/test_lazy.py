"""Commands that are imported when they are called."""

import subprocess
import sys

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from broker.__main__ import COMMANDS, app

MESSAGES = ("broker.parse", "broker.transform", "broker.validate", "broker.wiring", "lxml")
"""What works on messages."""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_commands_own_help_says(name: str) -> None:
    """The sentences beside a command's name are the first ones of its help."""
    made = COMMANDS[name].load()
    own = made.info.help if isinstance(made, typer.Typer) else made.__doc__
    first = " ".join(str(own).partition("\n\n")[0].split())

    assert COMMANDS[name].help == first


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_under_its_name(name: str) -> None:
    """Its help says how it is called."""
    result = CliRunner().invoke(app, [name, "--help"])

    assert result.exit_code == 0
    assert f"broker {name} " in result.output


def test_a_command_that_there_is_not_is_named_with_the_nearest() -> None:
    """As in any other group."""
    result = CliRunner().invoke(app, ["stauts"])

    assert result.exit_code == 2
    assert "Did you mean 'status'?" in result.output


@pytest.mark.parametrize(
    ("program", "command", "rooms"),
    [
        ("broker.__main__", "--help", ("broker.settings", "broker.store", "aio_pika", *MESSAGES)),
        ("broker.__main__", "status --help", MESSAGES),
        ("dlq.cli", "list --help", MESSAGES),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(program: str, command: str, rooms: tuple[str, ...]) -> None:
    """An operator does not wait for it."""
    call = f"app({command.split()!r}, standalone_mode=False)"
    code = f"import sys\nfrom {program} import app\n{call}\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(rooms) & set(ran.stdout.splitlines()[-1].split())


def test_every_command_is_listed() -> None:
    """The group knows the names without importing anything."""
    assert list(get_command(app).list_commands(None)) == list(COMMANDS)  # type: ignore[attr-defined]
