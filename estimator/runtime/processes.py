"""Processes by their id: whether they run, and how to end them within a bound."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_TICK_S = 0.02
# Whoever ends a server has its id at most; but a child must be reaped, and by the process that started it.
_children: dict[int, subprocess.Popen[bytes]] = {}


def adopt(child: subprocess.Popen[bytes]) -> None:
    """Keep a child that outlives the function that started it, to reap it when it is found to have ended."""
    _children[child.pid] = child


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie (in a container nobody may be there to reap it)."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    return (_stat(pid) or "Z")[0] not in "ZX"


def command_line(pid: int) -> list[str]:
    """Its arguments; empty when it is gone. Readable for processes of other accounts too, unlike exe and cwd."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll `condition`; False when it did not come true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK_S)
    return True


def end_process(pid: int, *, signal_number: int, timeout_s: float) -> bool:
    """Ask with a signal, wait, then kill. False when it was still there after all of that."""
    _send(pid, signal_number)
    if wait_until(lambda: _is_gone(pid), timeout_s):
        return True
    _send(pid, signal.SIGKILL)
    return wait_until(lambda: _is_gone(pid), 5)


def end_child(child: subprocess.Popen[bytes], *, timeout_s: float, signal_number: int = signal.SIGINT) -> None:
    """End a process of ours if it still runs, and reap it."""
    if child.poll() is None:
        child.send_signal(signal_number)
    try:
        child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_group(group: int, signal_number: int = signal.SIGKILL) -> None:
    """Signal whatever is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def _send(pid: int, signal_number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal_number)


def _is_gone(pid: int) -> bool:
    return not is_running(pid)


def _stat(pid: int) -> str | None:
    """Everything in /proc/<pid>/stat after the name, which may itself hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return None
