"""A pair that cannot be measured ends with its reason; nothing is installed or started for it."""

from pathlib import Path

import pytest

from benchmarks import readiness, trial
from benchmarks.bench_host import BenchHost
from benchmarks.errors import AppError
from benchmarks.resources import split_cores
from benchmarks.setting import Setting
from benchmarks.stack_catalogue import read_manifests
from benchmarks.window_canary import Calm
from estimator.domain.measuring.workload import SMOKE, RunSpec, Trial
from tests.bench.programs import never
from tests.bench.test_stack_catalogue import GOOD


def setting(folder: Path, workload: str, manifest: str = GOOD) -> Setting:
    (folder / "sample_app").mkdir()
    (folder / "sample_app" / "benchmark.toml").write_text(manifest)
    stacks = {one.slug: one for one in read_manifests(folder)}
    asked = Trial(stack="sample", workload=workload)
    return Setting(
        spec=RunSpec(run=1, attempt=1, profile=SMOKE, trials=(asked,), objective_ms=100, seed=1),
        trial=asked,
        block=0,
        host=BenchHost(folder=folder / "bench", stacks=stacks, cores=split_cores(), should_stop=never),
        services=None,  # type: ignore[arg-type]
        calm=Calm(),
    )


@pytest.mark.parametrize(
    ("workload", "old", "new", "reason"),
    [
        ("json", 'path = "/json"', 'unsupported = "It speaks XML."', r"^not supported: It speaks XML\.$"),
        ("stream", "", "", r"^the manifest does not name stream any more; register the stacks again$"),
    ],
)
def test_pair_that_cannot_be_measured_ends_with_its_reason(
    tmp_path: Path, workload: str, old: str, new: str, reason: str
) -> None:
    with pytest.raises(AppError, match=reason):
        list(trial.measure(setting(tmp_path, workload, GOOD.replace(old, new) if old else GOOD)))

    assert not (tmp_path / "bench").exists()


@pytest.mark.parametrize(
    ("workload", "threads", "load", "verification"),
    [
        ("json", "8", 32, 8),
        ("json", '"event loop"', 32, 8),
        ("upstream", '"event loop"', 256, 64),
        ("upstream", "8", 32, 32),
        ("upstream", "40", 160, 64),
        ("stream", "200", 256, 64),
    ],
)
def test_work_that_waits_gets_as_many_connections_as_can_be_served(
    tmp_path: Path, workload: str, threads: str, load: int, verification: int
) -> None:
    manifest = GOOD.replace('threads = "event loop"', f"threads = {threads}")
    chosen = setting(tmp_path, workload, manifest.replace("workloads.json", f"workloads.{workload}"))

    assert (chosen.connections, chosen.verify_connections) == (load, verification)
    assert len(chosen.ring) == SMOKE.ring_size


@pytest.mark.parametrize(
    ("workload", "threads", "rate", "connections"),
    [
        ("json", '"event loop"', 9000.0, 32),
        ("upstream", '"event loop"', 30.0, 32),
        ("upstream", '"event loop"', 330.0, 165),
        ("upstream", '"event loop"', 2000.0, 256),
        ("stream", "8", 80.0, 32),
        ("stream", "1", 8.0, 32),
    ],
)
def test_a_turn_of_all_connections_takes_half_a_second_where_the_work_waits(
    tmp_path: Path, workload: str, threads: str, rate: float, connections: int
) -> None:
    manifest = GOOD.replace('threads = "event loop"', f"threads = {threads}")
    chosen = setting(tmp_path, workload, manifest.replace("workloads.json", f"workloads.{workload}"))

    assert readiness.connections_at(rate, chosen) == connections
