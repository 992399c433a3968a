"""When intake stops and when it resumes: high and low watermarks over what the rest can take.

Pure: readings come in, the answer goes out. Intake stops when any reading is over its high watermark and resumes when
every one is under its low watermark, so that it does not flutter between the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watermark:
    """A pair of bounds in the reading's own unit; ``low`` < ``high``."""

    high: float
    low: float


class Backpressure:
    """Holds the last reading of each watermark and says what is over."""

    def __init__(self, watermarks: Mapping[str, Watermark]) -> None:
        """Start open, with no reading."""
        self._watermarks = watermarks
        self._over: set[str] = set()

    def read(self, name: str, value: float) -> None:
        """Take a reading of the watermark ``name``."""
        watermark = self._watermarks[name]
        if value > watermark.high:
            self._over.add(name)
        elif value < watermark.low:
            self._over.discard(name)

    @property
    def closed_by(self) -> tuple[str, ...]:
        """The watermarks that keep intake stopped, sorted; empty: intake runs."""
        return tuple(sorted(self._over))
