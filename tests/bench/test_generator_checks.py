"""The generator beside wrk and Locust: what is read, what is concluded, and one real pair."""

from pathlib import Path

import pytest

from benchmarks.errors import AppError, EngineError
from benchmarks.validation import generator
from benchmarks.validation.generator import (
    Pairs,
    check_saturation,
    interleaved,
    locust_row,
    null_row,
    saturation_row,
    until_narrow,
)
from benchmarks.validation.ground import Ground, null_asgi_server, verified_engine
from benchmarks.validation.rows import Outcome
from benchmarks.validation.wrk import INSTALL, parse_wrk, wrk_path

PROJECT = Path(__file__).resolve().parents[2]
WRK = """\
Running 5s test @ http://127.0.0.1:8000/
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    24.70ms  142.33ms   0.98s    97.49%
    Req/Sec    90.84     14.65   101.00     85.71%
  Latency Distribution
     50%  310.00us
     75%  402.00us
     90%    1.10ms
     99%    0.93s
  399 requests in 5.00s, 35.07KB read
Requests/sec:     79.75
Transfer/sec:      7.01KB
"""


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A place of its own with the environments that other tests made."""
    environments = PROJECT / "var" / "bench" / "environments"
    environments.mkdir(parents=True, exist_ok=True)
    (tmp_path / "environments").symlink_to(environments)
    return Ground(folder=tmp_path)


def test_wrk_is_read_with_its_units() -> None:
    seen = parse_wrk(WRK, core_share=0.5)

    assert (seen.rate, seen.requests) == (79.75, 399)
    assert (seen.mean_ms, seen.p90_ms) == (24.7, 1.1)
    assert seen.cpu_us == pytest.approx(0.5 / 79.75 * 1e6)
    assert parse_wrk(WRK.replace("24.70ms", "1.20s")).mean_ms == 1200


@pytest.mark.parametrize("text", ["unable to connect to 127.0.0.1:1", "", WRK.replace("79.75", "0.00")])
def test_wrk_without_a_rate_is_an_error_that_quotes_it(text: str) -> None:
    with pytest.raises(EngineError, match="wrk told no rate"):
        parse_wrk(text)


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        ([99.0, 101.0, 100.0], Outcome.HOLDS),
        ([95.0, 94.0, 96.0], Outcome.HOLDS),
        ([80.0, 125.0, 100.0], Outcome.FALLS_SHORT),  # the mean is right, but nobody knows it
        ([120.0, 121.0, 119.0], Outcome.FALLS_SHORT),
    ],
)
def test_saturation_holds_when_the_whole_interval_lies_inside(ours: list[float], outcome: Outcome) -> None:
    row = saturation_row(Pairs(rates=ours, wrk_rates=[100.0] * 3))

    assert row.outcome is outcome
    assert "3 pairs" in row.measured


@pytest.mark.parametrize(("noise", "pairs"), [(0.02, 30), (0.17, 50), (0.6, 90)])
def test_a_noisy_machine_has_more_pairs_until_they_tell_or_are_enough(noise: float, pairs: int) -> None:
    asked: list[int] = []

    def measure(count: int) -> Pairs:
        asked.append(count)
        swing = [100.0 * (1 + noise * (-1) ** pair) for pair in range(count)]
        return Pairs(rates=swing, wrk_rates=[100.0] * count, busy=0.3)

    found = until_narrow(measure)

    assert sum(asked) == len(found.rates) == len(found.wrk_rates) == pairs
    assert found.narrow is (noise < 0.6)
    assert found.busy == pytest.approx(0.3)


def test_geometric_mean_of_the_pairs_decides_on_the_null_server() -> None:
    assert null_row(Pairs(rates=[95.0, 88.0], wrk_rates=[100.0, 100.0])).outcome is Outcome.HOLDS
    assert null_row(Pairs(rates=[80.0, 85.0], wrk_rates=[100.0, 100.0])).outcome is Outcome.FALLS_SHORT


def test_locust_must_be_four_times_slower_and_may_be_silent() -> None:
    assert locust_row([30_000.0, 32_000.0], [7_000.0, 7_500.0]).outcome is Outcome.HOLDS
    assert locust_row([20_000.0], [7_000.0]).outcome is Outcome.FALLS_SHORT
    assert locust_row([20_000.0], [0.0]).outcome is Outcome.HOLDS


def test_without_wrk_the_row_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    rows = check_saturation(Ground(folder=tmp_path))

    assert [(row.outcome, row.measured) for row in rows] == [(Outcome.NOT_TESTABLE, INSTALL)]


def test_stack_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no stack 'fastapi' in"):
        Ground(folder=tmp_path, stacks_folder=tmp_path).stack("fastapi")


def test_both_generators_load_the_null_asgi_server(ground: Ground) -> None:
    if wrk_path() is None:
        pytest.skip(INSTALL)
    with null_asgi_server(ground) as app, verified_engine(ground, app) as engine:
        pairs = interleaved(ground, app, engine, pairs=2, seconds=1)

    assert len(pairs.rates) == len(pairs.wrk_rates) == 2
    assert min(*pairs.rates, *pairs.wrk_rates, *pairs.cpu_us, *pairs.wrk_cpu_us) > 0
    assert generator.RAW.told(pairs.text).outcome is Outcome.FOR_INFORMATION
