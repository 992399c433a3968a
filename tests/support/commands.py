"""Whether a command written in a page is one that our programs have, without running it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from typer.main import get_command

from broker.__main__ import app as broker_app
from dlq.cli import app as dlq_app

_APPS = {"broker": broker_app, "dlq": dlq_app}


def unknown_words(words: Sequence[str]) -> str | None:
    """Say what is wrong with a command line, or None.

    It names a program of ours and a command of it; its options are the command's; nothing required is missing.
    """
    if words[0] not in _APPS:
        return f"{words[0]} is no program of ours"
    command, path, rest = _program(words[0]), words[0], list(words[1:])
    while subcommands := getattr(command, "commands", None):
        if not rest or rest[0] not in subcommands:
            return f"{path} has no command {rest[0] if rest else ''}"
        path = f"{path} {rest[0]}"
        _, command, rest = command.resolve_command(None, rest)
    return _wrong_options(command, path, rest)


@cache
def _program(name: str) -> Any:  # noqa: ANN401  the library's command classes are private to it
    return get_command(_APPS[name])


def _wrong_options(command: Any, path: str, rest: list[str]) -> str | None:  # noqa: ANN401  as _program
    options = {spelt: each for each in command.params for spelt in (*each.opts, *each.secondary_opts)}
    required = {each.name: each for each in command.params if each.required}
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    positional = 0
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            positional += 1
            continue
        option = options.get(word.split("=", 1)[0])
        if option is None:
            return f"{path} has no option {word}"
        required.pop(option.name, None)
        if not option.is_flag and "=" not in word:
            del rest[:1]
    needed = sum(each.required for each in arguments)
    if positional < needed or (positional and not arguments):
        return f"{path} takes {needed} or more arguments, not {positional}"
    missing = [name for name, each in required.items() if each not in arguments]
    return f"{path} needs {', '.join(missing)}" if missing else None
