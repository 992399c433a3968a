"""Backpressure: intake stops over a high watermark and resumes only under the low one."""

from broker.ingest.backpressure import Backpressure, Watermark


def _open() -> Backpressure:
    return Backpressure({"outbox": Watermark(high=100, low=50), "memory": Watermark(high=10, low=5)})


def _closed_by(pressure: Backpressure) -> tuple[str, ...]:
    return pressure.closed_by


def test_starts_open() -> None:
    """Nothing is closed before the first reading."""
    assert _open().closed_by == ()


def test_closes_over_the_high_watermark_only() -> None:
    """A reading on the high watermark does not close; one over it does."""
    pressure = _open()
    pressure.read("outbox", 100)
    assert _closed_by(pressure) == ()
    pressure.read("outbox", 101)
    assert _closed_by(pressure) == ("outbox",)


def test_does_not_flutter_between_the_watermarks() -> None:
    """Between the watermarks the last decision stands."""
    pressure = _open()
    pressure.read("outbox", 101)
    pressure.read("outbox", 50)
    assert _closed_by(pressure) == ("outbox",)
    pressure.read("outbox", 49)
    assert _closed_by(pressure) == ()
    pressure.read("outbox", 100)
    assert _closed_by(pressure) == ()


def test_every_watermark_has_to_fall() -> None:
    """Intake stays closed while one reading is over, whatever the others say."""
    pressure = _open()
    pressure.read("outbox", 101)
    pressure.read("memory", 11)
    assert _closed_by(pressure) == ("memory", "outbox")
    pressure.read("outbox", 0)
    assert _closed_by(pressure) == ("memory",)
