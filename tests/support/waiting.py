"""Waiting for facts: how long a test waits for what must come, and how it looks for it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

WAIT_S = 200.0
"""Long enough for a machine ten times slower than usual; what does come costs no more than its own time."""
LOOK_S = 0.02


async def until(holds: Callable[[], Awaitable[bool]], within_s: float = WAIT_S) -> None:
    """Look again and again until something holds, at most so long."""
    never = asyncio.Event()
    async with asyncio.timeout(within_s):
        while not await holds():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(never.wait(), LOOK_S)
