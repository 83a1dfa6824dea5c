"""A journey under real load: mixed requests for the capacity, and Locust's users who think."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import runner
from benchmarks.bench_host import BenchHost
from benchmarks.load.own_journeys import OwnJourney
from benchmarks.resources import split_cores
from benchmarks.stack_catalogue import read_manifests
from benchmarks.workload_manifest import WorkloadManifest, journey_workload
from benchmarks.workloads import UnknownWorkload
from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import SMOKE, RunSpec, StepKind, Trial
from estimator.runtime.environment import PROJECT

MIX = (("user_lookup", 60), ("json", 40))
PARTS = {"user_lookup": WorkloadManifest(path="/user"), "json": WorkloadManifest(path="/json")}
BRIEF = replace(SMOKE, warm_up_s=0.3, saturation_s=0.5, window_s=0.5, half_capacity_s=1.5)
SHOPPERS = """
from locust import FastHttpUser, between, task

class Shopper(FastHttpUser):
    wait_time = between(0.01, 0.05)

    @task
    def look(self):
        self.client.get("/json", name="look")
"""
ENVIRONMENTS = PROJECT / "var" / "bench" / "environments"


def test_the_ring_holds_each_part_by_its_weight_in_a_seeded_order() -> None:
    workload = journey_workload(PARTS, MIX, seed=1, size=1000)
    ring = workload.ring("journey-browse", seed=1, size=1000)

    assert Counter(request.part for request in ring) == {"user_lookup": 600, "json": 400}
    assert [request.part for request in ring[:20]] != ["user_lookup"] * 20
    assert ring == workload.ring("journey-browse", seed=1, size=1000)


def test_a_journey_waits_and_writes_where_a_part_does() -> None:
    parts = {**PARTS, "upstream": WorkloadManifest(path="/upstream"), "create_order": WorkloadManifest(path="/orders")}

    facts = journey_workload(parts, (*MIX, ("upstream", 1), ("create_order", 1)), seed=1, size=100).facts("j")

    assert (facts.waits, facts.writes, facts.calls_upstream, facts.connections) == (True, True, True, 256)


def test_a_part_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownWorkload):
        journey_workload({"nothing": WorkloadManifest(path="/")}, (("nothing", 1),), seed=1, size=10)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> list[Window]:
    """All that a brief run of one stack yields, in an environment that the service shares."""
    folder = tmp_path_factory.mktemp("journey")
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    (folder / "environments").symlink_to(ENVIRONMENTS)
    (folder / "locustfile.py").write_text(SHOPPERS)
    measured = list(runner.measure(_spec(), _host(folder)))
    assert [one.reason for one in measured if isinstance(one, StackFailed)] == []
    return [one for one in measured if isinstance(one, Window)]


def _host(folder: Path) -> BenchHost:
    stacks = {one.slug: one for one in read_manifests(PROJECT / "apps_under_test")}
    own = OwnJourney(
        slug="shop",
        title="Shop",
        source=folder / "journey.toml",
        locustfile=folder / "locustfile.py",
        mix=dict(MIX),
        users=7,
    )
    return BenchHost(
        folder=folder, stacks=stacks, cores=split_cores(), should_stop=lambda: False, journeys={"shop": own}
    )


def _spec() -> RunSpec:
    trial = Trial(stack="flask", workload="journey-browse", mix=MIX, think_s=(0.01, 0.05))
    own = replace(trial, workload="journey-shop", own_users=True)
    return RunSpec(run=1, attempt=1, profile=BRIEF, trials=(trial, own), objective_ms=1000, seed=1)


def of_users(windows: list[Window], workload: str, kind: StepKind) -> list[Window]:
    found = [window for window in windows if (window.kind, window.workload) == (kind, workload)]
    if not found:
        pytest.skip("the machine was too busy for a capacity, so Locust had no rate to confirm")
    return found


def test_its_capacity_is_measured_open_loop_like_any_workload_s(windows: list[Window]) -> None:
    deciding = [window for window in windows if window.kind is StepKind.OPEN_LOOP]

    assert {window.workload for window in deciding} == {"journey-browse", "journey-shop"}
    assert all(window.completed and not window.wrong for window in deciding)


def test_users_are_seen_as_a_whole_and_part_by_part(windows: list[Window]) -> None:
    whole = of_users(windows, "journey-browse", StepKind.LOCUST)
    parts = {window.part: window for window in of_users(windows, "journey-browse", StepKind.JOURNEY_PART)}

    assert set(parts) == {"user_lookup", "json"}
    assert sum(part.latency.total for part in parts.values()) == whole[-1].latency.total
    assert parts["user_lookup"].completed > parts["json"].completed


def test_users_of_ones_own_locustfile_are_seen_by_the_names_they_give(windows: list[Window]) -> None:
    (*_, whole) = of_users(windows, "journey-shop", StepKind.LOCUST)
    (part,) = of_users(windows, "journey-shop", StepKind.JOURNEY_PART)

    assert (part.part, part.latency.total) == ("GET look", whole.latency.total)
    assert whole.offered_rate == pytest.approx(whole.completed / whole.duration_s)
