"""Apps with a fault of choice as stacks of a real run; they need no environment of their own."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import runner
from benchmarks.bench_host import BenchHost
from benchmarks.resources import CoreSplit, split_cores
from benchmarks.stack_catalogue import StackManifest
from benchmarks.workload_manifest import WorkloadManifest
from estimator.domain.measuring.measurement import Measurement, StackFailed, StackStarted, TrialFinished, Window
from estimator.domain.measuring.workload import SMOKE, Profile, RunSpec, Trial
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.fitting import fit_capacity
from tests.bench.programs import SERVERS, never

OBJECTIVE_MS = 100.0
WORKLOAD = "json"
# Those that never answer rightly are waited for no longer than that.
READY_S = {"silent": 0.5, "other": 1.5}
# Half a smoke run: the least in which every step of the protocol has its turn.
BRIEF = replace(
    SMOKE,
    warm_up_s=0.3,
    saturation_s=0.5,
    window_s=0.5,
    half_capacity_s=0.5,
    gate_s=0.5,
    discard_s=0.1,
    maximum_repeats=0,
    patience_s=1.0,
)
# Nine seconds of load after the warm-up.
LONGER = replace(BRIEF, window_s=1.9, window_rates=(0.5, 0.6, 0.7, 0.7))


def serving(mode: str) -> tuple[str, ...]:
    """The command of tests/servers/answering.py in a mode."""
    return (sys.executable, "answering.py", "fd:{fd}", mode, "slow")


def stack(slug: str, command: tuple[str, ...]) -> StackManifest:
    """What a manifest would say of it."""
    return StackManifest(
        slug=slug,
        title=slug,
        framework="none",
        server="none",
        position=1,
        source=SERVERS / f"benchmark-{slug}.toml",
        packages=(),
        command=command,
        health_path="/health",
        ready_timeout_s=READY_S.get(slug, 10),
        settings={},
        workloads={WORKLOAD: WorkloadManifest(path="/json")},
    )


@dataclass(frozen=True, kw_only=True)
class BadHost:
    """A folder that serves several runs: the database's files are made once."""

    folder: Path
    cores: CoreSplit = field(default_factory=split_cores)

    def measured(self, commands: Mapping[str, tuple[str, ...]], profile: Profile = BRIEF) -> "BadRun":
        """A whole run of these stacks."""
        stacks = {slug: stack(slug, command) for slug, command in commands.items()}
        host = BenchHost(folder=self.folder, stacks=stacks, cores=self.cores, should_stop=never)
        spec = RunSpec(
            run=1,
            attempt=1,
            profile=profile,
            trials=tuple(Trial(stack=slug, workload=WORKLOAD) for slug in commands),
            objective_ms=OBJECTIVE_MS,
            seed=1,
            confirm_with_locust=False,
        )
        return BadRun(measured=list(runner.measure(spec, host)))


@dataclass(frozen=True, kw_only=True)
class BadRun:
    """What a run told."""

    measured: list[Measurement] = field(repr=False)

    def windows(self, slug: str) -> list[Window]:
        """All windows of a stack."""
        return [one for one in self.measured if isinstance(one, Window) and one.stack == slug]

    def started(self, slug: str) -> bool:
        """Whether it ever answered correctly."""
        return any(isinstance(one, StackStarted) and one.stack == slug for one in self.measured)

    def finished(self) -> set[str]:
        """Stacks that went through every step."""
        return {one.stack for one in self.measured if isinstance(one, TrialFinished)}

    def failure(self, slug: str) -> str:
        """Why the runner gave a stack up; empty when it did not."""
        return "; ".join(one.reason for one in self._failures() if one.stack == slug)

    def outcome(self, slug: str) -> Capacity | RefusedStack:
        """What a report makes of it."""
        return self._fitted(slug, self.windows(slug))

    def _fitted(self, slug: str, windows: list[Window]) -> Capacity | RefusedStack:
        return fit_capacity(
            stack=slug,
            workload=WORKLOAD,
            windows=windows,
            objective_ms=OBJECTIVE_MS,
            failures=self._failures(),
        )

    def _failures(self) -> Iterable[StackFailed]:
        return [one for one in self.measured if isinstance(one, StackFailed)]
