import textwrap
from pathlib import Path
from typing import Any

import pytest

from benchmarks.app_process import start_app
from benchmarks.errors import EngineError, Stopped
from benchmarks.guarded_process import GuardedProcess, ShouldStop
from benchmarks.load.engine import Target
from benchmarks.load.locust_engine import LocustResult, UserLoad, confirm_with_locust
from estimator.domain.measuring.journeys import Users
from tests.bench.programs import CORES, JSON, Bench, never


class Told:
    """What Locust's parent was told in which order, and Locust's CPU as a sampler saw it at that moment."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.cpu_s: list[float] = []

    def started(self, process: GuardedProcess) -> None:
        self.words.append("started")
        self.tree = process.tree

    def bound(self, word: str) -> None:
        self.words.append(word)
        self.cpu_s.append(self.tree.cpu_s())


def confirmed(
    folder: Path, mode: str, told: Told | None = None, should_stop: ShouldStop = never, **how: Any
) -> LocustResult:
    """Locust for a second at 50 requests/s against a server with a fault of choice."""
    bench, notes = Bench(folder), told or Told()
    with start_app(bench.answering(mode), workload=JSON, should_stop=never) as app:
        return confirm_with_locust(
            Target(host=app.host, port=app.port, ring=(JSON,) * 20),
            UserLoad(rate=50, duration_s=1, warm_s=0.5, **how),
            cpus=CORES,
            log=folder / "locust.log",
            record_folder=bench.records,
            should_stop=should_stop,
            started=notes.started,
            opened=lambda: notes.bound("opened"),
            closed=lambda: notes.bound("closed"),
        )


def test_locust_counts_the_plans_own_workload(tmp_path: Path) -> None:
    told = Told()

    result = confirmed(tmp_path, "right", told)

    assert told.words == ["started", "opened", "closed"]
    assert told.cpu_s[1] - told.cpu_s[0] == pytest.approx(result.generator_cpu_s, rel=0.5, abs=0.05)
    assert result.requests == result.latency.total > 0
    assert (result.errors, result.wrong, result.first_error) == (0, 0, "")
    assert (result.offered_rate, result.users) == (50, 5)
    assert result.achieved_rate == pytest.approx(result.requests / result.duration_s)
    assert result.p50_ms is not None and result.p99_ms is not None
    assert 0 < result.p50_ms <= result.p99_ms


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("wrong_body:1", 'GET /json: another body than expected: {"message": "Hello, Wrong!"}'),
        ("error:1", "GET /json: status 500 instead of 200: {}"),
        ("drop_each:1", "GET /json: no answer: "),
    ],
)
def test_locust_counts_only_right_answers(tmp_path: Path, mode: str, reason: str) -> None:
    result = confirmed(tmp_path, mode)

    assert result.requests == result.errors + result.wrong > 0
    assert (result.achieved_rate, result.p99_ms) == (0, None)
    assert result.first_error.startswith(reason)
    assert (result.wrong > 0) == mode.startswith("wrong")


def test_cancelling_ends_locust(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        confirmed(tmp_path, "right", should_stop=lambda: True)


def own_file(folder: Path, task: str) -> Path:
    """A locustfile as a user writes one, with a host of its own and words on standard output."""
    source = f"""
        from locust import FastHttpUser, between, task

        print("a locustfile may print")

        class Shopper(FastHttpUser):
            host = "http://192.0.2.1"
            wait_time = between(0.01, 0.03)

            @task
            def shop(self):
                {task}
        """
    path = folder / "shoppers.py"
    path.write_text(textwrap.dedent(source))
    return path


SHOPPERS = Users(count=3, think_s=(0.01, 0.03))


def test_users_of_ones_own_locustfile_are_counted_by_the_names_of_their_requests(tmp_path: Path) -> None:
    file = own_file(tmp_path, 'self.client.get("/json"); self.client.get("/json?page=1", name="/json?page=[n]")')

    result = confirmed(tmp_path, "right", thinking=SHOPPERS, own_file=file)

    assert set(result.parts) == {"GET /json", "GET /json?page=[n]"}
    assert sum(part.total for part in result.parts.values()) == result.latency.total == result.requests
    assert (result.users, result.errors, result.wrong) == (3, 0, 0)
    assert result.offered_rate == result.achieved_rate > 0


@pytest.mark.parametrize(
    ("mode", "task", "wrong"),
    [
        ("error:1", 'self.client.get("/json")', False),
        ("right", 'with self.client.get("/json", catch_response=True) as answer: answer.failure("too old")', True),
    ],
)
def test_what_a_locustfile_calls_a_failure_is_none_of_its_right_answers(
    tmp_path: Path, mode: str, task: str, wrong: bool
) -> None:
    result = confirmed(tmp_path, mode, thinking=SHOPPERS, own_file=own_file(tmp_path, task))

    assert result.requests == (result.wrong if wrong else result.errors) > 0
    assert (result.achieved_rate, result.offered_rate > 0) == (0, True)
    assert result.first_error.startswith("GET /json: ")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("USERS = 3\n", "shoppers.py holds no class of users; derive one from FastHttpUser"),
    ],
)
def test_a_locustfile_that_drives_nobody_is_told_why(tmp_path: Path, source: str, said: str) -> None:
    file = tmp_path / "shoppers.py"
    file.write_text(source)

    with pytest.raises(EngineError, match=said):
        confirmed(tmp_path, "right", thinking=SHOPPERS, own_file=file)


def test_several_processes_are_counted_as_one(tmp_path: Path) -> None:
    told = Told()

    result = confirmed(tmp_path, "right", told, processes=2)

    assert told.words == ["started", "opened", "closed"]
    assert told.cpu_s[1] - told.cpu_s[0] == pytest.approx(result.generator_cpu_s, rel=0.5, abs=0.1)
    assert result.requests == result.latency.total > 0
    assert (result.errors, result.wrong, result.users) == (0, 0, 5)


def test_rate_of_nothing_is_refused() -> None:
    with pytest.raises(EngineError, match="the rate must be above 0"):
        UserLoad(rate=0, duration_s=1)
