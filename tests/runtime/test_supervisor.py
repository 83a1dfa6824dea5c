"""The supervisor with real processes: order, restarts, giving up, stopping, and its own death."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from estimator.runtime.processes import is_running
from tests.runtime.probing import eventually, kill_now, processes_of, python_process

# Says its id, and goes on until told to stop.
SERVE = "import os, time; print('here', os.getpid()); time.sleep(600)"
FAIL = "print('broken'); raise SystemExit(3)"
# Starts a child in the same group, which outlives it unless somebody sees to it.
FORK = (
    "import os, subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print('here', os.getpid()); print('child', child.pid); time.sleep(600)"
)
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVE


class Supervision:
    """A supervisor in a process of its own, and what it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []

    def until(self, text: str, times: int = 1) -> list[str]:
        """Read on until so many lines in all hold the text; those lines."""
        assert self.process.stdout is not None
        while len(found := [line for line in self.lines if text in line]) < times:
            line = self.process.stdout.readline()
            assert line, f"ended without {text!r}: {self.lines}"
            self.lines.append(line.rstrip("\n"))
        return found

    def pid_of(self, name: str, times: int = 1) -> int:
        """The process id that the program told when it started for the n-th time."""
        return int(self.until(f"{name}: here", times)[-1].split()[-1])

    def ending(self) -> tuple[int, str]:
        """Wait for its end; exit code and all that it said."""
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, "\n".join([*self.lines, rest])

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """What the terminal's Ctrl-C or a service manager sends."""
        self.process.send_signal(number)


@contextmanager
def supervised(folder: Path, *programs: dict[str, Any], **more: Any) -> Iterator[Supervision]:
    description = json.dumps({"programs": programs, **more})
    with python_process("-m", "tests.runtime.supervised", str(folder), description) as process:
        yield Supervision(process)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    eventually(lambda: not processes_of(tmp_path))


def test_output_carries_the_name_and_is_kept_in_a_log(folder: Path) -> None:
    with supervised(folder, {"name": "web", "code": "print('hello'); print('half', end=''); " + SERVE}) as supervision:
        supervision.until("web: halfhere")
        supervision.interrupt()
        code, output = supervision.ending()

    assert code == 0
    assert "web: hello" in output
    assert (folder / "web.log").read_text().startswith("hello\nhalfhere")


def test_programs_start_in_order_each_when_the_one_before_is_ready(folder: Path) -> None:
    slow = f"import time; time.sleep(0.5); open({str(folder / 'ready')!r}, 'w').close(); print('is ready'); " + SERVE
    first = {"name": "web", "code": slow, "ready_file": str(folder / "ready")}
    with supervised(folder, first, {"name": "beat", "code": SERVE}) as supervision:
        supervision.until("all started")
        supervision.pid_of("beat")
        supervision.interrupt()
        _, output = supervision.ending()

    assert output.index("web: is ready") < output.index("beat: here")


def test_program_that_never_gets_ready_stops_everything_with_the_reason(folder: Path) -> None:
    never = {"name": "web", "code": SERVE, "ready_file": str(folder / "never"), "ready_within_s": 0.5}
    with supervised(folder, never) as supervision:
        code, output = supervision.ending()

    assert code == 1
    assert "web was not ready in 0.5 s; see" in output


def test_killed_program_is_back_without_a_person(folder: Path) -> None:
    with supervised(folder, {"name": "web", "code": SERVE}, {"name": "bench", "code": SERVE}) as supervision:
        web, bench = supervision.pid_of("web"), supervision.pid_of("bench")
        os.kill(bench, signal.SIGKILL)

        assert supervision.pid_of("bench", times=2) != bench
        assert is_running(web)
        assert supervision.until("ended with signal SIGKILL; it starts again")
        supervision.interrupt()
        assert supervision.ending()[0] == 0


def test_what_a_killed_program_left_behind_ends_before_it_is_back(folder: Path) -> None:
    with supervised(folder, {"name": "bench", "code": FORK}) as supervision:
        child = int(supervision.until("bench: child")[0].split()[-1])
        os.kill(supervision.pid_of("bench"), signal.SIGKILL)

        supervision.pid_of("bench", times=2)
        assert not is_running(child)
        supervision.interrupt()
        supervision.ending()


def test_program_that_keeps_failing_stops_everything_with_the_reason(folder: Path) -> None:
    with supervised(folder, {"name": "web", "code": SERVE}, {"name": "beat", "code": FAIL}) as supervision:
        code, output = supervision.ending()

    assert code == 1
    assert "beat ended with exit status 3, 6 times within 60 s; see" in output
    assert output.count("beat: broken") == 6
    pauses = [float(line.split()[-2]) for line in output.splitlines() if "it starts again in" in line]
    assert pauses == [0.02 * 2**n for n in range(5)]


def test_failures_far_apart_are_forgiven(folder: Path) -> None:
    policy = {"restarts": 1, "window_s": 0.001}
    with supervised(folder, {"name": "beat", "code": FAIL}, policy=policy) as supervision:
        supervision.until("beat: broken", times=5)
        supervision.interrupt()
        assert supervision.ending()[0] == 0


