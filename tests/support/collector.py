"""The garbage collector, which ends what other tests left: that takes time, calls and instructions."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector out of what is counted or timed in the block."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
