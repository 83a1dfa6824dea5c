"""Programs that cannot outlive this process: each runs below a guard that holds the other end of a lifeline."""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks import process_guard
from benchmarks.cgroups import Cgroup, made_cgroup
from benchmarks.errors import BenchmarkError, Stopped
from benchmarks.process_records import ProcessRecord
from benchmarks.process_tree import ProcessIdentity, ProcessTree

ShouldStop = Callable[[], bool]
POLL_S = 0.02
PROJECT = Path(__file__).resolve().parent.parent
_GUARD_START_LIMIT_S = 10.0
_LOG_TAIL_BYTES = 4096


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run and where. `stop_signal` without SIG; `piped`: talk to it through pipes, log only its errors."""

    name: str
    argv: Sequence[str]
    cpus: Sequence[int]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    record_folder: Path
    pass_fds: Sequence[int] = ()
    stop_signal: str = "TERM"
    grace_s: float = 3.0
    piped: bool = False


def module_program(
    name: str,
    module: str,
    *arguments: object,
    cpus: Sequence[int],
    log: Path,
    record_folder: Path,
    pass_fds: Sequence[int] = (),
    grace_s: float = 1.0,
    piped: bool = False,
) -> Program:
    """`python -m module arguments` in this project; of our environment it learns only where programs are."""
    return Program(
        name=name,
        argv=[sys.executable, "-m", module, *map(str, arguments)],
        cpus=cpus,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        cwd=PROJECT,
        log=log,
        record_folder=record_folder,
        pass_fds=pass_fds,
        grace_s=grace_s,
        piped=piped,
    )


@dataclass(kw_only=True)
class GuardedProcess:
    """A running program below its guard. `started_ns` is CLOCK_MONOTONIC just before the program was forked."""

    program: Program
    guard: "subprocess.Popen[bytes]"
    child_pid: int
    started_ns: int
    to_child: IO[bytes] | None
    record: ProcessRecord
    cgroup: Cgroup | None

    @property
    def guard_pid(self) -> int:
        """The process id of the guard."""
        return self.guard.pid

    @property
    def tree(self) -> ProcessTree:
        """The program and all below it, without the guard: what samplers want."""
        return ProcessTree(root=self.guard.pid, with_root=False, cgroup=self.cgroup)

    @property
    def from_child(self) -> IO[bytes] | None:
        """The program's standard output, when it was started `piped`."""
        return self.guard.stdout

    def running(self) -> bool:
        """Whether the program, or at least its guard, is still there."""
        return self.guard.poll() is None

    def exit_code(self) -> int | None:
        """The program's exit code, 128 + number for a signal, None while it runs."""
        code = self.guard.poll()
        return code if code is None or code >= 0 else 128 - code

    def last_log_line(self) -> str:
        """What the program said last; empty when it said nothing."""
        return last_line(self.program.log)

    def stop(self) -> None:
        """Stop signal, grace, then SIGKILL for the whole tree; returns when nothing is left. May be repeated."""
        self._ask()
        try:
            self.guard.wait(self.program.grace_s + process_guard.KILL_LIMIT_S + 1)
        except subprocess.TimeoutExpired:
            self.guard.kill()
            self.guard.wait()
        self.record.end_leftovers()  # there are some only if the guard itself was killed
        if self.cgroup is not None:
            self.cgroup.end()
        for pipe in filter(None, (self.to_child, self.from_child)):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def _ask(self) -> None:
        lifeline = self.guard.stdin
        if lifeline is not None and not lifeline.closed:
            with contextlib.suppress(BrokenPipeError):
                lifeline.write(b"s")
            with contextlib.suppress(BrokenPipeError):
                lifeline.close()


@contextlib.contextmanager
def guarded(program: Program) -> Iterator[GuardedProcess]:
    """Run a program until the block is left; then, or when this process dies, its whole tree ends.

    Raises BenchmarkError when the guard does not start.
    """
    program.log.parent.mkdir(parents=True, exist_ok=True)
    process = _started(program)
    try:
        yield process
    finally:
        process.stop()


