import json
import os
import re
import signal
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.app_process import AppCommand, app_environment, start_app
from benchmarks.errors import AppError, Stopped
from tests.bench.programs import JSON, Bench, never, within


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def reason(app: AppCommand) -> str:
    """Why an app did not start."""
    with pytest.raises(AppError) as caught, start_app(app, workload=JSON, should_stop=never):
        pass
    return str(caught.value)


def test_app_is_ready_when_the_block_begins_and_its_port_refuses_after_it(bench: Bench) -> None:
    with start_app(bench.answering(), workload=JSON, should_stop=never) as app:
        assert app.cold_start_s > 0
        assert app.check_alive() is False
        socket.create_connection((app.host, app.port)).close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((app.host, app.port))


def test_app_may_bind_the_port_itself(bench: Bench) -> None:
    with start_app(bench.app("{python}", "answering.py", "{port}"), workload=JSON, should_stop=never) as app:
        assert app.cold_start_s > 0


def test_cold_start_waits_for_the_first_correct_workload_answer(bench: Bench) -> None:
    started_s = time.monotonic()
    with start_app(bench.answering("stall_once:0"), workload=JSON, should_stop=never) as app:
        assert 1 < app.cold_start_s <= time.monotonic() - started_s


def test_crash_at_start_tells_the_code_and_the_last_words(bench: Bench) -> None:
    app = bench.app("{python}", "-c", "import sys; print('ModuleNotFoundError: no flask'); sys.exit(3)")

    assert reason(app) == f"tiny_app exited with code 3: ModuleNotFoundError: no flask; see {app.log}"


def test_crash_without_a_word_says_so(bench: Bench) -> None:
    app = bench.app("{python}", "-c", "raise SystemExit(1)")

    assert reason(app) == f"tiny_app exited with code 1 and said nothing; see {app.log}"


@pytest.mark.parametrize(("place", "seen"), [("{fd}", "no answer"), ("{port}", "ConnectionRefusedError: ")])
def test_app_that_never_listens_is_given_up(bench: Bench, place: str, seen: str) -> None:
    app = bench.app("{python}", "-c", "import time; time.sleep(60)", place, timeout_s=0.5)

    assert reason(app).startswith(f"tiny_app gave no correct response on /health within 0.5 s ({seen}")


@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        ("hang", "no answer"),
        ("wrong_body", 'another body than expected: {"message": "Hello, Wrong!"}'),
        ("error", "status 500 instead of 200: {}"),
        ("not_http", "BadStatusLine: "),
        ("drop_each", "RemoteDisconnected: "),
    ],
)
def test_wrong_workload_answer_is_named(bench: Bench, mode: str, seen: str) -> None:
    app = bench.answering(mode, timeout_s=1)

    said = reason(app)

    assert said.startswith(f"tiny_app gave no correct response on /json within 1 s ({seen}")
    assert said.endswith(f"see {app.log}")


def test_app_that_dies_under_load_is_noticed(bench: Bench) -> None:
    with start_app(bench.answering("die:1"), workload=JSON, should_stop=never) as app:
        with socket.create_connection((app.host, app.port)) as connection:
            connection.sendall(b"GET /json HTTP/1.1\r\nHost: x\r\n\r\n")
        assert within(10, lambda: not app.process.running())

        with pytest.raises(AppError, match="tiny_app exited with code 3: out of memory, said the app; see "):
            app.check_alive()


def test_killed_app_is_told_by_its_signal(bench: Bench) -> None:
    with start_app(bench.answering(), workload=JSON, should_stop=never) as app:
        os.kill(app.process.child_pid, signal.SIGKILL)
        assert within(10, lambda: not app.process.running())

        with pytest.raises(AppError, match="exited with code 137 and said nothing"):
            app.check_alive()


def test_cancelling_ends_the_wait_for_an_app_that_hangs(bench: Bench) -> None:
    asked_s: list[float] = []

    def should_stop() -> bool:
        asked_s.append(time.monotonic())
        return len(asked_s) > 20

    with pytest.raises(Stopped), start_app(bench.answering("hang", 60), workload=JSON, should_stop=should_stop):
        pass

    pauses_s = [later - earlier for earlier, later in pairwise(asked_s)]
    assert max(pauses_s) < 1


def test_environment_holds_nothing_but_the_allowed_names(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setenv("DATABASE_URL", "hidden")
    source = "import json, os; print(json.dumps(dict(os.environ)))"
    app = bench.app("{python}", "-c", source)
    object.__setattr__(app, "environment", app_environment(home=bench.folder, database_url="postgresql://app@h/bench"))

    reason(app)

    seen = json.loads(app.log.read_text())
    seen.pop("LC_CTYPE", None)
    assert set(seen) == {"PATH", "HOME", "LANG", "PYTHONUNBUFFERED", "BENCH_DATABASE_URL"}
    assert not re.search("hidden", app.log.read_text())
