"""How long a quick plan takes as a user starts it, and what our own service costs the host meanwhile.

It runs on a service of its own (`own_service`), asked with `manage.py benchmark`. Nobody looks at its pages meanwhile.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import process_guard
from benchmarks.process_tree import ProcessTree, cpu_s
from benchmarks.validation.figures import Figure, middle, spread
from benchmarks.validation.own_service import OwnService

RUNS = 2  # with Locust, and as many without
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
_REPEATS_S = (
    "from django.db.models import Sum; from estimator.models import Run, WindowRecord;"
    " windows = WindowRecord.objects.filter(trial__run=Run.objects.latest('pk'), data__repeat__gt=0);"
    " print(windows.aggregate(s=Sum('duration_s', default=0))['s'])"
)
_WITHOUT_LOCUST = (
    "from estimator.models import BenchmarkPlan; plan = BenchmarkPlan.objects.order_by('id').first();"
    " plan.confirm_with_locust = {confirmed}; plan.save()"
)


@dataclass(frozen=True, kw_only=True)
class PlanRun:
    """One run of the first shipped plan: seconds from the command to its end, and cores each part of ours used.

    Of its seconds, `repeats_s` went into windows measured again because something disturbed the machine.
    """

    confirmed: bool
    took_s: float
    repeats_s: float
    cores: Mapping[str, float]


def service_figures(service: OwnService, *, runs: int = RUNS) -> list[Figure]:
    """About 9 min with two runs of each kind. Raises BenchmarkError when a run fails."""
    return service_rows([plan_run(service, confirmed=confirmed) for _ in range(runs) for confirmed in (True, False)])


def service_rows(runs: Sequence[PlanRun]) -> list[Figure]:
    """Wall time by kind; cores of each part over all runs."""
    kinds = {"with": True, "without": False}
    walls = {word: [run for run in runs if run.confirmed is kind] for word, kind in kinds.items()}
    used = {part: [run.cores[part] for run in runs] for part in runs[0].cores}
    used["all of these"] = [sum(run.cores.values()) for run in runs]
    return [
        *(
            Figure(
                what=f"quick plan of three stacks, {word} Locust, from the command to its end",
                measured=f"{middle([run.took_s for run in kind])} s",
                spread=f"{spread([run.took_s for run in kind], of='runs')}; {_repeats(kind)}",
            )
            for word, kind in walls.items()
        ),
        *(_cores_figure(part, cores) for part, cores in used.items()),
    ]


def _repeats(runs: Sequence[PlanRun]) -> str:
    return f"{middle([run.repeats_s for run in runs])} s of it repeats of disturbed windows"


def _cores_figure(part: str, cores: Sequence[float]) -> Figure:
    return Figure(
        what=f"our own CPU while a run is on: {part}",
        measured=f"{middle(cores, '.4f')} cores, {middle([100 * used for used in cores], '.1f')} % of the app's core",
        spread=spread(cores, ".4f", of="runs"),
    )


def plan_run(service: OwnService, *, confirmed: bool) -> PlanRun:
    """One run to its end, with or without Locust. Raises BenchmarkError when it fails."""
    service.ground.tell(f"  a quick plan {'with' if confirmed else 'without'} Locust ...")
    service.manage("shell", "-c", _WITHOUT_LOCUST.format(confirmed=confirmed))
    before, started_s = used_s(service.supervisor), time.monotonic()
    service.manage("benchmark")
    took_s, after = time.monotonic() - started_s, used_s(service.supervisor)
    cores = {part: max(0.0, after[part] - before[part]) / took_s for part in _PARTS}
    repeats_s = float(service.manage("shell", "-c", _REPEATS_S))
    return PlanRun(confirmed=confirmed, took_s=took_s, repeats_s=repeats_s, cores=cores)


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


def web_workers(supervisor: int) -> list[int]:
    """Process ids of what answers requests."""
    webs = [child for child in psutil.Process(supervisor).children() if part_of(_command_line(child)) == "web"]
    return [worker.pid for web in webs for worker in web.children()]


def _command_line(process: psutil.Process) -> str:
    try:
        return f"{' '.join(process.cmdline())} "
    except psutil.NoSuchProcess:
        return ""
