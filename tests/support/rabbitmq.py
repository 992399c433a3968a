"""A private RabbitMQ node: free ports, a temporary folder, its own epmd, cookie and configuration, no plugins.

It owns the processes it starts and nothing else: a server that was already on the machine is never asked, used or
stopped. When the tests die by whatever means, the node's watchman sees its pipe close and ends the node.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.support.servers import rabbitmq_folder

_START_TIMEOUT_S = 200.0
_POLL_S = 0.05
_CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
loopback_users = none
disk_free_limit.absolute = 1MB
vm_memory_high_watermark.absolute = 2GB
raft.wal_max_size_bytes = 67108864
log.file.level = info
log.console = false
"""
# RabbitMQ writes down half a second late which replicated queues a node holds: one that was just declared, and all that
# was confirmed in it, is forgotten by a node killed within that time.
_WRITE_DOWN_QUEUES = "lists:foreach(fun dets:sync/1, dets:all())."
# The watchman reads a pipe held by the tests alone; at its end it ends the process group that it is told.
_WATCHMAN = 'cat >/dev/null; kill -s KILL -- "-$1" 2>/dev/null'


class RabbitMQ:
    """One node. ``start``, ``stop``, ``kill`` and ``restart`` block: call them from a thread in an async test."""

    def __init__(self, folder: Path) -> None:
        """Prepare a node in an empty folder; nothing runs yet. Fails where RabbitMQ is not installed."""
        scripts = rabbitmq_folder()
        if scripts is None:
            message = "RabbitMQ is not installed; run `python -m tests.support.servers`"
            raise RuntimeError(message)
        self._scripts = scripts
        self._folder = folder
        self.port, self._dist_port, self._epmd_port = _free_ports(3)
        self._node = f"test-{secrets.token_hex(4)}@localhost"
        self._server: _Watched | None = None
        self._epmd: _Watched | None = None
        self._write_configuration()

    @property
    def url(self) -> str:
        """The AMQP URL of the default virtual host."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def pid(self) -> int:
        """The process that began the node; all of the node is at or below it."""
        assert self._server is not None
        return self._server.process.pid

    def start(self) -> None:
        """Start the node and wait until it takes connections."""
        if self._epmd is None:
            epmd = shutil.which("epmd", path=f"{os.environ.get('PATH', '')}:/usr/lib/erlang/bin") or "epmd"
            self._epmd = self._spawn(
                [epmd, "-port", str(self._epmd_port), "-address", "127.0.0.1", "-relaxed_command_check"],
            )
        self._server = self._spawn([str(self._scripts / "rabbitmq-server")])
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._server.process.wait(timeout=_POLL_S)
                raise RuntimeError(f"RabbitMQ ended with {code}:\n{self._output()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"RabbitMQ did not answer in {_START_TIMEOUT_S:.0f} s:\n{self._output()}")

    def stop(self) -> None:
        """Stop the node in good order: what is confirmed is on disk either way. Idempotent."""
        if self._server is not None:
            os.killpg(self._server.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.process.wait(timeout=_START_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """End the node at once, as a crash would. Idempotent."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def write_down_queues(self) -> None:
        """Make the node keep, through a ``kill``, the queues that were just declared."""
        self.ctl("eval", _WRITE_DOWN_QUEUES)

    def restart(self) -> None:
        """Stop and start; ports and data stay."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End everything this node started."""
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd = None

    def ctl(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` against this node and give what it prints. One call takes seconds: it starts Erlang."""
        done = subprocess.run(
            [str(self._scripts / "rabbitmqctl"), "-q", "-n", self._node, *arguments],
            check=False,
            env=self._environment(),
            cwd=self._folder,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def memory_alarm(self) -> Iterator[None]:
        """Raise the memory alarm for as long as the block runs: publishers are held back."""
        self.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            yield
        finally:
            self.ctl("set_vm_memory_high_watermark", "absolute", "2GB")

    @contextlib.contextmanager
    def silent_queue(self, name: str) -> Iterator[None]:
        """Let a quorum queue's leader answer nothing for as long as the block runs, as where its disk hangs."""
        leader = f'whereis(list_to_atom("%2F_{name}"))'
        self.ctl("eval", f"sys:suspend({leader}).")
        try:
            yield
        finally:
            self.ctl("eval", f"sys:resume({leader}).")

    def _write_configuration(self) -> None:
        (self._folder / "rabbitmq.conf").write_text(_CONFIGURATION.format(port=self.port))
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "rabbitmq-env.conf").write_text("")
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)

    def _environment(self) -> dict[str, str]:
        """The node's environment: nothing of ``RABBITMQ_*`` or ``ERL_*`` of the caller gets through."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        folder = str(self._folder)
        return kept | {
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/rabbitmq-env.conf",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/node.pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CTL_ERL_ARGS": "+sbwt none",
        }

    def _spawn(self, command: list[str]) -> "_Watched":
        with (self._folder / "output.log").open("ab") as output:
            return _Watched(command, self._environment(), self._folder, output)

    def _answers(self) -> bool:
        """Whether the node greets a client: it opens its listener as the last step of its start."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(connection.recv(7))
        except OSError:
            return False

    def _output(self) -> str:
        return (self._folder / "output.log").read_text(errors="replace")[-4000:]


class _Watched:
    """A process in a group of its own, and the watchman who ends that group should the tests die first."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, output: IO[bytes]) -> None:
        """Start both."""
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._watchman = subprocess.Popen(
            ["sh", "-c", _WATCHMAN, "watchman", str(self.process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End the group and dismiss the watchman."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._watchman.kill()
        self._watchman.communicate()


@contextlib.contextmanager
def private_rabbitmq() -> Iterator[RabbitMQ]:
    """A started node in a temporary folder, ended and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="rabbitmq-", ignore_cleanup_errors=True) as folder:
        node = RabbitMQ(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.close()


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on now; all are held until all are chosen, so they differ."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
