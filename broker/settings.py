"""Every setting in one place: names, units, limits, defaults. Read by the command line and ``wiring`` only.

Sources, the later over the earlier: defaults, a TOML file (``BROKER_CONFIG``, else ``broker.toml`` in the working
folder where there is one), environment variables (``BROKER_INGEST__BATCH_MESSAGES``). A secret may be given by file
(``BROKER_DATABASE_URL_FILE``), as container platforms do. An unknown key is an error that names the nearest known one.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_serializer, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from rapidfuzz import process

from broker.errors import ConfigurationError

ENV_PREFIX = "BROKER_"
CONFIG_VARIABLE = "BROKER_CONFIG"
_CHANNEL = re.compile(r"^channels\.[^.]+\.")
DEFAULT_FILE = Path("broker.toml")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class Group(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(Group):
    """One connection to a core: what it may send, and what is sent to it in which version."""

    tenant: Name = Field("default", description="Whom the channel's messages belong to.")
    mode: Literal["strict", "lenient"] = Field(
        "strict", description="`lenient` accepts a message whatever is found in it, and flags its events."
    )
    sender: str | None = Field(None, description="BIC in `Fr` of the header added to what is sent; none: no header.")
    receiver: str | None = Field(None, description="BIC in `To` of the header added to what is sent.")
    business_service: str | None = Field(None, description="`BizSvc` of the header added to what is sent.")
    header: str = Field("head.001.001.02", description="Definition of the business header sent to this core.")
    wrapper: str = Field("Envelope", description="Element around header and document sent to this core.")
    accepts: tuple[str, ...] = Field((), description="Definitions accepted; empty: every one in the catalogue.")

    @model_validator(mode="after")
    def _both_ends_of_a_header(self) -> Self:
        if (self.sender is None) != (self.receiver is None):
            raise ValueError("sender and receiver of the header belong together; give both or neither")
        return self

    bulk: bool = Field(
        default=False, description="Messages over `limits.message_bytes` are taken as a stream, within `bulk`."
    )
    partial: bool = Field(
        default=False, description="Of a bulk channel: bad transactions are parked one by one, the good ones go on."
    )
    guidelines: dict[str, str] = Field(
        default_factory=dict,
        description='Usage guidelines, by definition: `{"pacs.008.001.08" = "pacs.008.001.08@scheme"}`.',
    )
    speaks: dict[str, str] = Field(
        default_factory=dict,
        description='Version sent to this core, by family: `{"pacs.008" = "pacs.008.001.08"}`.',
    )
    on_loss: Literal["refuse", "report"] = Field(
        "refuse", description="What the version sent cannot hold refuses a message, or is left out and noted beside it."
    )

    forward: dict[str, Name] = Field(
        default_factory=dict,
        description="Channel to whose core messages of a family go on, in the version it speaks, beside their events: "
        '`{"pacs.008" = "core-b"}`.',
    )

    mappings_folder: Path | None = Field(
        None, description="Folder of mappings laid over all others for this channel, as docs/mappings.md has it."
    )

    @model_validator(mode="after")
    def _partial_is_bulk_and_bulk_is_strict(self) -> Self:
        if self.partial and not self.bulk:
            raise ValueError("partial is said of a bulk channel; set bulk as well")
        if self.bulk and self.mode == "lenient":
            raise ValueError("a bulk channel is strict; what partial parks may be looked at one by one")
        if self.bulk and self.forward:
            raise ValueError("a bulk channel forwards nothing: its messages are never held whole")
        return self


class Subscription(Group):
    """A microservice's queue of events: routing patterns `<tenant>.<event type>` with `*` and `#`."""

    events: tuple[str, ...] = Field(("#",), description="Routing patterns of the events wanted.")
    ra_json: bool = Field(default=False, description="Each event with the message's RA JSON beside the canonical data.")


class ParseLimits(Group):
    """Bounds of one message, checked before or while it is parsed."""

    message_bytes: Positive = Field(10_000_000, description="Size of a message.")
    elements: Positive = Field(500_000, description="Elements in a message.")
    attributes: Positive = Field(64, description="Attributes of one element.")
    depth: Positive = Field(64, description="Nesting of elements, or of JSON.")
    text_characters: Positive = Field(1_000_000, description="Characters in one text.")
    events: Positive = Field(100_000, description="Events one message may cause.")


class BulkLimits(Group):
    """Bounds of a message of a bulk channel, which is never held whole. Depth and attributes are those of `limits`."""

    bytes: Positive = Field(1_000_000_000, description="Size of a bulk message.")
    elements: Positive = Field(100_000_000, description="Elements in a bulk message.")
    text_characters: Positive = Field(1_000_000, description="Characters in one text of a bulk message.")
    transactions: Positive = Field(1_000_000, description="Transactions in a bulk message.")
    groups: Positive = Field(5_000, description="Batches or statements that hold the transactions.")
    part_bytes: Positive = Field(4_000_000, description="Bytes between the ends of two transactions.")
    parked: Positive = Field(1_000, description="Bad transactions of a message parked alone; with more it is rejected.")
    slice_bytes: int = Field(262_144, ge=65_536, description="Bytes worked on at a time; at least 65,536.")
    slice_transactions: Positive = Field(200, description="Transactions worked on at a time.")


