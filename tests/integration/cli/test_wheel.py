"""The built wheel carries schemas, mappings, policies and statements, and works outside the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from broker.catalogue import Catalogue
from broker.generate import Generator
from broker.law import folder
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.tree import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the built wheel is installed, without its dependencies."""
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", place, ROOT], check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, place / "site", wheel], check=True, capture_output=True)
    return place / "site"


def _run(installed: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROKER_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env=kept | {"PYTHONPATH": str(installed)},
        cwd=installed.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_is_the_wheel_that_runs(installed: Path) -> None:
    """The packages come from the wheel and not from the checkout."""
    done = _run(installed, "-c", "import broker, dlq; print(broker.__file__, dlq.__file__)")
    assert [Path(each).is_relative_to(installed) for each in done.stdout.split()] == [True, True]


def test_both_programs_are_installed(installed: Path) -> None:
    """`broker` and `dlq` are there, with help."""
    assert {"broker", "dlq"} <= {each.name for each in (installed / "bin").iterdir()}
    assert _run(installed, "-m", "broker", "--help").returncode == 0
    assert _run(installed, "-m", "dlq", "--help").returncode == 0


def test_it_converts_a_message_to_events(installed: Path) -> None:
    """Catalogue and mappings are read from the wheel."""
    message = installed.parent / "payment.xml"
    message.write_bytes(Generator(Catalogue(folder("schemas/iso20022")), 5).pacs_008().body)
    done = _run(installed, "-m", "broker", "convert", message, "--to", "event")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[1])["type"] == "iso20022.payment.transfer.v1"


def test_its_mappings_are_bound_when_they_are_met(installed: Path) -> None:
    """They are what the tests have held; those of a checkout, which may be edited, are checked at start."""
    code = "from broker.settings import Settings; from broker.workbench import Workbench;"
    code += "mappings = Workbench(Settings()).mappings; print(len(mappings._bound), len(mappings.definitions()))"

    at_start, claimed = map(int, _run(installed, "-c", code).stdout.split())

    ours = Workbench(Settings()).mappings
    assert (at_start, len(ours._bound)) == (0, claimed)
    assert claimed == len(ours.definitions()) > 300


def test_it_carries_policies_runbooks_migrations_and_the_licence(installed: Path) -> None:
    """What is not Python is there, too."""
    code = (
        "from broker.outside import policies; from broker.store.migrate import migrations; import dlq, pathlib;"
        "print(len(policies().by_code), len(list((pathlib.Path(dlq.__file__).parent / 'runbooks').glob('*.md'))),"
        "len(migrations()))"
    )
    policies, runbooks, migrations = map(int, _run(installed, "-c", code).stdout.split())
    assert policies == runbooks > 30
    assert migrations >= 1
    assert list(installed.glob("*.dist-info/licenses/LICENSE"))
