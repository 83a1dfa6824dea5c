"""Starts one program and sees that nothing of it outlives the worker. Run as a script; standard library only.

    python -I -S process_guard.py --cpus 1 --stop-signal TERM --grace 3 --report-fd 5 [--cgroup /sys/fs/...] -- argv...

Its standard input is the lifeline. A byte on it asks for an orderly stop; its end means that the worker is gone.
"""

import argparse
import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIFELINE_FD = 0
ORPHAN_GRACE_S = 1.0
KILL_LIMIT_S = 5.0  # a process in uninterruptible sleep cannot be killed; do not wait for it for ever
CANNOT_START = 127
_HANDLED = (signal.SIGCHLD, signal.SIGTERM)
_IGNORED = (signal.SIGINT, signal.SIGHUP)  # a Ctrl-C is for the worker, which then ends us through the lifeline


def main(arguments: list[str]) -> int:
    """Run the program after `--` to its end, or to ours; the exit code is the program's (128 + signal if killed)."""
    split = arguments.index("--")
    options, argv = _options(arguments[:split]), arguments[split + 1 :]
    os.sched_setaffinity(0, options.cpus)
    _join(options.cgroup)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)  # whatever daemonises itself becomes our child, not init's
    guard = Guard(argv, options, _signals_as_bytes())
    guard.wait()
    return guard.end_all()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpus", type=lambda text: [int(core) for core in text.split(",")], required=True)
    parser.add_argument("--stop-signal", type=lambda text: signal.Signals[f"SIG{text}"], default=signal.SIGTERM)
    parser.add_argument("--grace", type=float, default=3.0)
    parser.add_argument("--report-fd", type=int, required=True)
    parser.add_argument("--stdin-fd", type=int)
    parser.add_argument("--cgroup", type=Path)
    return parser.parse_args(arguments)


def _join(cgroup: Path | None) -> None:
    """Before the fork, so that the program belongs to it from its first instruction, and no cold start pays for it.

    The guard stays in it: it sleeps. Where joining is refused the worker sees that we are no member.
    """
    if cgroup is not None:
        with contextlib.suppress(OSError):
            (cgroup / "cgroup.procs").write_text("0")


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def _signals_as_bytes() -> tuple[int, int]:
    """A pipe whose first end becomes readable when a child ends or someone sends SIGTERM."""
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in _HANDLED:
        signal.signal(number, lambda *_: None)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    return reader, writer


class Guard:
    """One program, its descendants, and the reasons to end them."""

    def __init__(self, argv: list[str], options: argparse.Namespace, wakeup_pipe: tuple[int, int]) -> None:
        self.wakeup_fd = wakeup_pipe[0]
        self.stop_signal, self.grace_s = options.stop_signal, options.grace
        self.exit_code: int | None = None
        started_ns = time.monotonic_ns()
        os.set_inheritable(options.report_fd, False)
        self.child = _start(argv, options.stdin_fd)
        child_started_ticks = _stat(Path(f"/proc/{self.child}"))[19]  # there even if it ended: we reap it later
        os.write(options.report_fd, f"{self.child} {child_started_ticks} {started_ns}\n".encode())
        _close_all_but(LIFELINE_FD, 1, 2, *wakeup_pipe)

    def wait(self) -> None:
        """Until the program ends, or we are asked to end it; then give it its grace."""
        poll = select.poll()
        poll.register(LIFELINE_FD, select.POLLIN)
        poll.register(self.wakeup_fd, select.POLLIN)
        while self.exit_code is None:
            ready = [descriptor for descriptor, _ in poll.poll()]
            asked = signal.SIGTERM in self._wakeups() or LIFELINE_FD in ready
            self._reap()  # after the wake-ups were read: an end between the two leaves a new one
            if asked and self.exit_code is None:
                orderly = LIFELINE_FD not in ready or os.read(LIFELINE_FD, 1) != b""
                self._stop(self.grace_s if orderly else min(self.grace_s, ORPHAN_GRACE_S))
                return

    def end_all(self) -> int:
        """Kill whatever is left of the tree, and reap it."""
        deadline = time.monotonic() + KILL_LIMIT_S
        while (remaining := descendants(os.getpid())) and time.monotonic() < deadline:
            for pid in remaining:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._reap()
            time.sleep(0.005)
        return CANNOT_START if self.exit_code is None else self.exit_code

    def _stop(self, grace_s: float) -> None:
        os.kill(self.child, self.stop_signal)
        deadline = time.monotonic() + grace_s
        while self.exit_code is None and (left_s := deadline - time.monotonic()) > 0:
            select.select([self.wakeup_fd], [], [], left_s)
            self._wakeups()
            self._reap()

    def _wakeups(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            return os.read(self.wakeup_fd, 512)
        return b""

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.child:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self.exit_code = code if code >= 0 else 128 - code


def _start(argv: list[str], stdin_fd: int | None) -> int:
    guard = os.getpid()
    # A stop signal that came before the program has its own handlers would be lost in ours.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        return child
    try:
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == guard:  # else it died before the line above could bind us to it
            _become(argv, stdin_fd)
    except OSError as error:
        os.write(2, f"cannot start {argv[0]}: {error}\n".encode())
    finally:
        os._exit(CANNOT_START)


def _become(argv: list[str], stdin_fd: int | None) -> None:
    signal.set_wakeup_fd(-1)
    for number in (*_HANDLED, *_IGNORED, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
    source = os.open(os.devnull, os.O_RDONLY) if stdin_fd is None else stdin_fd
    os.dup2(source, 0)
    os.close(source)
    os.execvp(argv[0], argv)  # noqa: S606 - the point of this file; argv only, no shell


def _close_all_but(*kept: int) -> None:
    """Let go of the sockets passed on, so that a dead app's port refuses instead of queueing."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(entry.name))


def descendants(root: int) -> list[int]:
    """All processes below `root`, from the parent ids of the whole process table (complete, about 2 ms)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                children.setdefault(int(_stat(entry)[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


def _stat(entry: Path) -> list[str]:
    # From the state on; the name in parentheses before it may itself hold spaces and parentheses.
    return (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
