"""`broker run`: one worker, or several under a parent."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.output import ConfigOption, run, settings
from broker.observability import logs
from broker.observability.logs import logger
from broker.observability.names import LogEvent
from broker.outside import database
from broker.settings import Settings
from broker.supervisor import Supervisor, SupervisorConfig
from broker.wiring import Worker

_AT_ONCE = 128 + signal.SIGTERM
_PARENT_LOOK_S = 1.0


def run_worker(
    *,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes; over one they run under a parent.")] = 1,
    config: ConfigOption = None,
    parent: Annotated[int, typer.Option(hidden=True, help="Process id of the parent.")] = 0,
    siblings: Annotated[int, typer.Option(hidden=True, help="How many workers the parent keeps.")] = 0,
    restarts: Annotated[int, typer.Option(hidden=True, help="How many of them died before this one began.")] = 0,
) -> None:
    """Run the broker until SIGTERM or Ctrl-C.

    The first signal finishes the batch in hand, acknowledges it and closes; a second one leaves at once. Nothing is
    lost either way: what was not settled is delivered again. With no database or RabbitMQ configured it runs embedded,
    under the folder `home`.
    """
    given = settings(config)
    logs.configure(given.telemetry.log_level)
    if workers > 1:
        run(_supervise(given, workers, config))
    elif parent:
        about = {"parent": f"{socket.gethostname()}-{parent}", "workers": siblings, "restarts": restarts}
        run(_work(given, about, parent))
    else:
        run(_work(given))


async def _work(given: Settings, about: Mapping[str, object] | None = None, parent: int = 0) -> None:
    worker = Worker(given, worker_name(), about=about)
    _on_signals(lambda: _stop(worker.stop), lambda: os._exit(_AT_ONCE))
    logger().info(LogEvent.WORKER_STARTED, pid=os.getpid())
    bereaved = asyncio.create_task(_stop_without(parent, worker)) if parent else None
    await worker.run()
    if bereaved is not None:
        bereaved.cancel()
    logger().info(LogEvent.WORKER_STOPPED, pid=os.getpid())


async def _stop_without(parent: int, worker: Worker) -> None:
    """A worker whose parent was killed ends in good order: the next parent brings its own."""
    while os.getppid() == parent:  # noqa: ASYNC110  there is no event to wait for
        await asyncio.sleep(_PARENT_LOOK_S)
    _stop(worker.stop)


async def _supervise(given: Settings, workers: int, config: Path | None) -> None:
    stopping = asyncio.Event()
    command = [sys.executable, "-m", "broker", "run", *(["--config", str(config)] if config else [])]
    command += ["--parent", str(os.getpid()), "--siblings", str(workers), "--restarts"]
    supervision = given.supervisor
    async with database(given) as opened:
        shared = {} if given.secret("database_url") else {"BROKER_DATABASE_URL": opened.dsn}
        supervisor = Supervisor(
            SupervisorConfig(
                workers,
                lambda restarts: [*command, str(restarts)],
                shared,
                supervision.shutdown_s,
                supervision.restart_delay_s,
            ),
            stopping,
        )

        def leave() -> None:
            supervisor.kill()
            os._exit(_AT_ONCE)

        _on_signals(lambda: _stop(stopping.set), leave)
        await supervisor.run()


def worker_name() -> str:
    """A name for this process that no other one has: host, process id and start."""
    return f"{socket.gethostname()}-{os.getpid()}-{int(datetime.now(UTC).timestamp())}"


def _stop(stop: Callable[[], None]) -> None:
    logger().info(LogEvent.WORKER_STOPPING, pid=os.getpid())
    stop()


def _on_signals(first: Callable[[], None], second: Callable[[], None]) -> None:
    """The first SIGTERM or SIGINT calls ``first``, the next one ``second``."""
    seen: list[int] = []

    def heard() -> None:
        seen.append(1)
        (first if len(seen) == 1 else second)()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, heard)
