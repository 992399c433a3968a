"""What the composition root does to the process it runs in."""

import gc

from broker.settings import Settings
from broker.wiring import settled
from broker.workbench import Workbench


def test_what_is_loaded_is_out_of_the_collectors_sight_for_as_long_as_a_worker_runs() -> None:
    """Catalogue and mappings are not walked by a collection within the context, nor is the rest so often."""
    before = gc.get_threshold()
    bench = Workbench(Settings())
    assert bench.mappings.definitions()
    with settled():
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 1_000
        assert gc.get_threshold()[0] > 10 * before[0]
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before
