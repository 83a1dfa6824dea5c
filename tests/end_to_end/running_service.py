"""The whole service as `manage.py up` starts it, on the tests' servers, and what one can see of it from outside."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from estimator.models import BenchmarkPlan, Run, Stack, Workload
from estimator.services import runs

ROOT = Path(__file__).parent.parent.parent
STACKS = ("fastapi", "flask", "django")
WRONG = "flask-wrong"  # whose answers name another domain


def wait_for(condition: Callable[[], object], *, within_s: float, what: str) -> None:
    """Poll until the condition holds; fails with `what` was awaited when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} within {within_s:g} s"
        time.sleep(0.1)


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """`up` is the supervisor."""

    up: psutil.Process
    address: str
    log: Path

    def worker(self) -> psutil.Process | None:
        """The bench worker's main process."""
        named = [child for child in self.up.children(recursive=True) if "bench@%h" in _words(child)]
        workers = [one for one in named if not any(parent.pid in {n.pid for n in named} for parent in one.parents())]
        return workers[0] if workers else None

    def attempt(self) -> list[psutil.Process]:
        """What the bench worker started for the run that it measures now: guards, app, database, load."""
        worker = self.worker()
        return [] if worker is None else [child for child in _below(worker) if "bench@%h" not in _words(child)]

    def app(self) -> psutil.Process | None:
        """The app under test that runs now."""
        found = [one for one in self.attempt() if Path(_cwd(one)).parent == settings.STACKS_DIR and not _is_guard(one)]
        return found[0] if found else None


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def _cwd(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return "/"


def _is_guard(process: psutil.Process) -> bool:
    return any(word.endswith("process_guard.py") for word in _words(process))


@contextmanager
def running_service(**environment: str) -> Iterator[RunningService]:
    """Start it, wait until it has announced itself, and end it as Ctrl-C does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    log = settings.VAR_DIR / "logs" / "end-to-end.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "manage.py", "up", "--port", str(port)]
    with log.open("w") as output:
        up = subprocess.Popen(argv, cwd=ROOT, env=_environment() | environment, stdout=output, stderr=output)
        try:
            wait_for(
                lambda: "Sign in" in log.read_text() or up.poll() is not None, within_s=60, what="the service is up"
            )
            assert up.poll() is None, log.read_text()
            yield RunningService(up=psutil.Process(up.pid), address=f"http://127.0.0.1:{port}/", log=log)
        finally:
            up.terminate()
            up.wait(40)


def _environment() -> dict[str, str]:
    """The tests' own servers, with the database that pytest-django made."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "VAR_DIR": str(settings.VAR_DIR)}


def smoke_plan(*stacks: str, workload: str = "user_lookup") -> BenchmarkPlan:
    """A plan so short that its figures mean nothing; all active stacks when none are named."""
    plan, _ = BenchmarkPlan.objects.get_or_create(name=f"smoke {' '.join(stacks)}", defaults={"profile": "smoke"})
    chosen = Stack.objects.filter(active=True)
    plan.stacks.set(chosen.filter(slug__in=stacks) if stacks else chosen)
    plan.workloads.set(Workload.objects.filter(slug=workload))
    return plan


def requested(plan: BenchmarkPlan) -> Run:
    """A run of the plan, asked for as the admin does."""
    return runs.request_run(plan=plan, seed=1)


def ended(run: Run, *, within_s: float) -> Run:
    """The run once it has reached its end."""
    wait_for(lambda: _fresh(run).ended, within_s=within_s, what=f"{run} ends")
    return run


def _fresh(run: Run) -> Run:
    run.refresh_from_db()
    return run
