"""How commands print and end: tables for people, JSON for programs, exit codes that mean something.

Exit codes: 0 what was asked holds, 1 it does not, 2 usage or settings are wrong or a file cannot be read, 3 a peer
(PostgreSQL, RabbitMQ) is away.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from broker.errors import BrokerError, ConfigurationError, UnavailableError
from broker.settings import Settings, load

_T = TypeVar("_T")

OK, INVALID, USAGE, AWAY = 0, 1, 2, 3

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML settings file (default: $BROKER_CONFIG, else broker.toml if there is one)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_json(value: object) -> None:
    """Print one JSON value on one line of standard output."""
    typer.echo(orjson.dumps(value, default=str).decode())


def fail(text: str, code: int = USAGE) -> NoReturn:
    """Say what is wrong on standard error and end with ``code``."""
    errors.print(f"[bold red]error:[/] {escape(text)}", soft_wrap=True)
    raise typer.Exit(code)


def settings(config: Path | None) -> Settings:
    """Load settings or end with what is wrong with them."""
    try:
        return load(config)
    except ConfigurationError as error:
        fail(str(error))


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a command's coroutine; turn errors of the broker into a line and an exit code."""
    try:
        return asyncio.run(work)
    except UnavailableError as error:
        fail(f"{error}\n{error.__doc__}", AWAY)
    except ConfigurationError as error:
        fail(f"{error}\n{error.__doc__}")
    except BrokerError as error:
        fail(f"{error}\n{error.__doc__}", INVALID)
