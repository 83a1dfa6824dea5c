import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError, Stopped
from benchmarks.guarded_process import GuardedProcess, guarded, wait_until
from benchmarks.process_records import sweep
from benchmarks.process_tree import ProcessIdentity, ProcessTree
from tests.bench.programs import SERVERS, Bench, all_gone, identity, never, within

ROOT = SERVERS.parents[1]
SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@contextmanager
def worker(folder: Path, *argv: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own that runs a guarded program, as the benchmark worker does."""
    command = [sys.executable, "-m", "tests.servers.worker", str(folder), *argv]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        try:
            assert within(20, (folder / "started").exists), "the worker did not start its program"
            yield process
        finally:
            process.kill()


def started(folder: Path) -> tuple[int, int, int]:
    guard, child, port = (int(word) for word in (folder / "started").read_text().split())
    return guard, child, port


def family(folder: Path) -> list[ProcessIdentity]:
    """The child and the daemon of tests/servers/family.py, once both are there."""
    note = folder / "pids"
    assert within(10, lambda: note.exists() and len(note.read_text().splitlines()) == 2)
    return [identity(int(line)) for line in note.read_text().splitlines()]


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_killed_worker_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    gunicorn = [sys.executable, "-m", "gunicorn", "--chdir", str(SERVERS), "--workers", "2", "--bind", "fd://{fd}"]
    with worker(tmp_path, *gunicorn, "wsgi:application") as process:
        guard, _, port = started(tmp_path)
        assert within(20, lambda: len(ProcessTree(root=guard).pids()) >= 4), "guard, master and two workers"
        everyone = [identity(pid) for pid in ProcessTree(root=guard).pids()]

        os.kill(process.pid, signal.SIGKILL)

        assert all_gone(everyone)
        assert refuses(port)


def test_killed_worker_leaves_no_stubborn_child_and_no_daemon(tmp_path: Path) -> None:
    with worker(tmp_path, sys.executable, str(SERVERS / "family.py"), str(tmp_path / "pids")) as process:
        everyone = [*family(tmp_path), identity(started(tmp_path)[0])]

        os.kill(process.pid, signal.SIGKILL)

        assert all_gone(everyone)


def test_killed_program_takes_all_it_started_with_it(bench: Bench) -> None:
    argv = [sys.executable, str(SERVERS / "family.py"), str(bench.folder / "pids")]
    with guarded(bench.program(*argv)) as process:
        relatives = family(bench.folder)

        os.kill(process.child_pid, signal.SIGKILL)

        assert all_gone(relatives)
        assert within(10, lambda: process.exit_code() == 128 + signal.SIGKILL)


def test_stop_ends_whoever_ignores_the_stop_signal(bench: Bench) -> None:
    argv = [sys.executable, str(SERVERS / "family.py"), str(bench.folder / "pids")]
    with guarded(bench.program(*argv, grace_s=0.2)) as process:
        relatives = family(bench.folder)

        process.stop()

        assert all_gone(relatives, limit_s=0)
        assert not process.running()


def test_stop_gives_the_program_time_to_end_by_itself(bench: Bench) -> None:
    tidy = (
        "import signal, sys, time\n"
        "def end(*_): time.sleep(0.3); print('tidied up', flush=True); sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(60)"
    )
    with guarded(bench.python(tidy)) as process:
        assert within(10, lambda: process.last_log_line() == "ready")

        process.stop()

        assert process.exit_code() == 7
        assert process.last_log_line() == "tidied up"


def test_leaving_the_block_by_an_error_stops_the_program_too(bench: Bench) -> None:
    def fail() -> None:
        with guarded(bench.python(SLEEP)) as process:
            seen.append(process)
            raise RuntimeError("a fault of the runner")

    seen: list[GuardedProcess] = []
    with pytest.raises(RuntimeError):
        fail()

    assert not seen[0].running()
    assert list(bench.records.iterdir()) == []


def test_killed_guard_takes_the_program_with_it_and_stop_ends_the_rest(bench: Bench) -> None:
    argv = [sys.executable, str(SERVERS / "family.py"), str(bench.folder / "pids")]
    with guarded(bench.program(*argv)) as process:
        # The daemon left the session: only a living guard finds it, or the group it cannot leave.
        daemon, child = sorted(family(bench.folder), key=lambda one: os.getsid(one.pid) == process.child_pid)
        program = identity(process.child_pid)

        os.kill(process.guard_pid, signal.SIGKILL)

        assert all_gone([program]), "it is tied to its guard by PR_SET_PDEATHSIG"
        assert child.alive(), "a grandchild is not"
        process.stop()
        assert all_gone([child], limit_s=0)
        if process.cgroup is None:
            os.kill(daemon.pid, signal.SIGKILL)  # nobody knows it any more
        assert all_gone([daemon])


def test_interrupt_from_the_terminal_is_left_to_the_worker(bench: Bench) -> None:
    with guarded(bench.python(SLEEP)) as process:
        os.kill(process.guard_pid, signal.SIGINT)
        os.kill(process.guard_pid, signal.SIGHUP)

        assert not within(0.3, lambda: not process.running())


def test_guard_that_is_asked_to_terminate_stops_its_program(bench: Bench) -> None:
    with guarded(bench.python(SLEEP)) as process:
        program = identity(process.child_pid)

        os.kill(process.guard_pid, signal.SIGTERM)

        assert all_gone([program])


@pytest.mark.parametrize(("source", "code"), [("raise SystemExit(0)", 0), ("raise SystemExit(5)", 5)])
def test_exit_code_is_the_programs(bench: Bench, source: str, code: int) -> None:
    with guarded(bench.python(source)) as process:
        assert within(10, lambda: not process.running())
        assert process.exit_code() == code


def test_program_that_does_not_exist_says_so_in_its_log(bench: Bench) -> None:
    with guarded(bench.program("no-such-program")) as process:
        assert within(10, lambda: process.exit_code() == 127)
        assert process.last_log_line().startswith("cannot start no-such-program")


def test_core_that_does_not_exist_is_an_error_and_leaves_nothing(bench: Bench) -> None:
    program = bench.python(SLEEP)
    object.__setattr__(program, "cpus", [4096])

    with (
        pytest.raises(BenchmarkError, match=r"the program could not be started: .*see .*program\.log"),
        guarded(program),
    ):
        pass

    assert not bench.records.exists() or list(bench.records.iterdir()) == []


def test_program_runs_on_its_cores_and_sees_only_its_environment(bench: Bench) -> None:
    source = "import os; print(sorted(os.sched_getaffinity(0)), sorted(os.environ), os.getsid(0) == os.getpid())"
    program = bench.python(source)
    object.__setattr__(program, "cpus", [bench.program().cpus[0]])

    with guarded(program) as process:
        assert within(10, lambda: not process.running())

    # LC_CTYPE is Python's own doing in the C locale (PEP 538).
    assert process.last_log_line().replace(", 'LC_CTYPE'", "").replace("'LC_CTYPE', ", "") == (
        f"[{program.cpus[0]}] ['PATH'] True"
    )


def test_sweep_ends_what_a_dead_worker_left(bench: Bench) -> None:
    with worker(bench.folder, sys.executable, "-c", SLEEP) as process:
        guard, child, _ = started(bench.folder)
        left = [identity(guard), identity(child)]
        os.kill(guard, signal.SIGSTOP)  # so that the lifeline cannot end it
        process.kill()
        process.wait()

        assert set(sweep(bench.records)) == {guard, child}
        assert all_gone(left)
        assert list(bench.records.iterdir()) == []


def test_sweep_leaves_the_programs_of_a_living_worker_alone(bench: Bench) -> None:
    with guarded(bench.python(SLEEP)) as process:
        assert sweep(bench.records) == []
        assert process.running()
        assert len(list(bench.records.iterdir())) == 1


def test_sweep_spares_a_process_that_got_the_same_id_later(bench: Bench) -> None:
    with guarded(bench.python(SLEEP)) as process:
        note = next(bench.records.iterdir())
        ours = ProcessIdentity.of_child(process.child_pid).started_ticks
        text = note.read_text().replace(str(ours), str(ours - 1))  # as if noted for an earlier process
        guard_ticks = ProcessIdentity.of_child(process.guard_pid).started_ticks
        note.write_text(text.replace(str(guard_ticks), str(guard_ticks - 1)).replace(str(os.getpid()), "4194303"))

        assert sweep(bench.records) == []
        assert process.running()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot": "x"}', '{"boot": "x", "owner": 1, "guard": 2, "child": 3}'])
def test_sweep_forgets_a_damaged_note(bench: Bench, text: str) -> None:
    bench.records.mkdir()
    (bench.records / "1.json").write_text(text)

    assert sweep(bench.records) == []
    assert list(bench.records.iterdir()) == []


def test_waiting_ends_when_asked_to_stop() -> None:
    with pytest.raises(Stopped):
        wait_until(lambda: False, limit_s=60, should_stop=lambda: True)


def test_waiting_ends_when_its_time_is_over() -> None:
    assert not wait_until(lambda: False, limit_s=0.05, should_stop=never)
