"""Every log event, span and metric by name: a contract that dashboards and alerts rest on.

A name never changes its meaning; a new meaning gets a new name. ``docs/observability.md`` lists them from here.
"""

from enum import StrEnum


class LogEvent(StrEnum):
    """The ``event`` of a log line."""

    MESSAGE = "message"
    PUBLICATION_PARKED = "publication.parked"
    BATCH_SPLIT = "batch.split"
    INTAKE_PAUSED = "intake.paused"
    INTAKE_RESUMED = "intake.resumed"
    LOOP_UNAVAILABLE = "loop.unavailable"
    LOOP_RECOVERED = "loop.recovered"
    LOOP_FAILED = "loop.failed"
    TRANSPORT_BLOCKED = "transport.blocked"
    WORKER_STARTED = "worker.started"
    WORKER_STOPPING = "worker.stopping"
    WORKER_STOPPED = "worker.stopped"
    WORKER_DIED = "worker.died"
    PIPELINE_CRASHED = "pipeline.crashed"
    EVENT = "event"
    EVENT_RETRIED = "event.retried"
    EVENTS_REFUSED = "events.refused"


class SpanName(StrEnum):
    """The name of a span; ``process`` is the message's own, the stages are its children."""

    PROCESS = "process"
    PARSE = "parse"
    VALIDATE = "validate"
    TRANSFORM = "transform"
    STORE = "store"
    PUBLISH = "publish"


class Metric(StrEnum):
    """The name of an instrument; units are OpenTelemetry's (UCUM)."""

    MESSAGES = "broker.messages"
    PUBLICATIONS = "broker.publications"
    BATCH_SIZE = "broker.batch.size"
    PIPELINE_DURATION = "broker.pipeline.duration"
    COMMIT_DURATION = "broker.commit.duration"
    PUBLISH_DURATION = "broker.publish.duration"
    DELIVERY_LAG = "broker.delivery.lag"
    OUTBOX_DEPTH = "broker.outbox.depth"
    INTAKE_PAUSES = "broker.intake.pauses"