class IngestSettings(Group):
    """Taking messages in."""

    batch_messages: Positive = Field(200, description="Messages in one transaction.")
    batch_wait_ms: Positive = Field(20, description="Wait for the first message of a batch.")
    prefetch_messages: Positive = Field(1_000, description="Messages held unacknowledged.")
    attempts: Positive = Field(3, description="Deliveries of a message that came back before it is parked as poison.")
    redrive_interval_ms: Positive = Field(500, description="Looks for due retries and requested replays.")


class BackpressureSettings(Group):
    """When intake stops and when it resumes."""

    outbox_high: Positive = Field(20_000, description="Unconfirmed publications over which intake stops.")
    outbox_low: Positive = Field(10_000, description="Unconfirmed publications under which it resumes.")
    memory_high_mb: Positive = Field(1_500, description="Resident memory over which intake stops.")
    memory_low_mb: Positive = Field(1_200, description="Resident memory under which it resumes.")
    commit_high_ms: Positive = Field(5_000, description="Commit latency over which intake stops.")
    commit_low_ms: Positive = Field(1_000, description="Commit latency under which it resumes.")
    interval_ms: Positive = Field(200, description="How often the watermarks are read.")

    @model_validator(mode="after")
    def _low_under_high(self) -> Self:
        for name in ("outbox_{}", "memory_{}_mb", "commit_{}_ms"):
            if getattr(self, name.format("low")) >= getattr(self, name.format("high")):
                raise ValueError(f"{name.format('low')} must be less than {name.format('high')}")
        return self


class RelaySettings(Group):
    """Publishing from the outbox."""

    batch_messages: Positive = Field(500, description="Publications taken from the outbox at once.")
    confirm_timeout_s: Seconds = Field(30, description="Wait for the transport's confirm; then the outcome is unknown.")
    poll_interval_ms: Positive = Field(50, description="Looks for publications when there were none.")
    unhealthy_lag_s: Seconds = Field(60, description="Age of an unconfirmed publication that `broker status` reports.")
    lease_s: Seconds = Field(15, description="How long a lane stays with a worker that does not renew.")
    fresh_bytes: Positive = Field(
        8_388_608, description="Bodies just recorded that a worker keeps for its relay; others are read back."
    )


class QueueSettings(Group):
    """The queues the broker declares."""

    in_max_messages: Positive = Field(100_000, description="Length of an inbound queue; then a producer hears no.")
    out_max_messages: Positive = Field(
        1_000_000, description="Length of an outbound or event queue; then the relay waits."
    )
    delivery_limit: Positive = Field(100, description="Deliveries before RabbitMQ moves a message to the safety net.")
    reply_prefix: str = Field("iso20022.replies.", description="What a `reply_to` must begin with.")


class AuditSettings(Group):
    """The signed audit log."""

    key_folder: Path | None = Field(None, description="Folder of the Ed25519 keys; default: `<home>/keys`.")
    origin: str = Field("iso20022-broker", description="First line of a checkpoint, before the tenant.")
    checkpoint_interval_s: Seconds = Field(1, description="Longest time between checkpoints while entries come.")
    sequence_interval_ms: Positive = Field(100, description="Entries wait so long for others to be sequenced with.")
    sequence_entries: Positive = Field(2_000, description="Entries sequenced in one transaction.")
    anchor_file: Path | None = Field(None, description="File to which every checkpoint is appended as well.")


class StoreSettings(Group):
    """PostgreSQL."""

    statement_cache: bool = Field(default=True, description="Off for PgBouncer in transaction mode.")
    command_timeout_s: Seconds = Field(30, description="Longest a statement may take.")
    connect_timeout_s: Seconds = Field(10, description="Longest a connection attempt may take.")
    body_retention_days: Positive = Field(90, description="Days for which received bytes are kept.")
    outbox_retention_days: Positive = Field(30, description="Days for which confirmed publications are kept.")


class TelemetrySettings(Group):
    """Logs, traces and metrics. Exporters are off unless configured."""

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    otlp_endpoint: str | None = Field(None, description="OpenTelemetry collector (OTLP over HTTP).")
    metrics_interval_s: Seconds = Field(15, description="Interval of exported metrics.")

    @field_serializer("otlp_endpoint")
    def _without_password(self, url: str | None) -> str | None:
        """The URL as it may be shown: who logs in, and with what, is masked."""
        return url and re.sub(r"//[^/]*@", "//**********@", url)


class SupervisorSettings(Group):
    """The parent of several worker processes."""

    shutdown_s: Seconds = Field(30, description="Wait for a worker to finish its batch before it is ended.")
    restart_delay_s: Seconds = Field(1, description="Wait before a worker that died is started again.")


