"""The production shape, held against the settings and against itself: docker-compose.yml, Dockerfile, secrets."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from broker.settings import CONFIG_VARIABLE, keys, load, variable
from tests.support.commands import unknown_words
from tests.support.tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("broker", "migrate")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    """Each environment variable given to our containers is a setting's, or names the settings file."""
    known = {variable(path) for path, _ in keys()} | {CONFIG_VARIABLE}
    assert set(SERVICES[name]["environment"]) - known == set()


@pytest.mark.parametrize("name", OURS)
def test_settings_load_as_the_container_has_them(name: str, tmp_path: Path) -> None:
    """The settings file in the compose file and the variables load together, and name both servers by secret."""
    file = tmp_path / "broker.toml"
    file.write_text(COMPOSE["configs"]["broker"]["content"])
    environment = {**SERVICES[name]["environment"], CONFIG_VARIABLE: str(file)}
    settings = load(environment=environment)
    assert SERVICES[name]["configs"][0]["target"] == SERVICES[name]["environment"][CONFIG_VARIABLE]
    assert settings.database_url_file == Path("/run/secrets/database_url")
    assert settings.amqp_url_file == Path("/run/secrets/amqp_url")


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_written_down(name: str) -> None:
    """No environment variable holds a password or a URL with one; files under /run/secrets do."""
    environment = SERVICES[name].get("environment", {})
    secret = {key: value for key, value in environment.items() if re.search(r"PASS|URL|SECRET|KEY", key)}
    assert {key for key, value in secret.items() if not key.endswith("_FILE")} == set()
    mounted = {f"/run/secrets/{each}" for each in SERVICES[name]["secrets"] if isinstance(each, str)}
    assert set(secret.values()) <= mounted


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_names_is_declared(name: str) -> None:
    """Volumes, secrets, configs and dependencies of a service exist in the file."""
    service = SERVICES[name]
    sources = [each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])]
    assert set(sources) <= set(COMPOSE["secrets"])
    assert {each.split(":")[0] for each in service["volumes"]} <= set(COMPOSE["volumes"])
    assert {each["source"] for each in service.get("configs", [])} <= set(COMPOSE["configs"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_bounded_and_restricted(name: str) -> None:
    """Each service has limits of memory and processor, bounded logs, a restart policy and gains no privileges."""
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_change_nothing_but_their_folder(name: str) -> None:
    """They run as the image's user, on a read-only root without capabilities; what they keep is in a named volume."""
    service = SERVICES[name]
    assert f"USER {service['user']}" in DOCKERFILE
    assert not service["user"].startswith("0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == [f"broker:{service['environment']['BROKER_HOME']}"]


def test_services_start_in_order() -> None:
    """Workers wait for healthy servers and a finished migration; each server says when it is healthy."""
    assert {name: each["condition"] for name, each in SERVICES["broker"]["depends_on"].items()} == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "rabbitmq": "service_healthy",
    }
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert all("test" in SERVICES[name]["healthcheck"] for name in ("broker", "postgres", "rabbitmq"))


def test_a_worker_has_time_to_finish() -> None:
    """Docker waits longer for a worker to stop than the supervisor does."""
    grace_s = float(SERVICES["broker"]["stop_grace_period"].removesuffix("s"))
    assert grace_s > load(environment={}).supervisor.shutdown_s


def test_a_worker_stops_intake_before_its_memory_ends() -> None:
    """The memory watermark lies under the memory the container may use."""
    memory_mb = 1024 * float(SERVICES["broker"]["deploy"]["resources"]["limits"]["memory"].removesuffix("g"))
    assert load(environment={}).backpressure.memory_high_mb < memory_mb


def test_the_commands_exist() -> None:
    """What the containers run, and what they are asked for their health, are commands of our program."""
    commands = [["broker", *SERVICES[name]["command"]] for name in OURS]
    commands.append(SERVICES["broker"]["healthcheck"]["test"][1:])
    commands += [
        shlex.split(each.replace(",", " ").strip("[]")) for each in re.findall(r"CMD (\[.*broker.*\])", DOCKERFILE)
    ]
    assert [wrong for each in commands if (wrong := unknown_words(each))] == []


def test_the_image_is_built_from_pinned_packages() -> None:
    """Packages are installed by hash, and the last stage carries none of the build."""
    assert "--require-hashes -r requirements/run.txt" in DOCKERFILE
    last = DOCKERFILE.split("\nFROM ")[-1]
    assert "pip" not in last
    assert "COPY --from=build /opt/broker /opt/broker" in last


def test_the_build_has_what_it_copies() -> None:
    """Everything the image copies exists and passes the ignore file."""
    copied = {word for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]}
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_through
    assert [each for each in copied if not (ROOT / each).exists()] == []


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """deploy/secrets makes every file the compose file mounts, closed to others, and keeps them the second time."""
    folder = tmp_path / "secrets"
    script = [str(ROOT / "deploy" / "secrets"), str(folder)]
    subprocess.run(script, check=True, capture_output=True)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    subprocess.run(script, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert folder.stat().st_mode & 0o077 == 0
    assert {Path(each["file"]).name for each in COMPOSE["secrets"].values()} <= set(first)
    assert urlsplit(first["database_url"].strip()).password == first["postgres_password"].strip()
    assert urlsplit(first["amqp_url"].strip()).password == first["rabbitmq_password"].strip()
    assert f"default_pass = {first['rabbitmq_password']}" in first["rabbitmq.conf"]
    assert {urlsplit(first[name].strip()).hostname for name in ("database_url", "amqp_url")} <= set(SERVICES)


def test_the_client_accepts_the_file() -> None:
    """`docker compose config`, which needs no engine, takes the file; where there is no such client, this says so."""
    if _compose("version").returncode != 0:
        pytest.skip("there is no docker compose client here: the file was held against settings only")
    assert _compose("--file", str(ROOT / "docker-compose.yml"), "config", "--quiet").stderr == ""


def _compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    client = shutil.which("docker") or "false"
    return subprocess.run([client, "compose", *arguments], capture_output=True, text=True, check=False)
