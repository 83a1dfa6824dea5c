"""What one trial is given: its stack, workload and block, the host, and the addresses of what it uses."""

import random
from dataclasses import dataclass
from functools import cached_property

from benchmarks.app_process import RunningApp
from benchmarks.bench_host import BenchHost, BenchServices
from benchmarks.errors import AppError, EngineError
from benchmarks.load.engine import VERIFY_CONNECTIONS, Target
from benchmarks.load.own_journeys import OwnJourney
from benchmarks.stack_catalogue import StackManifest
from benchmarks.window_canary import Calm
from benchmarks.workload_manifest import WorkloadManifest, journey_workload
from benchmarks.workloads import PreparedRequest, WorkloadFacts
from estimator.domain.measuring.journeys import JOURNEY_PREFIX, heaviest
from estimator.domain.measuring.workload import Profile, RunSpec, Trial
from estimator.domain.performance.capacity import ServingLimits, serving_limits

_VERIFY_CONNECTIONS = 64  # at most, for work that waits
_WAITING_PATIENCE_S = 10.0  # hundreds of requests at once need seconds, however short the profile
_CONNECTIONS_PER_THREAD = 4  # more would only queue, and each takes its turn to be primed


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a trial is about to do, and how far through it is."""

    message: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that one trial needs. `with_locust`: the second engine confirms here, if a capacity is found."""

    spec: RunSpec
    trial: Trial
    block: int
    host: BenchHost
    services: BenchServices
    calm: Calm
    with_locust: bool = False

    @property
    def profile(self) -> Profile:
        """How much is measured."""
        return self.spec.profile

    @cached_property
    def manifest(self) -> StackManifest:
        """The stack's manifest. Raises AppError when its folder is gone."""
        try:
            return self.host.stacks[self.trial.base or self.trial.stack].varied(dict(self.trial.settings))
        except KeyError:
            raise AppError(f"stack {self.trial.stack!r} has no folder any more; register the stacks again") from None

    @cached_property
    def workload(self) -> WorkloadManifest:
        """Where the app serves the workload. Raises AppError when it does not, with the manifest's reason.

        A journey is a workload of mixed requests.
        """
        return self._journey() if self.trial.mix else self._served(self.trial.workload)

    def _served(self, workload: str) -> WorkloadManifest:
        served = self.manifest.workloads.get(workload)
        if served is None:
            raise AppError(f"the manifest does not name {workload} any more; register the stacks again")
        if served.unsupported:
            raise AppError(f"not supported: {served.unsupported}")
        return served

    def _journey(self) -> WorkloadManifest:
        parts = {slug: self._served(slug) for slug, _ in self.trial.mix}
        if len({part.listener for part in parts.values()}) > 1:
            raise AppError(f"not supported: {', '.join(parts)} are served at two addresses, and a user has one")
        return journey_workload(parts, self.trial.mix, seed=self.seed(0), size=self.profile.ring_size)

    @property
    def own_journey(self) -> OwnJourney | None:
        """Whose locustfile drives the users; None where ours does. Raises EngineError when its folder is gone."""
        if not self.trial.own_users:
            return None
        slug = self.trial.workload.removeprefix(JOURNEY_PREFIX)
        if slug not in self.host.journeys:
            raise EngineError(f"no folder in JOURNEYS_DIR of this host holds the journey {slug!r}; put it back")
        return self.host.journeys[slug]

    @property
    def facts(self) -> WorkloadFacts:
        """How the workload is measured. Raises UnknownWorkload."""
        return self.workload.facts(self.trial.workload)

    @cached_property
    def ring(self) -> tuple[PreparedRequest, ...]:
        """The seeded requests of this block."""
        return self.workload.ring(self.trial.workload, seed=self.seed(0), size=self.profile.ring_size)

    @property
    def limits(self) -> ServingLimits:
        """What bounds the stack beside its CPU."""
        bounding = heaviest(self.trial.mix) if self.trial.mix else self.trial.workload
        return serving_limits(self.manifest.settings, workload=bounding)

    @property
    def connections(self) -> int:
        """Of the load: many for work that waits, but for servers with threads not many times as many as those."""
        usual, wanted, limits = self.profile.connections, self.facts.connections, self.limits
        if wanted is None or limits.threads_per_worker is None:
            return wanted or usual
        return min(wanted, max(usual, _CONNECTIONS_PER_THREAD * limits.threads_per_worker * limits.workers))

    @property
    def verify_connections(self) -> int:
        """Enough that verifying work that waits takes seconds, not minutes."""
        return min(self.connections, _VERIFY_CONNECTIONS) if self.facts.waits else VERIFY_CONNECTIONS

    def seed(self, step: int) -> int:
        """A new seed for each stack, block and step, the same for the same run seed."""
        name = f"{self.spec.seed}/{self.block}/{self.trial.stack}/{self.trial.workload}/{step}"
        return random.Random(name).getrandbits(32)

    def target(self, app: RunningApp) -> Target:
        """Where the load of this trial goes."""
        return Target(
            host=app.host,
            port=app.port_of(self.workload.listener),
            ring=self.ring,
            connections=self.connections,
            patience_s=max(self.profile.patience_s, _WAITING_PATIENCE_S if self.facts.waits else 0.0),
        )


@dataclass(frozen=True)
class StopOrDead:
    """Asks for the end when the claim is lost; raises AppError when the app is gone."""

    host: BenchHost
    app: RunningApp

    def __call__(self) -> bool:
        return self.host.should_stop() or self.app.check_alive()
