"""Counters and histograms, through OpenTelemetry; without an endpoint they are its no-ops."""

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Meter, NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from broker.observability.names import Metric


class Metrics:
    """The process's instruments. ``reader`` None: nothing is measured."""

    def __init__(self, reader: MetricReader | None = None, resource: Resource | None = None) -> None:
        """Create every instrument of ``names.Metric``."""
        self._provider = MeterProvider([reader], resource or Resource.create()) if reader else None
        meter: Meter = (self._provider or NoOpMeterProvider()).get_meter("broker")
        self.messages = meter.create_counter(Metric.MESSAGES, "{message}", "Messages by channel, outcome and code")
        self.publications = meter.create_counter(Metric.PUBLICATIONS, "{message}", "Publications by result")
        self.batch_size = meter.create_histogram(Metric.BATCH_SIZE, "{message}", "Messages in a transaction")
        self.pipeline_duration = meter.create_histogram(Metric.PIPELINE_DURATION, "s", "Pure work on a batch")
        self.commit_duration = meter.create_histogram(Metric.COMMIT_DURATION, "s", "Transaction of a batch")
        self.publish_duration = meter.create_histogram(Metric.PUBLISH_DURATION, "s", "Publish and confirm of a batch")
        self.delivery_lag = meter.create_histogram(Metric.DELIVERY_LAG, "s", "Commit to confirm of a publication")
        self.outbox_depth = meter.create_gauge(Metric.OUTBOX_DEPTH, "{message}", "Unconfirmed publications")
        self.intake_pauses = meter.create_counter(Metric.INTAKE_PAUSES, "{pause}", "Stops of intake by watermark")

    @classmethod
    def to(cls, endpoint: str | None, interval_s: float = 15, resource: Resource | None = None) -> "Metrics":
        """Export to an OTLP collector over HTTP every ``interval_s`` seconds; endpoint None: off."""
        if endpoint is None:
            return cls()
        exporter = OTLPMetricExporter(endpoint=f"{endpoint.rstrip('/')}/v1/metrics")
        return cls(PeriodicExportingMetricReader(exporter, interval_s * 1000), resource)

    def close(self) -> None:
        """Export what is left and stop. Idempotent."""
        if self._provider:
            self._provider.shutdown()
