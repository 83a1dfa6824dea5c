"""The validation table says what was measured, and never more."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks.errors import BenchmarkError
from benchmarks.host_lock import only_one_here
from benchmarks.validation import checks
from benchmarks.validation.burn import BURN_S, OBJECTIVE_MS, burn_rows, md1_knee, md1_share_over
from benchmarks.validation.checks import NAMES, PARTS, Part, all_checks, attempted, settled
from benchmarks.validation.coverage import CHECKS, check_intervals
from benchmarks.validation.figures import Figure
from benchmarks.validation.ground import Ground, server, verified_engine
from benchmarks.validation.pages import Circumstances, benchmarks_page, host_sentence, validation_page, watched
from benchmarks.validation.rows import Check, Outcome, Row, shortfalls, validation_table
from benchmarks.validation.stall import RATE, SECONDS, stall_row
from benchmarks.validation.synthetic import histogram, mm1_capacity, synthetic_run
from estimator.domain.measuring.measurement import Histogram
from estimator.domain.measuring.workload import LoadStep, Spacing, StepKind
from estimator.domain.performance.capacity import RefusedStack
from estimator.domain.statistics import Floats
from tests.bench.loads import accounted

CHECK = Check(name="a check", must_be="at most 7 %")
QUIET = Circumstances(foreign_cores=0.1, steal=0.01)
HOST = host_sentence({"cpu_model_name": "Some CPU", "cores": 2, "kernel": "6.1", "python": "3.11"}, date(2026, 11, 1))


def md1_response_s(rho: float, service_s: float, count: int) -> Floats:
    """Simulated times in an M/D/1 queue (Lindley)."""
    gaps = np.random.default_rng(3).exponential(service_s / rho, count)
    walk = np.cumsum(service_s - gaps)
    return walk - np.minimum.accumulate(walk) + service_s


def test_table_has_a_row_per_check_and_its_columns_line_up() -> None:
    rows = [CHECK.judged("5 %", holds=True), CHECK.not_testable("wrk is not installed (apt-get install wrk)")]
    lines = validation_table(rows)
    assert [cell.strip() for cell in lines[0].strip("|").split("|")] == ["check", "must be", "measured", "verdict"]
    assert len(lines) == 4
    assert len(set(map(len, lines))) == 1
    assert lines[2].endswith("| holds             |")
    assert "apt-get install wrk" in lines[3]


def test_only_what_was_measured_and_does_not_hold_falls_short() -> None:
    rows = [CHECK.judged("5 %", holds=True), CHECK.judged("9 %", holds=False), CHECK.not_testable("no tool")]
    assert shortfalls(rows) == ["a check: measured 9 %, must be at most 7 %"]


def test_a_check_that_cannot_be_carried_out_falls_short_with_its_reason() -> None:
    def broken() -> list[object]:
        raise BenchmarkError("the server did not start")

    rows = attempted((CHECK, CHECK), broken)  # type: ignore[arg-type]
    assert [row.outcome for row in rows] == [Outcome.FALLS_SHORT] * 2
    assert rows[0].measured == "could not be measured: the server did not start"


def test_page_tells_date_host_disturbance_shortfall_and_what_is_not_testable() -> None:
    disturbed = Circumstances(foreign_cores=1.2, steal=0.02)
    rows = [CHECK.judged("9 %", holds=False), CHECK.not_testable("no tool"), CHECK.told("3 x")]
    page = validation_page(rows, host=HOST, circumstances=disturbed)
    for said in (
        "2026-11-01",
        "Some CPU",
        "was disturbed",
        "kept 1.20 cores busy",
        "## Falls short",
        "measured 9 %",
        "## Not testable here",
        "a check: no tool",
    ):
        assert said in page
    assert "Falls short" not in validation_page([CHECK.judged("5 %", holds=True)], host=HOST, circumstances=QUIET)


@contextmanager
def observed(*seen: Circumstances) -> Iterator[None]:
    """`watched` that reports these circumstances, one after the other."""
    left = iter(seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "watched", lambda: nullcontext(next(left)))
        yield


DISTURBED = Circumstances(foreign_cores=1.2, steal=0.02)
GROUND = Ground(folder=Path())


def part(*rows: Row) -> Part:
    """A part that gives these rows, one at each time it is measured."""
    left = iter(rows)
    return Part(name="a part", takes="no time", checks=(CHECK,), measure=lambda _: [next(left)])


def test_what_fell_short_on_a_disturbed_host_is_measured_again_and_says_so() -> None:
    low, high = CHECK.judged("9 %", holds=False), CHECK.judged("5 %", holds=True)
    with observed(DISTURBED, QUIET):
        (row,) = settled(part(low, high), GROUND, Circumstances())
    assert row.outcome is Outcome.HOLDS
    assert row.measured == "5 % [measured again once, the host was disturbed]"


def test_a_disturbed_row_is_repeated_at_most_twice() -> None:
    low = CHECK.judged("9 %", holds=False)
    with observed(DISTURBED, DISTURBED, DISTURBED):
        (row,) = settled(part(low, low, low), GROUND, Circumstances())
    assert row.outcome is Outcome.FALLS_SHORT
    assert "measured again 2 times" in row.measured and "disturbed: others kept 1.20 cores busy" in row.measured


def test_a_machine_that_changes_its_speed_is_disturbed() -> None:
    steady, swinging = (Circumstances(speeds=[100.0, 100.0 * share, 100.0]) for share in (0.8, 0.5))
    assert not steady.disturbed and swinging.disturbed
    assert swinging.disturbances == "slowest moments at 60% of its speed"
    assert "in its slowest moments it ran at 60% of its speed" in swinging.sentence


def test_the_whole_sitting_knows_the_speeds_of_its_parts() -> None:
    whole = Circumstances(speeds=[100.0])
    with observed(Circumstances(speeds=[50.0])):
        settled(part(CHECK.judged("5 %", holds=True)), GROUND, whole)
    assert whole.speeds == [100.0, 50.0]


def test_what_falls_short_on_a_quiet_host_stays() -> None:
    low = CHECK.judged("9 %", holds=False)
    with observed(QUIET):
        assert settled(part(low), GROUND, Circumstances()) == [low]


def test_what_holds_is_not_repeated() -> None:
    with observed(DISTURBED):
        (row,) = settled(part(CHECK.judged("5 %", holds=True)), GROUND, Circumstances())
    assert row.outcome is Outcome.HOLDS
    assert row.measured.startswith("5 % [disturbed: ")


def test_only_the_rows_asked_for_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PARTS", (part(CHECK.judged("5 %", holds=True)), PARTS[0]))
    with observed(QUIET):
        assert [row.measured for row in all_checks(GROUND, only=["a part"])] == ["5 %"]


def test_every_part_has_a_name_of_its_own_and_states_its_checks() -> None:
    assert len(set(NAMES)) == len(PARTS)
    assert all(one.checks for one in PARTS)


def test_circumstances_are_shares_of_this_machine() -> None:
    with watched() as seen:
        synthetic_run(1)
    assert 0 <= seen.foreign_cores <= (os.cpu_count() or 1) * 1.5, "clock ticks of 10 ms over a short block"
    assert 0 <= seen.steal <= 1
    assert 0 < seen.slowest <= 1 and len(seen.speeds) == 20


def test_benchmarks_page_holds_every_figure() -> None:
    page = benchmarks_page([Figure(what="speed", measured="3.5 x", spread="3-4")], host=HOST, circumstances=QUIET)
    assert "| speed | 3.5 x    | 3-4    |" in page
    assert "was quiet" in page


@pytest.mark.parametrize("rho", [0.8, 0.9])
def test_theory_of_md1_agrees_with_a_simulation(rho: float) -> None:
    times_s = md1_response_s(rho, 0.002, 400_000)
    limit_s = float(np.quantile(times_s, 0.99))
    assert md1_share_over(rho, 0.002, limit_s) == pytest.approx(0.01, rel=0.2)
    assert md1_knee(0.002, limit_s) == pytest.approx(rho, abs=0.02)


def test_known_capacity_of_a_queue_lies_within_a_tenth_of_what_is_fitted() -> None:
    assert synthetic_run(1).cpu_rate(OBJECTIVE_MS) == pytest.approx(mm1_capacity(0.002), rel=0.1)


def test_synthetic_histograms_are_those_of_the_domain() -> None:
    seconds = np.random.default_rng(2).exponential(0.05, 2000)
    assert histogram(seconds).counts == Histogram.of((seconds * 1e6).astype(int).tolist()).counts


def test_interval_rows_state_their_number_of_runs() -> None:
    rows = check_intervals(runs=10)
    assert [row.check for row in rows] == [check.name for check in CHECKS]
    covered, others, same, slower, held_out = (row.measured for row in rows)
    assert "of 10 runs" in covered
    assert others.endswith("of 2 runs")
    assert "of 5 comparisons" in same
    assert "of 1 comparisons" in slower
    assert "of 50 blocks" in held_out


def test_demand_is_held_against_the_burn_and_a_refusal_falls_short() -> None:
    fitted = synthetic_run(1, demand_s=BURN_S)
    assert burn_rows(fitted)[0].measured.startswith(f"{fitted.service_demand_s * 1000:.3f} ms")
    assert burn_rows(synthetic_run(1, demand_s=BURN_S * 1.2))[0].outcome is Outcome.FALLS_SHORT
    refused = burn_rows(RefusedStack(stack="burn", workload="burn", reasons=("generator late",)))
    assert all(row.outcome is Outcome.FALLS_SHORT and "generator late" in row.measured for row in refused)


@pytest.mark.parametrize("behaviour", ["null", "burn:200"])
def test_own_server_answers_every_request_of_a_step(tmp_path: Path, behaviour: str) -> None:
    ground = Ground(folder=tmp_path)
    step = LoadStep(kind=StepKind.OPEN_LOOP, duration_s=0.5, rate=100, spacing=Spacing.CONSTANT)
    with server(ground, behaviour) as app, verified_engine(ground, app) as engine:
        before_s = app.process.tree.cpu_s()
        result = engine.run_step(step)
        used_s = app.process.tree.cpu_s() - before_s
    assert accounted(result)
    assert result.completed == 50
    assert behaviour == "null" or used_s >= 50 * 200e-6
    assert stall_row(result).outcome is Outcome.FALLS_SHORT, f"{RATE} req/s for {SECONDS} s were not sent"


@pytest.mark.parametrize("command", ["validate", "bench"])
def test_nothing_is_measured_while_a_benchmark_runs(tmp_path: Path, settings: Settings, command: str) -> None:
    settings.BENCH_DIR = tmp_path / "bench"
    with only_one_here(settings.BENCH_DIR) as alone:
        assert alone
        with pytest.raises(CommandError, match="A benchmark runs on this host"):
            call_command(command, docs=tmp_path, stdout=StringIO())
    assert not list(tmp_path.glob("*.md"))


def test_the_lock_of_a_benchmark_is_taken_once_and_given_back(tmp_path: Path) -> None:
    with only_one_here(tmp_path) as first, only_one_here(tmp_path) as second:
        assert (first, second) == (True, False)
    with (tmp_path / "host.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
