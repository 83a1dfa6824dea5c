"""Notes on running guards, for a later worker to end what is left: by process id and start time, never by name."""

import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import process_tree
from benchmarks.cgroups import existing_cgroups
from benchmarks.process_tree import ProcessIdentity

_END_LIMIT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """Who started a guard, the guard, and the program below it, which leads a session of its own."""

    path: Path
    boot: str
    owner: ProcessIdentity
    guard: ProcessIdentity
    child: ProcessIdentity

    @classmethod
    def written(cls, folder: Path, guard: ProcessIdentity, child: ProcessIdentity) -> "ProcessRecord":
        """Note a guard that was started just now by this process."""
        folder.mkdir(parents=True, exist_ok=True)
        owner = ProcessIdentity.of_child(os.getpid())
        record = cls(path=folder / f"{guard.pid}.json", boot=_boot(), owner=owner, guard=guard, child=child)
        record._write()
        return record

    def _write(self) -> None:
        pairs = {name: [who.pid, who.started_ticks] for name, who in self._people().items()}
        scratch = self.path.with_suffix(".new")
        scratch.write_text(json.dumps({"boot": self.boot, **pairs}))
        scratch.replace(self.path)

    def _people(self) -> dict[str, ProcessIdentity]:
        return {"owner": self.owner, "guard": self.guard, "child": self.child}

    @classmethod
    def read(cls, path: Path) -> "ProcessRecord":
        """The reverse of writing. Raises ValueError, KeyError or TypeError when the file is damaged."""
        data = json.loads(path.read_text())
        people = {name: ProcessIdentity(pid=int(data[name][0]), started_ticks=int(data[name][1])) for name in _PEOPLE}
        return cls(path=path, boot=str(data["boot"]), **people)

    def leftovers(self) -> list[int]:
        """The guard, what is below it, and what is left of the program's session."""
        if self.boot != _boot():
            return []
        below = [self.guard.pid, *process_tree.descendants(self.guard.pid)] if self.guard.alive() else []
        return sorted({*below, *self._session()})

    def _session(self) -> list[int]:
        leader = ProcessIdentity.of(self.child.pid)
        if leader not in (None, self.child):
            return []  # the id belongs to someone else by now, and so does the session
        return process_tree.session_members(self.child.pid, started_after=self.child.started_ticks)

    def end_leftovers(self) -> list[int]:
        """SIGKILL for all of it, then forget the note. Returns the process ids that were ended."""
        ended: set[int] = set()
        deadline = time.monotonic() + _END_LIMIT_S
        while (pids := self.leftovers()) and time.monotonic() < deadline:
            ended.update(pids)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        self.path.unlink(missing_ok=True)
        return sorted(ended)


_PEOPLE = ("owner", "guard", "child")


def sweep(record_folder: Path) -> list[int]:
    """End what workers that are gone left running; call it when a worker starts. Returns the ids that were ended."""
    ended: list[int] = []
    for path in sorted(record_folder.glob("*.json")):
        try:
            record = ProcessRecord.read(path)
        except (ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        if record.boot != _boot() or not record.owner.alive():
            ended += record.end_leftovers()
    return ended + _end_left_cgroups()


def _end_left_cgroups() -> list[int]:
    """Groups whose owner is gone, with whoever escaped from his session into a daemon's life."""
    ended: list[int] = []
    for cgroup in existing_cgroups():
        owner = cgroup.owner()
        if owner and not ProcessIdentity(pid=owner[0], started_ticks=owner[1]).alive():
            ended += cgroup.end()
    return ended


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
