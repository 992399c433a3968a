"""`broker config`: the settings in effect, secrets masked."""

import orjson
import typer
from rich.table import Table

from broker.cli.output import ConfigOption, JsonOption, console, print_json, settings
from broker.settings import keys, variable


def config(*, json: JsonOption = False, describe: bool = False, config: ConfigOption = None) -> None:
    """Print the settings in effect, with secrets masked; `--describe` explains every one of them.

    Exit code: 0, or 2 where the settings are wrong (an unknown key is named with the nearest known one).
    """
    if describe:
        _describe()
        return
    values = settings(config).model_dump(mode="json")
    if json:
        print_json(values)
    else:
        typer.echo(orjson.dumps(values, option=orjson.OPT_INDENT_2).decode())


def _describe() -> None:
    table = Table("setting", "variable", "meaning")
    for path, description in keys():
        table.add_row(".".join(path), variable(path), description)
    console.print(table)
