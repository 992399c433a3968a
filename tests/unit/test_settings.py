"""Settings: sources, their order, and errors that say what would be right."""

from pathlib import Path

import pytest

from broker.errors import ConfigurationError
from broker.settings import keys, load, variable


def test_defaults_are_embedded() -> None:
    """With nothing given there is no URL of a server and one channel."""
    settings = load(environment={})
    assert settings.secret("database_url") is None
    assert settings.secret("amqp_url") is None
    assert list(settings.channels) == ["core"]


def test_environment_wins_over_the_file_key_by_key(tmp_path: Path) -> None:
    """A variable replaces its own key only; the file's other keys of the table stay."""
    file = tmp_path / "broker.toml"
    file.write_text("[ingest]\nbatch_messages = 7\nprefetch_messages = 70\n")
    settings = load(file, {"BROKER_INGEST__BATCH_MESSAGES": "8"})
    assert (settings.ingest.batch_messages, settings.ingest.prefetch_messages) == (8, 70)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    """BROKER_CONFIG names the file."""
    file = tmp_path / "settings.toml"
    file.write_text('[channels.north]\ntenant = "bank-a"\n')
    assert load(environment={"BROKER_CONFIG": str(file)}).channels["north"].tenant == "bank-a"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[ingest]\nbatch_mesages = 7\n", "ingest.batch_messages"),
        ("[injest]\nbatch_messages = 7\n", None),
        ('[channels.core]\ntennant = "x"\n', "channels.<name>.tenant"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(tmp_path: Path, text: str, nearest: str | None) -> None:
    """A mistyped key never passes silently."""
    file = tmp_path / "broker.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="unknown setting") as raised:
        load(file, {})
    assert nearest is None or nearest in str(raised.value)


def test_an_unknown_variable_is_an_error_that_names_the_nearest() -> None:
    """A mistyped variable never passes silently."""
    with pytest.raises(ConfigurationError, match="did you mean BROKER_DATABASE_URL"):
        load(environment={"BROKER_DATABSE_URL": "postgresql://"})


def test_a_secret_comes_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    """Container platforms give secrets as files."""
    file = tmp_path / "url"
    file.write_text("postgresql://broker@db/broker\n")
    assert load(environment={"BROKER_DATABASE_URL_FILE": str(file)}).secret("database_url") == (
        "postgresql://broker@db/broker"
    )


def test_a_secret_given_twice_is_an_error() -> None:
    """Two sources of one secret would leave open which of them counts."""
    with pytest.raises(ConfigurationError, match="database_url and database_url_file"):
        load(environment={"BROKER_DATABASE_URL": "a", "BROKER_DATABASE_URL_FILE": "b"})


def test_a_low_watermark_must_be_under_the_high_one() -> None:
    """Watermarks that cross would close intake for good."""
    with pytest.raises(ConfigurationError, match="outbox_low must be less than outbox_high"):
        load(environment={"BROKER_BACKPRESSURE__OUTBOX_LOW": "30000"})


def test_a_secret_is_not_shown_in_a_repr() -> None:
    """Settings may land in a log by accident; their secrets may not."""
    settings = load(environment={"BROKER_DATABASE_URL": "postgresql://u:hunter2@db/x"})
    assert "hunter2" not in repr(settings)


def test_every_key_has_a_description_and_a_variable() -> None:
    """The configuration table of the README is made from these."""
    listed = dict(keys())
    assert all(listed.values()), [path for path, text in listed.items() if not text]
    assert variable(("ingest", "batch_messages")) == "BROKER_INGEST__BATCH_MESSAGES"
