"""The command line. Commands live in ``broker/cli``, one file a group; here they get their names."""

import typer

from broker.cli import audit, configuration, events, mappings, messages, rules, schemas, subscriptions, worker
from broker.cli.demo.command import demo

app = typer.Typer(
    name="broker",
    help="ISO 20022 message broker: XML from cores to canonical events, JSON commands back to XML, nothing lost.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)
app.command("run")(worker.run_worker)
app.command("demo")(demo)
app.command("migrate")(worker.migrate)
app.command("config")(configuration.config)
app.command("status")(worker.status)
app.command("send")(worker.send)
app.command("validate")(messages.validate_files)
app.command("convert")(messages.convert)
app.add_typer(audit.app, name="audit")
app.add_typer(schemas.app, name="schemas")
app.add_typer(mappings.app, name="mappings")
app.add_typer(rules.app, name="rules")
app.add_typer(events.app, name="events")
app.add_typer(subscriptions.app, name="subscriptions")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