def _started(program: Program) -> GuardedProcess:
    owner = ProcessIdentity.of_child(os.getpid())
    cgroup = made_cgroup((owner.pid, owner.started_ticks))
    try:
        return _started_in(cgroup, program)
    except BaseException:
        if cgroup is not None:
            cgroup.end()
        raise


def _started_in(cgroup: Cgroup | None, program: Program) -> GuardedProcess:
    with contextlib.ExitStack() as only_the_guard_keeps:
        report, report_fd = _pipe_to_guard(only_the_guard_keeps, "rb")
        to_child, stdin_fd = _pipe_to_guard(only_the_guard_keeps, "wb") if program.piped else (None, None)
        log = only_the_guard_keeps.enter_context(program.log.open("ab"))
        passed = [descriptor for descriptor in (report_fd, stdin_fd, *program.pass_fds) if descriptor is not None]
        guard = subprocess.Popen(
            _guard_argv(program, report_fd, stdin_fd, cgroup),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if program.piped else log,
            stderr=log,
            cwd=program.cwd,
            env=dict(program.env),
            pass_fds=passed,
            start_new_session=True,
        )
    try:
        child, started_ns = _reported(report, program)
        record = ProcessRecord.written(program.record_folder, ProcessIdentity.of_child(guard.pid), child)
    except (OSError, BenchmarkError) as error:
        _end(guard)
        raise BenchmarkError(f"{program.name} could not be started: {error}; see {program.log}") from error
    finally:
        report.close()
    return GuardedProcess(
        program=program,
        guard=guard,
        child_pid=child.pid,
        started_ns=started_ns,
        to_child=to_child,
        record=record,
        cgroup=_joined(cgroup, guard.pid),
    )


def _joined(cgroup: Cgroup | None, guard: int) -> Cgroup | None:
    """The group, if the guard could join it; what it started since then belongs to it too."""
    if cgroup is None or guard in cgroup.pids():
        return cgroup
    cgroup.end()
    return None


def _pipe_to_guard(theirs: contextlib.ExitStack, our_mode: str) -> tuple[IO[bytes], int]:
    reader, writer = os.pipe()
    ours, other = (reader, writer) if our_mode == "rb" else (writer, reader)
    theirs.callback(os.close, other)
    return open(ours, our_mode, buffering=0), other  # noqa: PTH123 - closed by its user


def _guard_argv(program: Program, report_fd: int, stdin_fd: int | None, cgroup: Cgroup | None) -> list[str]:
    guard = [sys.executable, "-I", "-S", process_guard.__file__, "--cpus", ",".join(map(str, program.cpus))]
    guard += ["--stop-signal", program.stop_signal, "--grace", str(program.grace_s), "--report-fd", str(report_fd)]
    guard += [] if stdin_fd is None else ["--stdin-fd", str(stdin_fd)]
    guard += [] if cgroup is None else ["--cgroup", str(cgroup.folder)]
    return [*guard, "--", *program.argv]


def _reported(report: IO[bytes], program: Program) -> tuple[ProcessIdentity, int]:
    ready, _, _ = select.select([report], [], [], _GUARD_START_LIMIT_S)
    numbers = [int(word) for word in report.read(80).split()] if ready else []
    if len(numbers) != 3:
        raise BenchmarkError(last_line(program.log) or "its guard did not report")
    return ProcessIdentity(pid=numbers[0], started_ticks=numbers[1]), numbers[2]


def _end(guard: "subprocess.Popen[bytes]") -> None:
    for pipe in filter(None, (guard.stdin, guard.stdout)):
        pipe.close()
    try:
        guard.wait(_GUARD_START_LIMIT_S)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()


def last_line(log: Path) -> str:
    """The last line of a log that may be large, missing or not text."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
        lines = file.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
    return ""


def wait_until(condition: Callable[[], bool], *, limit_s: float, should_stop: ShouldStop) -> bool:
    """Poll until the condition holds (True) or the time is over (False). Raises Stopped when asked to stop."""
    deadline = time.monotonic() + limit_s
    while not condition():
        check_stop(should_stop)
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True


def check_stop(should_stop: ShouldStop) -> None:
    """Raises Stopped when asked to stop."""
    if should_stop():
        raise Stopped("stopped on request")
