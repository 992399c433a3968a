"""The programs as installed: run as processes of their own, on the embedded PostgreSQL and folders."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from broker.catalogue import Catalogue
from broker.generate import Generator
from broker.law import folder
from tests.support.tree import ROOT

_PATIENCE_S = 200


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROKER_")}
    return kept | {"BROKER_HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def _broker(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "broker", *arguments],
        env=_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder for an embedded broker."""
    return tmp_path


def test_the_demo_holds(home: Path) -> None:
    """`broker demo` exits with 0, which it does only where everything it shows held."""
    done = _broker(home, "demo", "--messages", "60")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "✗" not in done.stdout
    assert done.stdout.count("✓") >= 10


def test_the_embedded_schema_is_migrated_by_whoever_opens_it(home: Path) -> None:
    """`broker migrate` has nothing left to apply."""
    done = _broker(home, "migrate", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"applied": []})


def test_a_message_is_sent_run_and_found_again(home: Path) -> None:
    """Send → run → SIGTERM → status → audit: the README's way, with real processes."""
    message = home / "payment.xml"
    message.write_bytes(Generator(Catalogue(folder("schemas/iso20022")), 3).pacs_008().body)
    assert _broker(home, "send", str(message), "--channel", "core").returncode == 0

    with subprocess.Popen(
        [sys.executable, "-m", "broker", "run"],
        env=_environment(home),
        cwd=home,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr is not None
        lines = (json.loads(line) for line in worker.stderr)
        line = next(each for each in lines if each["event"] == "message")
        status = _broker(home, "status", "--json")
        worker.send_signal(signal.SIGTERM)
        list(lines)
        assert worker.wait(_PATIENCE_S) == 0

    assert (line["outcome"], line["definition"]) == ("accepted", "pacs.008.001.08")
    assert status.returncode == 0
    read = json.loads(status.stdout)
    assert read["queues"]["iso20022.in.core"] == 0
    assert [each["live"] for each in read["workers"]] == [True]
    verified = _broker(home, "audit", "verify", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["holds"] is True
    shown = _broker(home, "audit", "show", line["message_id"], "--json")
    assert shown.returncode == 0
    assert json.loads(shown.stdout.splitlines()[0])["kind"] == "accepted"


def test_status_without_a_worker_exits_with_1(home: Path) -> None:
    """A broker that nobody runs is not healthy."""
    assert _broker(home, "status", "--json").returncode == 1


def test_sending_to_an_unknown_channel_is_a_usage_error(home: Path) -> None:
    """The message names the channels there are."""
    message = home / "payment.xml"
    message.write_text("<x/>")
    done = _broker(home, "send", str(message), "--channel", "south")
    assert done.returncode == 2
    assert "configured are: core" in done.stderr


def test_a_database_that_is_away_exits_with_3(home: Path) -> None:
    """Scripts can tell an absent server from wrong usage."""
    environment = _environment(home) | {"BROKER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "broker", "status"],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 3
    assert "BROKER_DATABASE_URL" in done.stderr
