"""The pure pipeline with the real catalogue and mappings, on channels of every kind."""

import pytest

from broker.generate import Generator
from broker.pipeline.pipeline import Pipeline
from broker.settings import Settings
from broker.workbench import Workbench

MESSAGE_BYTES, EVENTS = 1_000_000, 20
CHANNELS = {
    "strict": {},
    "lenient": {"mode": "lenient"},
    "picky": {"accepts": ["pacs.002.001.10"]},
    "old": {"speaks": {"pacs.008": "pacs.008.001.06"}},
    "lossy": {"speaks": {"pacs.008": "pacs.008.001.06"}, "on_loss": "report"},
}


@pytest.fixture(scope="session")
def bench() -> Workbench:
    """Give the pure rooms with channels of every kind and small limits."""
    limits = {"message_bytes": MESSAGE_BYTES, "events": EVENTS}
    return Workbench(Settings.model_validate({"channels": CHANNELS, "limits": limits}))


@pytest.fixture(scope="session")
def pipeline(bench: Workbench) -> Pipeline:
    """Give the pipeline."""
    return bench.pipeline


@pytest.fixture
def generator(bench: Workbench) -> Generator:
    """Give a source of messages, the same for every test."""
    return Generator(bench.catalogue, seed=5)
