"""A group whose commands are imported when one of them is called: `broker status` waits for no mapping to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


@dataclass(frozen=True, slots=True)
class Home:
    """Where a command, or a group of them, is made (``module:name``), and what the list of commands says of it."""

    where: str
    help: str

    def load(self) -> Any:  # noqa: ANN401 - a function, or a Typer of several
        """Import it."""
        module, _, name = self.where.partition(":")
        return getattr(import_module(module), name)


def lazy(homes: Mapping[str, Home], **options: Any) -> typer.Typer:  # noqa: ANN401 - handed through
    """Make an application of these commands; ``options`` are Typer's."""

    class Group(TyperGroup):
        """Knows what every command is for, and imports the one that is called."""

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the library's own are private
            """Find the command that is called."""
            name, _, rest = super().resolve_command(ctx, args)
            return name, None if name is None else _made(name, homes[name].load(), options), rest

    app = typer.Typer(cls=Group, **options)
    for name, home in homes.items():
        app.command(name, help=home.help)(_told)
    return app


def _told() -> None:
    """Stand in the list of commands for one that is not imported."""


def _made(name: str, found: Any, options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the library's own are private
    parent = typer.Typer(**options)
    if isinstance(found, typer.Typer):
        parent.add_typer(found, name=name)
    else:
        parent.command(name)(found)
    return get_group(parent).commands[name]