class Settings(BaseSettings):
    """All settings. With none given the broker runs embedded: its own PostgreSQL and folders under `home`."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: Path = Field(Path("var"), description="Folder of the embedded database, queues and keys.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL; none: embedded under `home`.")
    database_url_file: Path | None = Field(None, description="File that holds `database_url`.")
    amqp_url: SecretStr | None = Field(None, description="RabbitMQ; none: folders under `home`.")
    amqp_url_file: Path | None = Field(None, description="File that holds `amqp_url`.")
    schemas_folder: Path | None = Field(None, description="Catalogue; none: the one that came with the broker.")
    mappings_folder: Path | None = Field(
        None, description="Folder of mappings laid over those that came with the broker, for every channel."
    )
    channels: dict[Name, Channel] = Field(
        default_factory=lambda: {"core": Channel()}, description="Connections to cores, by name."
    )
    subscriptions: dict[Name, Subscription] = Field(
        default_factory=dict, description="Queues `iso20022.events.<name>` of microservices."
    )
    limits: ParseLimits = ParseLimits()
    bulk: BulkLimits = BulkLimits()
    ingest: IngestSettings = IngestSettings()
    backpressure: BackpressureSettings = BackpressureSettings()
    relay: RelaySettings = RelaySettings()
    queues: QueueSettings = QueueSettings()
    audit: AuditSettings = AuditSettings()
    store: StoreSettings = StoreSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    supervisor: SupervisorSettings = SupervisorSettings()

    @model_validator(mode="after")
    def _one_source_of_a_secret(self) -> Self:
        for name in ("database_url", "amqp_url"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                raise ValueError(f"{name} and {name}_file are both given; give one")
        return self

    @model_validator(mode="after")
    def _forwards_lead_to_another_channel_of_the_tenant(self) -> Self:
        for name, channel in self.channels.items():
            for to in channel.forward.values():
                if to == name or to not in self.channels or self.channels[to].tenant != channel.tenant:
                    raise ValueError(f"channels.{name}.forward: {to} is no other channel of the same tenant")
        return self

    def secret(self, name: Literal["database_url", "amqp_url"]) -> str | None:
        """The URL itself, from the setting or its file; None: embedded. ConfigurationError: the file cannot be read."""
        given: SecretStr | None = getattr(self, name)
        if given is not None:
            return given.get_secret_value()
        path: Path | None = getattr(self, f"{name}_file")
        if path is None:
            return None
        try:
            return path.read_text().strip()
        except OSError as error:
            raise ConfigurationError(f"{name}_file: {path} cannot be read: {error.strerror}") from error


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read file and environment. Raises ConfigurationError that says which key is wrong and what would be right."""
    variables = os.environ if environment is None else environment
    given = file or (Path(variables[CONFIG_VARIABLE]) if variables.get(CONFIG_VARIABLE) else None)
    path = given or DEFAULT_FILE
    try:
        values = tomllib.loads(path.read_text()) if given or path.exists() else {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    unknown = list(_unknown_variables(variables))
    if unknown:
        raise ConfigurationError("\n".join(unknown))
    try:
        return _layered(values, variables)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_explain(detail) for detail in error.errors())) from error


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a setting: ``BROKER_INGEST__BATCH_MESSAGES``."""
    return ENV_PREFIX + "__".join(path).upper()


def keys(model: type[BaseModel] = Settings, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every setting as (path, description), tables first to last; channels and subscriptions as one key each."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            yield from keys(field.annotation, (*before, name))
        else:
            yield (*before, name), field.description or ""


def _layered(values: dict[str, Any], variables: Mapping[str, str]) -> Settings:
    """The environment's keys over the file's, key by key."""

    class _Layered(Settings):
        @classmethod
        def settings_customise_sources(  # type: ignore[override]  # the sources not used are not named
            cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_: object
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            environment.env_vars = {name.lower(): value for name, value in variables.items()}
            return environment, init_settings

    return _Layered(**values)


def _unknown_variables(variables: Mapping[str, str]) -> Iterator[str]:
    known = {variable(path) for path, _ in keys()}
    free = tuple(variable((name,)) + "__" for name in ("channels", "subscriptions"))
    for name in sorted(variables):
        if name.startswith(ENV_PREFIX) and name not in known and name != CONFIG_VARIABLE and not name.startswith(free):
            yield f"{name}: unknown setting{_nearest(name, known)}"


def _explain(detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"]) or "settings"
    if detail["type"] == "extra_forbidden":
        known = {".".join(path) for path, _ in keys()} | {f"channels.<name>.{name}" for name in Channel.model_fields}
        return f"{place}: unknown setting{_nearest(_CHANNEL.sub('channels.<name>.', place), known)}"
    return f"{place}: {detail['msg']}"


def _nearest(name: str, known: set[str]) -> str:
    best = process.extractOne(name, known, score_cutoff=60)
    return f"; did you mean {best[0]}?" if best else ""
