"""The loop behind `manage.py up`: starts programs in order, brings back those that may fail, stops all in reverse."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from estimator.runtime.environment import PROJECT
from estimator.runtime.output import Relay
from estimator.runtime.processes import end_group

_TICK_S = 0.1
SUPERVISOR_PID = "SUPERVISOR_PID"  # tells a program who its siblings are
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program to run. `environment` is added to ours; `ready` is polled before the next program starts.

    One that must not `restart` ends everything with itself, unless it is `finite` and ends in order: then it is done,
    and `last` says whether everything is. `stop_signal` must make it end its own children.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restart: bool = True
    finite: bool = False
    last: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10
    ready: Callable[[], bool] | None = None
    ready_within_s: float = 60
    descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """Wait `first_pause_s`, doubled at each restart within `window_s`; give up after so many of them."""

    restarts: int = 5
    window_s: float = 60
    first_pause_s: float = 0.5


@dataclass(kw_only=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)
    due: float = 0


class Supervisor:
    """Runs `programs` until the last is done, one ends for good, a service of ours is dead, or we are asked to stop.

    `echo` gets a program's name and a line of its output; `dead_service` names an embedded server that has ended;
    `announce` is called once, when everything has started.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        log_folder: Path,
        echo: Callable[[str, str], None],
        dead_service: Callable[[], str | None] = lambda: None,
        announce: Callable[[], None] = lambda: None,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._children = [_Child(program=program) for program in programs]
        self._relay = Relay(log_folder, echo)
        self._echo = echo
        self._dead_service = dead_service
        self._announce = announce
        self._policy = policy or RestartPolicy()
        self._stop_requests = 0
        self._failure: str | None = None
        self._done = False

    def run(self) -> str | None:
        """Returns why it had to stop, or None when it was asked to (Ctrl-C, SIGTERM, a closed terminal)."""
        with self._signals_noted():
            try:
                self._start_in_order()
                while self._goes_on():
                    self._tick()
            finally:
                self._stop_in_reverse()
        return self._failure

    def _goes_on(self) -> bool:
        return self._failure is None and self._stop_requests == 0 and not self._done

    def _start_in_order(self) -> None:
        for child in self._children:
            if self._goes_on():
                self._start(child)
                self._await_ready(child.program)
        if self._goes_on():
            self._announce()

    def _await_ready(self, program: Program) -> None:
        limit_s = program.ready_within_s
        deadline = time.monotonic() + limit_s
        while program.ready is not None and self._goes_on() and not program.ready():
            self._tick()
            if time.monotonic() > deadline:
                self._failure = self._failure or f"{program.name} was not ready in {limit_s:g} s; {self._see(program)}"

    def _tick(self) -> None:
        self._relay.pass_on(_TICK_S)
        dead = self._dead_service()
        if dead is not None:
            self._failure = f"{dead} has ended; see {self._relay.log_file(dead.lower())}"
        for child in self._children:
            self._look_after(child)

    def _look_after(self, child: _Child) -> None:
        if child.process is not None and child.process.poll() is not None:
            self._ended(child, child.process)
        elif child.process is None and child.started and time.monotonic() >= child.due and self._goes_on():
            self._start(child)

    def _start(self, child: _Child) -> None:
        program = child.program
        child.started.append(time.monotonic())
        tie = [sys.executable, "-m", "estimator.runtime.tied", str(int(program.stop_signal)), str(os.getpid())]
        child.process = subprocess.Popen(
            [*tie, *program.argv],
            cwd=PROJECT,
            env=os.environ | {SUPERVISOR_PID: str(os.getpid())} | dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,  # the terminal's Ctrl-C reaches us alone
            pass_fds=program.descriptors,
        )
        self._relay.add(program.name, cast(BinaryIO, child.process.stdout))

    def _ended(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        end_group(process.pid)  # what it left behind would work beside its successor
        child.process = None
        how = f"ended with {_status(process.returncode)}"
        recent = [moment for moment in child.started if moment > time.monotonic() - self._policy.window_s]
        if child.program.finite and process.returncode == 0:
            self._done = self._done or child.program.last
            child.started.clear()
        elif not child.program.restart:
            self._failure = self._failure or f"{child.program.name} {how}; {self._see(child.program)}"
        elif len(recent) > self._policy.restarts:
            often = f"{len(recent)} times within {self._policy.window_s:.0f} s"
            self._failure = self._failure or f"{child.program.name} {how}, {often}; {self._see(child.program)}"
        else:
            pause_s = self._policy.first_pause_s * 2 ** max(len(recent) - 1, 0)
            child.started, child.due = recent or child.started[-1:], time.monotonic() + pause_s
            self._echo(child.program.name, f"{how}; it starts again in {pause_s:g} s")

    def _see(self, program: Program) -> str:
        return f"see {self._relay.log_file(program.name)}"

    def _stop_in_reverse(self) -> None:
        for child in reversed(self._children):
            if child.process is not None:
                self._stop(child.program, child.process)
        self._relay.close()

    def _stop(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        """Ask, wait, kill what is left of its group. Asked to stop a second time, we wait no longer."""
        if process.poll() is None:
            process.send_signal(program.stop_signal)
        deadline = time.monotonic() + program.stop_within_s
        while process.poll() is None and time.monotonic() < deadline and self._stop_requests < 2:
            self._relay.pass_on(_TICK_S)
        end_group(process.pid)
        process.wait()

    @contextmanager
    def _signals_noted(self) -> Iterator[None]:
        # A hangup that is ignored was ignored by nohup, for the service to outlive the terminal.
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heard = [number for number in _STOP_SIGNALS if not (ignored and number == signal.SIGHUP)]
        before = {number: signal.signal(number, self._note_stop_request) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note_stop_request(self, *_: object) -> None:
        self._stop_requests += 1


def _status(returncode: int) -> str:
    return f"signal {signal.Signals(-returncode).name}" if returncode < 0 else f"exit status {returncode}"
