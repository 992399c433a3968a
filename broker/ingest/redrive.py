"""Redrive: dead letters that go back into the pipeline, by themselves (a retry is due) or because an operator asked.

A replay runs through the store and not through the transport: the dead letter, its outcome and the end of it commit in
one transaction, so that it takes effect at most once however often it is asked for. Several workers may redrive.
"""

from collections.abc import Callable

from broker.ingest.processing import Processing
from broker.store.dead_letters import DeadLetters


class Redrive:
    """The step of the redrive loop."""

    name = "redrive"

    def __init__(
        self, dead_letters: DeadLetters, processing: Processing, recorded: Callable[[], None], batch_messages: int
    ) -> None:
        """``recorded`` is called after a commit that gave the relay something to do."""
        self._dead_letters = dead_letters
        self._processing = processing
        self._recorded = recorded
        self._batch_messages = batch_messages

    async def start(self) -> None:
        """Nothing to get."""

    async def stop(self) -> None:
        """Nothing to give back."""

    async def run_once(self) -> bool:
        """Take due and requested dead letters, oldest first; True when there was one."""
        redriven = await self._dead_letters.redrive(self._processing.outcome, self._batch_messages)
        for outcome in redriven:
            self._processing.line(outcome, "redriven")
        if redriven:
            self._recorded()
        return bool(redriven)
