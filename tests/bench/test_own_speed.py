"""What docs/benchmarks.md says of our own speed, and what it is made of."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import process_guard
from benchmarks.validation.figures import Figure
from benchmarks.validation.generator import Pairs
from benchmarks.validation.ground import Ground
from benchmarks.validation.hourly_speed import hourly_figure
from benchmarks.validation.peers import Load, StallReport, compared, stall_figure, wrk_on_a_stall
from benchmarks.validation.planner_speed import absent_figure, times_figure
from benchmarks.validation.projection_speed import catalogue_candidates
from benchmarks.validation.service_cost import PlanRun, own_cpu_s, part_of, service_rows
from benchmarks.validation.stall import RATE, SECONDS
from benchmarks.validation.wrk import INSTALL, wrk_path
from estimator.runtime.programs import listening_address, service_programs
from tests.catalogue.shipped import shipped_catalogue

BUSY = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True); time.sleep(60)"


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.what: figure for figure in figures}


def test_every_shipped_price_becomes_a_candidate() -> None:
    catalogue = shipped_catalogue()
    assert len(catalogue_candidates(catalogue)) == len(catalogue.prices)


def test_a_row_by_the_hour_is_timed_with_what_it_consists_of() -> None:
    figure = hourly_figure(core=min(os.sched_getaffinity(0)), repeats=1)

    assert "149 different hours x 12 months, 10,000 draws, 3 policies" in figure.what
    assert figure.measured.endswith(" s")


def test_the_nearest_peers_plan_is_shown_with_its_spread() -> None:
    figure = times_figure([5.0, 4.9, 5.4])

    assert (figure.measured, figure.spread) == ("5.0 s", "4.9-5.4 in 3 repeats")


def test_a_peer_that_cannot_be_installed_leaves_a_row_with_the_reason() -> None:
    failed = subprocess.CalledProcessError(1, ["python"], stderr="Traceback\nImportError: no such module\n")

    assert absent_figure(failed).measured == "not measured"
    assert absent_figure(failed).spread == "ImportError: no such module"
    assert absent_figure(OSError("no network")).spread == "no network"


def test_generators_are_shown_beside_each_other_with_their_spread() -> None:
    pairs = Pairs(
        rates=[9000, 11000, 10000], wrk_rates=[10000] * 3, cpu_us=[9.0, 10.0, 11.0], wrk_cpu_us=[5.0, 5.0, 5.5]
    )

    figures = by_name(compared(pairs, [Load(rate=2000, cpu_us=300), Load(rate=0, cpu_us=500)]))

    assert figures["highest rate on a null server, requests/s: ours"].measured == "10,000"
    assert figures["highest rate on a null server, requests/s: ours"].spread == "9,000-11,000 in 3 rounds"
    assert figures["the same: ours over wrk's"].measured.startswith("0.99")
    assert figures["the same: ours over Locust's"].spread == "5.0-10000.0 in 2 rounds"
    assert figures["the same: Locust's FastHttpUser, 40 x ours"].measured == "400"


def test_a_stall_is_told_by_mean_p90_and_number() -> None:
    reports = [StallReport(requests=500, mean_ms=mean_ms, p90_ms=500) for mean_ms in (99.0, 101.0, 100.0)]

    figure = stall_figure("ours", reports)

    assert figure.measured == "mean 100 ms, p90 500 ms of 500 requests"
    assert figure.spread == "mean 99.0-101.0 in 3 rounds"


def test_every_program_of_the_service_is_recognised(tmp_path: Path) -> None:
    with listening_address("127.0.0.1", 0) as listener:
        programs = service_programs(listener=listener, var=tmp_path)

    parts = {program.name: part_of(f"{' '.join(program.argv)} ") for program in programs}

    assert parts == {
        "web": "web",
        "bench": "bench worker, without what it measures",
        "housekeeping": "housekeeping worker",
        "beat": "beat",
    }
    assert part_of("/usr/bin/python manage.py benchmark ") == ""


def test_plan_runs_are_told_by_kind_and_cores_over_all() -> None:
    runs = [
        PlanRun(confirmed=confirmed, took_s=took_s, repeats_s=8.0, cores={"web": cores, "database": 0.01})
        for confirmed, took_s, cores in [(True, 150, 0.001), (False, 90, 0.003), (True, 154, 0.002), (False, 92, 0.002)]
    ]

    figures = by_name(service_rows(runs))

    assert figures["quick plan of three stacks, with Locust, from the command to its end"].measured == "152 s"
    assert (
        figures["quick plan of three stacks, without Locust, from the command to its end"].spread
        == "90-92 in 2 runs; 8 s of it repeats of disturbed windows"
    )
    web = figures["our own CPU while a run is on: web"]
    assert (web.measured, web.spread) == ("0.0020 cores, 0.2 % of the app's core", "0.0010-0.0030 in 4 runs")
    assert figures["our own CPU while a run is on: all of these"].measured.startswith("0.0120 cores")


@pytest.fixture
def family(tmp_path: Path) -> Iterator[int]:
    """A process with a busy child of its own, and another one below a program that is called like the guard."""
    guard = tmp_path / Path(process_guard.__file__).name
    below = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])"
    guard.write_text(below)
    root = (
        "import subprocess, sys\n"
        f"children = [subprocess.Popen([sys.executable, *argv]) for argv in (['-c', {BUSY!r}], [{str(guard)!r}])]\n"
        "sys.stdin.read()\n"
        "for child in children: child.kill()"
    )
    with subprocess.Popen([sys.executable, "-c", root], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()  # both are done with their work
        yield process.pid
        process.stdin.close()


def test_our_own_cpu_leaves_out_what_a_guard_started(family: int) -> None:
    assert 0.2 <= own_cpu_s(family) < 0.4, "one busy child, not two"
    assert own_cpu_s(2**22 + 1) == 0.0


def test_wrk_sends_less_while_a_server_stalls(tmp_path: Path) -> None:
    if wrk_path() is None:
        pytest.skip(INSTALL)

    seen = wrk_on_a_stall(Ground(folder=tmp_path))

    assert seen.requests < RATE * SECONDS
    assert seen.mean_ms > 0 and seen.p90_ms > 0
