"""Early pytest plugin: the tests' own PostgreSQL and Valkey, running before anything loads Django's settings."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from pathlib import Path

import hypothesis
import pytest

from estimator.runtime.embedded import no_services, services
from estimator.runtime.environment import PROJECT, supplied, var_folder
from estimator.runtime.locks import FileLock
from estimator.runtime.storage import make_folder

# These start what they need themselves, and nothing in them loads Django.
WITHOUT_DJANGO = [PROJECT / "tests" / name for name in ("domain", "runtime")]
# A busy machine makes examples slow, and no test is about their time.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")
# Throw-away data: no test waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """A wrapper, so that it comes before pytest-django, which loads the settings in the same hook."""
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    if _needs_django(early_config):
        var = _own_var_folder(stack)
        stack.enter_context(supplied({"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "estimator.settings"}))
        stack.enter_context(_services(early_config, var))
        stack.enter_context(supplied(_own_queue()))
    return (yield)


def _own_queue() -> dict[str, str]:
    """Processes of one test run share Valkey, each with a database of its own; pytest-django does so for PostgreSQL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        return {}
    server = os.environ["REDIS_URL"].rpartition("/")[0]
    return {"REDIS_URL": f"{server}/{1 + int(worker.removeprefix('gw'))}"}


def _needs_django(config: pytest.Config) -> bool:
    named = [(config.invocation_params.dir / name.partition("::")[0]).resolve() for name in _named(config)]
    return not named or not all(any(path.is_relative_to(folder) for folder in WITHOUT_DJANGO) for path in named)


def _named(config: pytest.Config) -> list[str]:
    return list(config.known_args_namespace.file_or_dir)


def _services(config: pytest.Config, var: Path) -> AbstractContextManager[object]:
    known = config.known_args_namespace
    only_looks = known.help or known.version or known.collectonly
    return no_services() if only_looks else services(var, postgres_settings=FAST)


def _own_var_folder(stack: ExitStack) -> Path:
    """var/test, or var/test-2 when another test run is busy in it: two runs never share a database or a queue."""
    for number in count(1):
        var = var_folder() / ("test" if number == 1 else f"test-{number}")
        make_folder(var)
        lock = FileLock(var / "run.lock")
        if lock.try_exclusive():
            stack.callback(lock.close)
            return var
        lock.close()
    raise AssertionError("count() ends never")
