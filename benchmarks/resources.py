"""What a window cost: CPU by process tree, cores, steal, foreign work, memory and pressure; which cores serve whom."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process_tree import Memory, ProcessTree
from estimator.domain.measuring.measurement import ResourceUse

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class CoreTimes:
    """Seconds one core spent so far, from /proc/stat (proc_stat(5)); guests are part of busy."""

    busy_s: float
    idle_s: float
    steal_s: float

    def since(self, earlier: "CoreTimes") -> "CoreTimes":
        """What was spent between two readings; the kernel may correct idle backwards, hence the zero."""
        return CoreTimes(
            busy_s=max(0.0, self.busy_s - earlier.busy_s),
            idle_s=max(0.0, self.idle_s - earlier.idle_s),
            steal_s=max(0.0, self.steal_s - earlier.steal_s),
        )

    @property
    def total_s(self) -> float:
        """All of it."""
        return self.busy_s + self.idle_s + self.steal_s


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All counters at one moment (`at_s` is CLOCK_MONOTONIC); two of them make a window."""

    at_s: float
    app_cpu_s: float
    database_cpu_s: float
    generator_cpu_s: float
    others_cpu_s: float
    cores: Mapping[int, CoreTimes]
    pressure_s: float | None


@dataclass(frozen=True, kw_only=True)
class ResourceSampler:
    """Reads what app, database, generator and our other processes used. `others` are ours too: not foreign.

    `others` are the worker, web, broker and service database. A tree that holds another one of these must not be given.
    """

    app: ProcessTree
    app_cores: Sequence[int]
    load_cores: Sequence[int]
    database: ProcessTree | None = None
    generator: ProcessTree | None = None
    others: Sequence[ProcessTree] = field(default_factory=tuple)

    def snapshot(self) -> Snapshot:
        """Read all counters now; takes a millisecond or two of the caller's core."""
        app_cpu_s, at_s, cores = self.app.cpu_s(), time.monotonic(), core_times()
        return Snapshot(
            at_s=at_s,
            app_cpu_s=app_cpu_s,
            cores=cores,
            generator_cpu_s=_cpu_s(self.generator),
            database_cpu_s=_cpu_s(self.database),
            others_cpu_s=sum(map(_cpu_s, self.others)) + time.process_time(),  # this worker is not foreign either
            pressure_s=cpu_pressure_s(),
        )

    def use(self, before: Snapshot, after: Snapshot, memory: Memory | None = None) -> ResourceUse:
        """What was used between two snapshots. Raises ValueError when the second is not the later one."""
        seconds = after.at_s - before.at_s
        if seconds <= 0:
            raise ValueError("The second snapshot is not later than the first; pass them in the order they were taken.")
        cores = {core: after.cores[core].since(times) for core, times in before.cores.items() if core in after.cores}
        app, generator = after.app_cpu_s - before.app_cpu_s, after.generator_cpu_s - before.generator_cpu_s
        database, others = after.database_cpu_s - before.database_cpu_s, after.others_cpu_s - before.others_cpu_s
        busy_s = sum(times.busy_s for times in cores.values())
        return ResourceUse(
            app_cpu_s=max(0.0, app),
            database_cpu_s=max(0.0, database),
            generator_cpu_s=max(0.0, generator),
            app_cores=len(self.app_cores),
            app_core_busy=_share(cores, self.app_cores, lambda times: times.busy_s + times.steal_s),
            app_steal=_share(cores, self.app_cores, lambda times: times.steal_s),
            load_steal=_share(cores, self.load_cores, lambda times: times.steal_s),
            foreign_cpu=max(0.0, busy_s - app - database - generator - others) / seconds,
            memory_mib=memory.mib if memory else None,
            memory_basis=memory.basis if memory else "pss",
            memory_at_s=memory.at_s if memory else None,
            cpu_basis=self.app.cpu_basis,
            cpu_pressure=_pressure(before, after),
        )


def _pressure(before: Snapshot, after: Snapshot) -> float | None:
    if before.pressure_s is None or after.pressure_s is None:
        return None
    return (after.pressure_s - before.pressure_s) / (after.at_s - before.at_s)


def _cpu_s(tree: ProcessTree | None) -> float:
    return 0.0 if tree is None else tree.cpu_s()


def _share(cores: Mapping[int, CoreTimes], chosen: Sequence[int], part: Callable[[CoreTimes], float]) -> float:
    times = [cores[core] for core in chosen if core in cores]
    total_s = sum(core.total_s for core in times)
    return sum(map(part, times)) / total_s if total_s > 0 else 0.0


def core_times() -> dict[int, CoreTimes]:
    """The counters of every online core."""
    cores = {}
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name.startswith("cpu") and name != "cpu":
            user, nice, system, idle, iowait, irq, softirq, steal = (int(tick) / _TICKS_PER_S for tick in ticks[:8])
            busy_s = user + nice + system + irq + softirq
            cores[int(name[3:])] = CoreTimes(busy_s=busy_s, idle_s=idle + iowait, steal_s=steal)
    return cores


def cpu_pressure_s() -> float | None:
    """Seconds in which some task waited for a core so far; None on a kernel without pressure information."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
    except OSError:  # also EOPNOTSUPP: built in but switched off
        return None
    return int(some.rpartition("total=")[2]) / 1e6


@dataclass(frozen=True, kw_only=True)
class CoreSplit:
    """Which cores the app gets, and which the generator and database; `warning` where they must share."""

    app: tuple[int, ...]
    load: tuple[int, ...]
    warning: str = ""


def split_cores(app_cores: int = 1, available: Sequence[int] | None = None) -> CoreSplit:
    """The last `app_cores` of the cores this process may use for the app, the rest for the load; one each of two."""
    cores = sorted(os.sched_getaffinity(0) if available is None else available)
    if len(cores) == 1:
        warning = "One core serves app, database and generator: every figure holds their competition."
        return CoreSplit(app=tuple(cores), load=tuple(cores), warning=warning)
    count = min(max(1, app_cores), len(cores) - 1)
    return CoreSplit(app=tuple(cores[-count:]), load=tuple(cores[:-count]))
