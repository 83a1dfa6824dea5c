"""What the kernel tells of a process and its descendants: identity, CPU time, memory."""

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import process_guard
from benchmarks.cgroups import PROC as FROM_PROC
from benchmarks.cgroups import Cgroup

PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)


@dataclass(frozen=True, kw_only=True)
class ProcessIdentity:
    """A process id may be used again; with its start time (ticks since boot) it is unique until the next boot."""

    pid: int
    started_ticks: int

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process that has this id now; None when there is none, or only its exit code is left of it."""
        fields = stat_fields(pid)
        return None if fields is None or fields[0] in "ZX" else cls(pid=pid, started_ticks=int(fields[19]))

    @classmethod
    def of_child(cls, pid: int) -> "ProcessIdentity":
        """A child that was not waited for yet: it can be told even after its end."""
        return cls(pid=pid, started_ticks=int((stat_fields(pid) or ["0"] * 20)[19]))

    def alive(self) -> bool:
        """Whether this very process is still there."""
        return ProcessIdentity.of(self.pid) == self


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Memory of a process tree; `basis` is pss, or rss where the kernel refused the proportional share.

    `at_s` is CLOCK_MONOTONIC.
    """

    mib: float
    basis: str
    at_s: float = field(default_factory=time.monotonic)


def stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on (see proc_pid_stat(5), field 3); None for no such process."""
    with contextlib.suppress(*_GONE):
        # The name before it stands in parentheses and may hold spaces and parentheses itself.
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return None


def descendants(root: int) -> list[int]:
    """The processes below `root`. Fast, for sampling: the kernel may miss one while another one ends."""
    if not (PROC / "self" / "task" / str(os.getpid()) / "children").exists():
        return process_guard.descendants(root)  # a kernel without CONFIG_PROC_CHILDREN
    found = [root]
    for pid in found:
        found += _children(pid)
    return found[1:]


def _children(pid: int) -> Iterable[int]:
    with contextlib.suppress(*_GONE):
        for task in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(*_GONE):
                yield from map(int, (task / "children").read_text().split())


def session_members(session: int, started_after: int) -> list[int]:
    """Processes of a session that started at or after a moment (ticks since boot), whoever their parent is now."""
    members = []
    for entry in PROC.iterdir():
        fields = stat_fields(int(entry.name)) if entry.name.isdigit() else None
        if fields and fields[0] not in "ZX" and int(fields[3]) == session and int(fields[19]) >= started_after:
            members.append(int(entry.name))
    return members


def cpu_s(pid: int) -> float:
    """CPU-seconds of one process, all its threads and also those that ended; 0 when it is gone.

    Read from its CPU clock (ns, see clock_getcpuclockid(3)), which unlike /proc/<pid>/schedstat keeps ended threads
    and is never behind by a tick; ticks of 10 ms where a sandbox forbids that.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)  # how the C library builds the clock's id
    except OSError:
        fields = stat_fields(pid)
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S if fields else 0.0


def waited_children_cpu_s(pid: int) -> float:
    """CPU-seconds that ended and waited-for children left with their parent (ticks of 10 ms)."""
    fields = stat_fields(pid)
    return (int(fields[13]) + int(fields[14])) / _TICKS_PER_S if fields else 0.0


@dataclass(frozen=True, kw_only=True)
class ProcessTree:
    """A process and all below it; without the root itself when that is only a guard.

    Its CPU time is that of `cgroup` where there is one: exact for all who ever belonged to it, and one file to read.
    """

    root: int
    with_root: bool = True
    cgroup: Cgroup | None = None

    def pids(self) -> list[int]:
        """Who belongs to it now."""
        below = descendants(self.root)
        return [self.root, *below] if self.with_root else below

    @property
    def cpu_basis(self) -> str:
        """How its CPU time is counted: by cgroup, or from /proc."""
        return FROM_PROC if self.cgroup is None else self.cgroup.basis

    def cpu_s(self) -> float:
        """CPU-seconds so far, those of ended processes included (from /proc: only of those that were waited for)."""
        if self.cgroup is not None:
            return self.cgroup.cpu_s()
        pids = self.pids()
        return sum(map(cpu_s, pids)) + sum(map(waited_children_cpu_s, {self.root, *pids}))

    def memory(self) -> Memory:
        """Proportional memory: a shared page counts once, divided among its users."""
        pids = self.pids()
        shares = [share for share in map(_pss_kib, pids) if share is not None]
        if len(shares) == len(pids):
            return Memory(mib=sum(shares) / 1024, basis="pss")
        return Memory(mib=sum(map(_rss_kib, pids)) / 1024, basis="rss")


def _pss_kib(pid: int) -> int | None:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except _GONE:
        return 0
    except OSError:
        return None  # not permitted, or a kernel before 4.14
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _rss_kib(pid: int) -> int:
    fields = stat_fields(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") // 1024 if fields else 0