def test_end_of_the_web_stops_everything(folder: Path) -> None:
    web = {"name": "web", "code": "import time; time.sleep(0.5); raise SystemExit(4)", "restart": False}
    with supervised(folder, web, {"name": "beat", "code": SERVE}) as supervision:
        code, output = supervision.ending()

    assert code == 1
    assert "web ended with exit status 4; see" in output


def test_finite_program_that_is_done_leaves_the_others_running(folder: Path) -> None:
    task = {"name": "demo", "code": "print('counted')", "restart": False, "finite": True}
    with supervised(folder, {"name": "web", "code": SERVE}, task) as supervision:
        web = supervision.pid_of("web")
        supervision.until("demo: counted")
        assert_lasts(web)
        supervision.interrupt()
        assert supervision.ending()[0] == 0


def assert_lasts(pid: int) -> None:
    """Give what ought not to end half a second to end."""
    with pytest.raises(AssertionError):
        eventually(lambda: not is_running(pid), within_s=0.5)


def test_last_program_ends_everything_in_order_and_all_it_said_is_passed_on(folder: Path) -> None:
    code = "import sys; sys.stdout.write('a line of some length\\n' * 20_000); print('the end')"
    task = {"name": "demo", "code": code, "restart": False, "finite": True, "last": True}
    with supervised(folder, {"name": "web", "code": SERVE}, task) as supervision:
        code_at_end, output = supervision.ending()

    assert code_at_end == 0
    assert output.count("a line of some length") == 20_000
    assert "demo: the end" in output


def test_finite_program_that_fails_stops_everything_with_the_reason(folder: Path) -> None:
    task = {"name": "demo", "code": FAIL, "restart": False, "finite": True, "last": True}
    with supervised(folder, {"name": "web", "code": SERVE}, task) as supervision:
        code, output = supervision.ending()

    assert code == 1
    assert "demo ended with exit status 3; see" in output


def test_end_of_an_embedded_server_stops_everything(folder: Path) -> None:
    sign = folder / "dead"
    with supervised(folder, {"name": "web", "code": SERVE}, dead_when_exists=str(sign)) as supervision:
        supervision.until("all started")
        sign.touch()
        code, output = supervision.ending()

    assert code == 1
    assert "PostgreSQL has ended; see" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_every_program_in_reverse_order(folder: Path, number: int) -> None:
    told = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('stopping'))); " + SERVE
    names = ["web", "bench", "beat"]
    with supervised(folder, *[{"name": name, "code": told} for name in names]) as supervision:
        for name in names:
            supervision.pid_of(name)
        supervision.interrupt(number)
        code, output = supervision.ending()

    assert code == 0
    assert [line.split(":")[0] for line in output.splitlines() if "stopping" in line] == names[::-1]


def test_service_started_with_nohup_outlives_its_terminal(folder: Path) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited by what we start, as nohup does it
    try:
        with supervised(folder, {"name": "web", "code": SERVE}) as supervision:
            web = supervision.pid_of("web")
            supervision.interrupt(signal.SIGHUP)
            assert_lasts(web)
            supervision.interrupt(signal.SIGTERM)
            assert supervision.ending()[0] == 0
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_each_program_is_stopped_by_its_own_signal(folder: Path) -> None:
    told = "import signal, sys; signal.signal(signal.SIGQUIT, lambda *_: sys.exit(print('cold'))); " + SERVE
    with supervised(folder, {"name": "bench", "code": told, "stop_signal": "SIGQUIT"}) as supervision:
        supervision.pid_of("bench")
        supervision.interrupt()
        assert "bench: cold" in supervision.ending()[1]


def test_program_that_ignores_the_signal_is_killed_with_its_children(folder: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FORK
    with supervised(folder, {"name": "bench", "code": stubborn, "stop_within_s": 0.3}) as supervision:
        pids = [supervision.pid_of("bench"), int(supervision.until("bench: child")[0].split()[-1])]
        supervision.interrupt()
        assert supervision.ending()[0] == 0

    eventually(lambda: not any(map(is_running, pids)))


def test_second_ctrl_c_waits_no_longer(folder: Path) -> None:
    with supervised(folder, {"name": "bench", "code": STUBBORN, "stop_within_s": 600}) as supervision:
        supervision.pid_of("bench")
        supervision.interrupt()
        supervision.interrupt(signal.SIGTERM)
        assert supervision.ending()[0] == 0


def test_programs_end_when_the_supervisor_is_killed(folder: Path) -> None:
    with supervised(folder, {"name": "web", "code": SERVE}, {"name": "beat", "code": SERVE}) as supervision:
        pids = [supervision.pid_of("web"), supervision.pid_of("beat")]
        kill_now(supervision.process.pid)

        eventually(lambda: not any(map(is_running, pids)), within_s=10)


def test_ctrl_c_of_the_terminal_reaches_the_supervisor_alone(folder: Path) -> None:
    with supervised(folder, {"name": "web", "code": SERVE}) as supervision:
        web = supervision.pid_of("web")
        assert os.getpgid(web) == os.getsid(web) == web
        supervision.interrupt()
        supervision.ending()
