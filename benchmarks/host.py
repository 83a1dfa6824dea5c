"""The machine a figure belongs to: its facts, and a canary that tells how fast it is at this moment."""

import contextlib
import hashlib
import os
import platform
import statistics
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from benchmarks.cgroups import cpu_basis
from benchmarks.process_tree import ProcessTree

_CANARY_ROUNDS = 400  # about a tenth of a millisecond of work a unit, small against a scheduler's slice


def host_facts() -> dict[str, Any]:
    """What decides how fast code runs here. A fact that cannot be read is None: absent, never guessed."""
    cpu = _cpu_info()
    return {
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cpu_vendor": cpu.get("vendor_id"),
        "cpu_family": cpu.get("cpu family"),
        "cpu_model": cpu.get("model"),
        "cpu_model_name": cpu.get("model name"),
        "cpu_mhz": float(cpu["cpu MHz"]) if "cpu MHz" in cpu else None,
        "cores": len(os.sched_getaffinity(0)),
        "cores_online": os.cpu_count(),
        "smt": _read("/sys/devices/system/cpu/smt/active"),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "virtualised": "hypervisor" in cpu.get("flags", "").split(),
        "hypervisor": _read("/sys/class/dmi/id/sys_vendor"),
        "clock_source": _read("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "memory_mib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "cpu_basis": cpu_basis(),
        "memory_basis": ProcessTree(root=os.getpid()).memory().basis,
        "cpu_pressure": Path("/proc/pressure/cpu").exists(),
        "python": platform.python_version(),
        "python_implementation": platform.python_implementation(),
    }


def _cpu_info() -> dict[str, str]:
    first = Path("/proc/cpuinfo").read_text().split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def canary(seconds: float = 0.5, core: int | None = None) -> float:
    """Median speed of a fixed piece of work, in units per second, on `core` or wherever the scheduler puts it."""
    speeds: list[float] = []
    with on_cores(None if core is None else {core}):
        end_s = time.perf_counter() + seconds
        while not speeds or time.perf_counter() < end_s:
            started_s = time.perf_counter()
            unit_of_work(_CANARY_ROUNDS)
            speeds.append(1 / (time.perf_counter() - started_s))
    return statistics.median(speeds)


def unit_of_work(rounds: int) -> str:
    """Interpreter loops, dictionaries, strings and hashing: the mix a web application spends its time with."""
    counts: dict[int, int] = {}
    digest = hashlib.sha256()
    for number in range(rounds):
        key = number * 2654435761 % 97
        counts[key] = counts.get(key, 0) + number
        digest.update(f"{number}:{key}".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def on_cores(cores: Collection[int] | None) -> Iterator[None]:
    """This thread runs on these cores only; None leaves it where it may run."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if cores is None else cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
