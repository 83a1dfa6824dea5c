"""How long a quick plan takes as a user starts it, and what our own service costs the host meanwhile.

A service of its own is started for it, with `manage.py up` in a var folder of its own, and asked with
`manage.py benchmark`. Nobody looks at its pages meanwhile.
"""

import http.client
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import process_guard
from benchmarks.errors import BenchmarkError
from benchmarks.guarded_process import GuardedProcess, Program, guarded, wait_until
from benchmarks.load.engine import PROJECT
from benchmarks.process_tree import ProcessTree, cpu_s
from benchmarks.validation.figures import Figure, middle, spread
from benchmarks.validation.ground import Ground, never

RUNS = 2  # with Locust, and as many without
_START_LIMIT_S, _RUN_LIMIT_S, _STOP_LIMIT_S = 120.0, 1_200.0, 30.0
_WORKER = "bench worker, without what it measures"
# How each of the service's programs is known among the children of `manage.py up`.
_PARTS = {
    "web": "gunicorn",
    _WORKER: "bench@",
    "housekeeping worker": "housekeeping@",
    "beat": " beat ",
    "database": "postgres -D",
    "broker": "valkey-server",
}
_WITHOUT_LOCUST = (
    "from estimator.models import BenchmarkPlan; plan = BenchmarkPlan.objects.order_by('id').first();"
    " plan.confirm_with_locust = {confirmed}; plan.save()"
)


@dataclass(frozen=True, kw_only=True)
class PlanRun:
    """One run of the first shipped plan: seconds from the command to its end, and cores each part of ours used."""

    confirmed: bool
    took_s: float
    cores: Mapping[str, float]


def service_figures(ground: Ground, *, runs: int = RUNS) -> list[Figure]:
    """About 9 min with two runs of each kind. Raises BenchmarkError when the service or a run fails."""
    with service(ground) as up:
        seen = [plan_run(ground, up, confirmed=confirmed) for _ in range(runs) for confirmed in (True, False)]
    return service_rows(seen)


def service_rows(runs: Sequence[PlanRun]) -> list[Figure]:
    """Wall time by kind; cores of each part over all runs."""
    kinds = {"with": True, "without": False}
    walls = {word: [run.took_s for run in runs if run.confirmed is kind] for word, kind in kinds.items()}
    used = {part: [run.cores[part] for run in runs] for part in runs[0].cores}
    used["all of these"] = [sum(run.cores.values()) for run in runs]
    return [
        *(
            Figure(
                what=f"quick plan of three stacks, {word} Locust, from the command to its end",
                measured=f"{middle(wall)} s",
                spread=spread(wall, of="runs"),
            )
            for word, wall in walls.items()
        ),
        *(_cores_figure(part, cores) for part, cores in used.items()),
    ]


def _cores_figure(part: str, cores: Sequence[float]) -> Figure:
    return Figure(
        what=f"our own CPU while a run is on: {part}",
        measured=f"{middle(cores, '.4f')} cores, {middle([100 * used for used in cores], '.1f')} % of the app's core",
        spread=spread(cores, ".4f", of="runs"),
    )


@contextmanager
def service(ground: Ground) -> Iterator[GuardedProcess]:
    """`manage.py up` with an empty var folder but the environments that are there. Raises BenchmarkError."""
    var, port = ground.folder / "service", _free_port()
    shutil.rmtree(var, ignore_errors=True)
    (var / "bench").mkdir(parents=True)
    (ground.folder / "environments").mkdir(exist_ok=True)
    (var / "bench" / "environments").symlink_to((ground.folder / "environments").resolve())
    with guarded(_manage(ground, "up", "--port", str(port))) as up:
        ready = wait_until(lambda: not up.running() or _answers(port), limit_s=_START_LIMIT_S, should_stop=never)
        if not (ready and up.running()):
            raise BenchmarkError(f"the service did not start: {up.last_log_line()}; see {up.program.log}")
        yield up
    shutil.rmtree(var, ignore_errors=True)


def plan_run(ground: Ground, up: GuardedProcess, *, confirmed: bool) -> PlanRun:
    """One run to its end, with or without Locust. Raises BenchmarkError when it fails."""
    ground.tell(f"  a quick plan {'with' if confirmed else 'without'} Locust ...")
    _finished(ground, "shell", "-c", _WITHOUT_LOCUST.format(confirmed=confirmed))
    before, started_s = used_s(up.child_pid), time.monotonic()
    _finished(ground, "benchmark")
    took_s, after = time.monotonic() - started_s, used_s(up.child_pid)
    cores = {part: max(0.0, after[part] - before[part]) / took_s for part in _PARTS}
    return PlanRun(confirmed=confirmed, took_s=took_s, cores=cores)


def used_s(supervisor: int) -> dict[str, float]:
    """CPU-seconds of each part so far; one that is not there counts as 0."""
    programs = [(part_of(_command_line(child)), child.pid) for child in psutil.Process(supervisor).children()]
    return {part: sum(_cpu_s(part, pid) for found, pid in programs if found == part) for part in _PARTS}


def _cpu_s(part: str, pid: int) -> float:
    """Ended processes count, such as those of closed database connections; below the worker those were measured."""
    return own_cpu_s(pid) if part == _WORKER else ProcessTree(root=pid).cpu_s()


def part_of(command_line: str) -> str:
    """Which part of the service a program is; empty for any other."""
    return next((part for part, word in _PARTS.items() if word in command_line), "")


def own_cpu_s(pid: int) -> float:
    """CPU-seconds of a process and what is below it, except for programs below a guard: those are measured."""
    try:
        children = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return 0.0
    ours = [child for child in children if Path(process_guard.__file__).name not in _command_line(child)]
    return cpu_s(pid) + sum(own_cpu_s(child.pid) for child in ours)


def _command_line(process: psutil.Process) -> str:
    try:
        return f"{' '.join(process.cmdline())} "
    except psutil.NoSuchProcess:
        return ""


def _manage(ground: Ground, *arguments: str) -> Program:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(ground.folder), "LANG": "C.UTF-8"}
    return Program(
        name=f"manage.py {arguments[0]}",
        argv=[sys.executable, "-u", str(PROJECT / "manage.py"), *arguments],
        cpus=sorted({*ground.cores.app, *ground.cores.load}),
        env={**environment, "VAR_DIR": str(ground.folder / "service")},
        cwd=PROJECT,
        log=ground.log(f"service-{arguments[0]}"),
        record_folder=ground.records,
        grace_s=_STOP_LIMIT_S,
    )


def _finished(ground: Ground, *arguments: str) -> None:
    with guarded(_manage(ground, *arguments)) as command:
        ended = wait_until(lambda: not command.running(), limit_s=_RUN_LIMIT_S, should_stop=never)
        if not ended or command.exit_code():
            raise BenchmarkError(f"{command.program.name} failed: {command.last_log_line()}; see {command.program.log}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
