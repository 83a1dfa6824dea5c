"""A control group per measured tree: the kernel itself adds up the CPU time of all who ever belonged to it."""

import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

V1, V2 = "cgroup v1", "cgroup v2"
PROC = "proc"  # the basis where no group can be written: the CPU clocks of the processes
_PREFIX = "measured"
_NAME = re.compile(rf"{_PREFIX}-(\d+)-(\d+)-\d+")
_END_LIMIT_S = 2.0
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """A mounted hierarchy that counts CPU time; `parent` is the group in it that this process belongs to."""

    basis: str
    parent: Path

    def usable(self) -> bool:
        """Whether groups can be made here that only count.

        Where the CPU controller is switched on below `parent`, a group would also get its own share of each core:
        a meter must not change what it measures.
        """
        writable = os.access(self.parent, os.W_OK) and os.access(self.parent / "cgroup.procs", os.W_OK)
        return writable and not (self.parent / "cpu.shares").exists() and "cpu" not in _controllers_below(self.parent)


@dataclass(frozen=True, kw_only=True)
class Cgroup:
    """A group of ours. `basis` says by which version of the interface it is read."""

    basis: str
    folder: Path

    def cpu_s(self) -> float:
        """CPU-seconds of all who ever were members, at most a scheduler tick behind; 0 once the group is gone."""
        file, read = ("cpu.stat", v2_cpu_s) if self.basis == V2 else ("cpuacct.usage", v1_cpu_s)
        with contextlib.suppress(OSError):
            return read((self.folder / file).read_text())
        return 0.0

    def pids(self) -> list[int]:
        """Who belongs to it now. The kernel says 0 for a process of another process namespace: not ours to end."""
        with contextlib.suppress(OSError):
            return [pid for pid in map(int, (self.folder / "cgroup.procs").read_text().split()) if pid]
        return []

    def owner(self) -> tuple[int, int] | None:
        """Process id and start time (ticks since boot) of who made it; None for a group that is not ours."""
        matched = _NAME.fullmatch(self.folder.name)
        return (int(matched[1]), int(matched[2])) if matched else None

    def end(self) -> list[int]:
        """SIGKILL for whoever is left in it, then remove it. Returns the process ids that were ended."""
        ended: set[int] = set()
        deadline = time.monotonic() + _END_LIMIT_S
        while not _removed(self.folder) and time.monotonic() < deadline:
            for pid in self.pids():
                ended.add(pid)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        return sorted(ended)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # busy: its last member has not been reaped yet
    return True


def _controllers_below(parent: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return (parent / "cgroup.subtree_control").read_text().split()
    return []


def v2_cpu_s(cpu_stat: str) -> float:
    """The text of cpu.stat -> CPU-seconds."""
    return int(dict(line.split() for line in cpu_stat.splitlines())["usage_usec"]) / 1e6


def v1_cpu_s(usage: str) -> float:
    """The text of cpuacct.usage -> CPU-seconds."""
    return int(usage) / 1e9


def hierarchies(mountinfo: str, memberships: str) -> list[Hierarchy]:
    """/proc/self/mountinfo and /proc/self/cgroup -> where CPU time is counted by group, version 2 first."""
    own = _own_groups(memberships)
    found = []
    for mount in map(str.split, mountinfo.splitlines()):
        root, mounted_at = mount[3], mount[4]
        kind, _, options = mount[mount.index("-") + 1 :][:3]
        name = {"cgroup2": "", "cgroup": "cpuacct" if "cpuacct" in options.split(",") else None}.get(kind)
        if name is not None and name in own:
            below = own[name].removeprefix(root.rstrip("/")).lstrip("/")
            found.append(Hierarchy(basis=V1 if name else V2, parent=Path(_unescaped(mounted_at)) / below))
    return sorted(found, key=lambda one: one.basis, reverse=True)


def _own_groups(memberships: str) -> dict[str, str]:
    """Controller -> our group in its hierarchy; version 2 has no name."""
    lines = [line.split(":", 2) for line in memberships.splitlines()]
    return {controller: group for _, controllers, group in lines for controller in controllers.split(",")}


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), path)


def usable_hierarchies() -> Sequence[Hierarchy]:
    """Those of this machine in which this process can make groups, the preferred one first."""
    proc = Path("/proc/self")
    try:
        found = hierarchies((proc / "mountinfo").read_text(), (proc / "cgroup").read_text())
    except OSError:
        return []
    return [one for one in found if one.usable()]


def cpu_basis() -> str:
    """How the CPU time of measured processes is counted on this machine."""
    return next((one.basis for one in usable_hierarchies()), PROC)


def made_cgroup(owner: tuple[int, int]) -> Cgroup | None:
    """A new group, named by its owner's process id and start time; None where none can be made."""
    for hierarchy in usable_hierarchies():
        folder = hierarchy.parent / f"{_PREFIX}-{owner[0]}-{owner[1]}-{next(_numbers)}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            return Cgroup(basis=hierarchy.basis, folder=folder)
    return None


def existing_cgroups() -> Iterator[Cgroup]:
    """All groups made by `made_cgroup`, whoever owns them."""
    for hierarchy in usable_hierarchies():
        for folder in hierarchy.parent.glob(f"{_PREFIX}-*"):
            yield Cgroup(basis=hierarchy.basis, folder=folder)
