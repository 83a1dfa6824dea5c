"""What folders and manifests of the apps under test have to keep: read, never started."""

import ast
import sys
from pathlib import Path

import pytest

from benchmarks.environments import ensure_environment, installed_versions
from benchmarks.stack_catalogue import StackManifest
from benchmarks.workloads import WORKLOADS
from estimator.runtime.environment import PROJECT
from tests.apps.running import APPS, ENVIRONMENTS, STACKS

OURS = {"estimator", "benchmarks", "apps_under_test", "tests"}
FOLDERS = sorted({stack.folder for stack in STACKS})

every_stack = pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.slug)
every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@every_folder
def test_app_imports_nothing_of_ours(folder: Path) -> None:
    others = {other.name for other in APPS.iterdir() if other.is_dir()}

    assert imported_packages(folder).isdisjoint(OURS | others)


def imported_packages(folder: Path) -> set[str]:
    names: set[str] = set()
    for source in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).partition(".")[0])
    return names


@every_folder
def test_every_folder_with_python_is_a_package(folder: Path) -> None:
    """Else the import linter does not see it."""
    for source in folder.rglob("*.py"):
        assert (source.parent / "__init__.py").exists()


@every_folder
def test_lock_pins_hashes_and_names_no_registry(folder: Path) -> None:
    lock = (folder / "requirements.lock").read_text(encoding="utf-8")
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]

    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned) > 0
    assert "://" not in lock
    assert str(PROJECT) not in lock


@every_stack
def test_named_packages_are_installed(stack: StackManifest) -> None:
    python = ensure_environment(stack.folder, ENVIRONMENTS)

    assert set(installed_versions(python, stack.packages)) == set(stack.packages)


@every_stack
def test_every_workload_is_served_or_the_manifest_says_why_not(stack: StackManifest) -> None:
    assert set(stack.workloads) == set(WORKLOADS)
    for reason in stack.unsupported.values():
        assert reason[0].isupper() and reason.endswith("."), "a sentence"
        assert len(reason.split()) >= 4


@every_stack
def test_pages_come_from_a_template_file(stack: StackManifest) -> None:
    if "article_page" in stack.served:
        assert any("{%" in page.read_text(encoding="utf-8") for page in stack.folder.rglob("*.html"))


@every_stack
def test_settings_say_what_the_command_does(stack: StackManifest) -> None:
    """The equality matrix is printed in every report: it may not drift from what is started."""
    stated = {"--workers": "workers", "--threads": "threads", "--keep-alive": "keep_alive_s"}
    stated |= {"--timeout-keep-alive": "keep_alive_s", "--loop": "event_loop"}
    for option, value in zip(stack.argv, stack.argv[1:], strict=False):
        if option in stated:
            assert value == str(stack.settings[stated[option]])
    assert stack.settings["access_log"] == ("--access-logfile" in stack.command)


@every_stack
def test_commands_take_their_numbers_from_the_settings(stack: StackManifest) -> None:
    """So that another setting is another command."""
    for option, value in zip(stack.command, stack.command[1:], strict=False):
        if option in {"--workers", "--threads", "--keep-alive", "--timeout-keep-alive"}:
            assert value.startswith("{"), f"{option} {value}"


def test_every_stack_states_the_same_settings() -> None:
    matrix = {stack.slug: set(stack.settings) for stack in STACKS}

    assert len(set(map(frozenset, matrix.values()))) == 1, matrix


def test_built_in_stacks_are_set_up_alike() -> None:
    shared = ["workers", "pool_size", "keep_alive_s", "max_requests", "access_log", "debug", "json", "transactions"]

    for setting in [*shared, "database_driver", "prepared_statements", "http_client"]:
        assert len({stack.settings.get(setting) for stack in STACKS}) == 1, setting


def test_interpreter_is_the_one_that_measures() -> None:
    python = ensure_environment(STACKS[0].folder, ENVIRONMENTS)
    version = python.parent.parent / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"

    assert version.is_dir()
