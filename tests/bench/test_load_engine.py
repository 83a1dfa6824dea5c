import itertools
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from benchmarks.errors import EngineError, Stopped
from benchmarks.process_tree import ProcessIdentity
from estimator.domain.measuring.workload import Spacing
from tests.bench.loads import VERIFIED, accounted, closed_loop, loaded, open_loop
from tests.bench.programs import all_gone, identity, within


def test_server_that_stalls_a_second_is_measured_from_the_intended_starts(tmp_path: Path) -> None:
    # 4 primed connections before the step; the stall comes 2 s into it.
    with loaded(tmp_path, f"stall_once:{VERIFIED + 4 + 200}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(100, 5, Spacing.CONSTANT))

    assert (result.scheduled, result.sent, result.completed) == (500, 500, 500)
    assert round(result.latency.total * result.latency.share_above(50)) >= 60
    mean_ms = result.latency.mean_ms()
    assert mean_ms is not None and mean_ms > 80, "a closed-loop tool would report about 21 ms"
    assert result.busy_pool >= 60
    assert accounted(result)


def test_closed_loop_counts_every_answer_of_its_window(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        result = engine.run_step(closed_loop(discard_s=0.1))

    assert result.completed > 0
    assert result.completed == result.answered == result.latency.total
    assert (result.errors, result.wrong, result.unsent, result.busy_pool) == (0, 0, 0, 0)
    assert result.duration_s == result.answered_s >= 0.35
    assert accounted(result)


def test_a_crowd_is_counted_whole_and_leaves_neither_connections_nor_answers_behind(tmp_path: Path) -> None:
    with loaded(tmp_path) as (app, engine):
        engine.verify()

        crowd = engine.run_step(closed_loop(connections=500, discard_s=0.1))
        engine.prime()
        after = engine.run_step(open_loop(100))
        engine_process = psutil.Process(engine.process.child_pid)
        addresses = [one.raddr for one in engine_process.net_connections() if one.status == psutil.CONN_ESTABLISHED]

    assert crowd.completed > 0
    assert (crowd.errors, crowd.wrong, crowd.unsent) == (0, 0, 0)
    assert (after.errors, after.wrong, after.reconnects) == (0, 0, 0)
    assert accounted(crowd) and accounted(after)
    assert sum(address.port == app.port for address in addresses) == 4


def test_closed_loop_goes_on_to_its_minimum_of_requests(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        result = engine.run_step(closed_loop(0.05, minimum_requests=500))

    assert result.completed >= 500


def test_open_loop_lasts_until_its_minimum_of_requests(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(400, 0.1, Spacing.CONSTANT, minimum_requests=200))

    assert result.scheduled == 200
    assert result.duration_s == pytest.approx(0.5)


def test_discarded_start_is_sent_but_not_counted(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(200, 0.6, Spacing.CONSTANT, discard_s=0.5))

    assert result.scheduled == result.completed == 20
    assert result.duration_s == pytest.approx(0.1)
    assert len(result.bins) == 1


def test_open_loop_sends_what_its_seed_says(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        first, again, other = (engine.run_step(open_loop(300, seed=seed)) for seed in (1, 1, 2))

    assert first.scheduled == again.scheduled != other.scheduled
    for result in (first, again, other):
        assert result.completed == result.scheduled
        assert result.lateness.total + result.busy_pool == result.scheduled
        assert result.generator_cpu_s > 0


def test_bounds_of_the_window_are_told_when_they_come(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def note(name: str) -> Callable[[], None]:
        return lambda: told.append((name, time.monotonic()))

    with loaded(tmp_path) as (_, engine):
        engine.verify()
        engine.run_step(open_loop(100, 0.6, discard_s=0.2), opened=note("opened"), closed=note("closed"))

    assert [name for name, _ in told] == ["opened", "closed"]
    assert told[1][1] - told[0][1] > 0.1


def test_overload_is_counted_not_hidden(tmp_path: Path) -> None:
    with loaded(tmp_path, f"hang:{VERIFIED + 4 + 10}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(100, 0.5, Spacing.CONSTANT))

    assert (result.scheduled, result.completed, result.errors, result.unsent) == (50, 10, 4, 36)
    assert "no answer within 1.5 s after the window" in result.first_error
    assert accounted(result)


def test_wrong_body_of_the_right_length_is_found_on_every_answer(tmp_path: Path) -> None:
    with loaded(tmp_path, f"wrong_body:{VERIFIED + 4 + 50}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(1000, 1, Spacing.CONSTANT))

    assert (result.completed, result.wrong) == (50, 950)
    assert result.first_error == 'GET /json: another body than expected: {"message": "Hello, Wrong!"}'
    assert accounted(result)


def test_wrong_length_is_found_on_every_answer(tmp_path: Path) -> None:
    with loaded(tmp_path, f"longer_body:{VERIFIED + 4 + 50}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(200, 1, Spacing.CONSTANT))

    assert (result.completed, result.wrong) == (50, 150)
    assert result.first_error.startswith("GET /json: a body of 30 bytes instead of 28")


def test_errors_under_load_are_counted(tmp_path: Path) -> None:
    with loaded(tmp_path, f"error:{VERIFIED + 4 + 50}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(200, 1, Spacing.CONSTANT))

    assert (result.completed, result.errors, result.wrong) == (50, 150, 0)
    assert result.latency.total == 50, "failed answers have no place among the latencies"


def test_server_that_closes_each_connection_is_served_by_new_ones(tmp_path: Path) -> None:
    with loaded(tmp_path, "close_each") as (_, engine):
        assert engine.verify().failures == 0

        opened, closed = engine.run_step(open_loop(100, 1, Spacing.CONSTANT)), engine.run_step(closed_loop())

    assert (opened.completed, opened.errors) == (100, 0)
    assert opened.reconnects >= 100
    assert closed.completed > 0
    assert closed.errors == 0


def test_server_that_drops_requests_gives_errors_not_silence(tmp_path: Path) -> None:
    with loaded(tmp_path, f"drop_each:{VERIFIED + 4 + 20}") as (_, engine):
        engine.verify()

        result = engine.run_step(open_loop(100, 1, Spacing.CONSTANT))
        with pytest.raises(EngineError, match="a new connection got no right answer"):
            engine.run_step(closed_loop())

    assert (result.completed, result.errors) == (20, 80)


def test_app_that_dies_under_load_leaves_errors_and_unsent_arrivals(tmp_path: Path) -> None:
    with loaded(tmp_path, f"die:{VERIFIED + 4 + 20}") as (app, engine):
        engine.verify()

        result = engine.run_step(open_loop(100, 1, Spacing.CONSTANT))

        assert within(10, lambda: not app.process.running())
        with pytest.raises(EngineError, match="no connection to"):
            engine.run_step(closed_loop())
    assert result.completed == 20
    assert result.errors >= 1
    assert result.errors + result.unsent == 80


def test_closed_loop_with_a_server_that_hangs_ends(tmp_path: Path) -> None:
    with loaded(tmp_path, f"hang:{VERIFIED + 4 + 10}") as (_, engine):
        engine.verify()

        result = engine.run_step(closed_loop())

    assert (result.completed, result.errors) == (10, 4)
    assert accounted(result)


def test_connections_are_primed_and_their_number_follows_the_step(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        engine.verify()

        assert engine.prime().checked == 4
        assert engine.prime(50).failures == 0
        result = engine.run_step(replace(closed_loop(), connections=16))

    assert result.completed > 0


def test_cancelling_ends_a_step_at_once(tmp_path: Path) -> None:
    asked = itertools.count()

    def should_stop() -> bool:
        return next(asked) > 60

    started_s = time.monotonic()
    with pytest.raises(Stopped), loaded(tmp_path, should_stop=should_stop) as (_, engine):
        engine.verify()
        engine.run_step(open_loop(10, 120))

    assert time.monotonic() - started_s < 30


def test_engine_that_dies_is_an_error(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        os.kill(engine.process.child_pid, signal.SIGKILL)

        with pytest.raises(
            EngineError, match=r"the load generator ended by itself: it said nothing; see .*engine\.log"
        ):
            engine.verify()


def test_engine_is_gone_after_its_block(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine):
        left: list[ProcessIdentity] = [identity(engine.process.guard_pid), identity(engine.process.child_pid)]

    assert all_gone(left, limit_s=0)
