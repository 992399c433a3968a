"""The command line. Commands live in ``broker/cli``, one file a group; here they get their names."""

from typing import Final

from broker.cli.lazy import Home, lazy

COMMANDS: Final = {
    "run": Home("broker.cli.worker:run_worker", "Run the broker until SIGTERM or Ctrl-C."),
    "demo": Home(
        "broker.cli.demo.command:demo",
        "Show the main job on this machine: an embedded PostgreSQL, folders as queues, invented messages.",
    ),
    "migrate": Home(
        "broker.cli.operations:migrate",
        "Bring the database's schema up to date. Safe to repeat, and to run from several machines at once.",
    ),
    "config": Home(
        "broker.cli.configuration:config",
        "Print the settings in effect, with secrets masked; `--describe` explains every one of them.",
    ),
    "status": Home(
        "broker.cli.operations:status",
        "Show queues, outbox, dead letters, audit log and workers: depths, lag and rates.",
    ),
    "send": Home(
        "broker.cli.operations:send",
        "Put messages on a channel's inbound queue, as a core would, or JSON commands on its command queue.",
    ),
    "validate": Home(
        "broker.cli.messages:validate_files",
        "Check messages against their schema and the rules, and say what is wrong and where.",
    ),
    "convert": Home(
        "broker.cli.messages:convert",
        "Turn a message into RA JSON, into canonical events (one a line), or into XML.",
    ),
    "audit": Home("broker.cli.audit:app", "The signed audit log: verify it, show a message's entries."),
    "schemas": Home(
        "broker.cli.schemas:app",
        "The catalogue of ISO 20022 message definitions: list, show, export, import, diff, check.",
    ),
    "mappings": Home(
        "broker.cli.mappings:app",
        "The mapping files between messages and canonical events: list, check, explain, coverage.",
    ),
    "rules": Home("broker.cli.rules:app", "The rules of the standard beyond its schemas: list, show."),
    "events": Home("broker.cli.events:app", "The events that are published: list, schema, asyncapi."),
    "subscriptions": Home(
        "broker.cli.subscriptions:app",
        "Which events go into which microservice's queue: list, add, remove.",
    ),
}
"""Every command, with the first sentences of its own help."""

app = lazy(
    COMMANDS,
    name="broker",
    help="ISO 20022 message broker: XML from cores to canonical events, JSON commands back to XML, nothing lost.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
