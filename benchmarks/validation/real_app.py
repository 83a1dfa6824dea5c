"""One of the shipped stacks, started as a trial starts it, for checks that put two generators in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.bench_host import BenchHost, bench_services
from benchmarks.environments import ensure_environment
from benchmarks.validation.ground import Ground, never
from benchmarks.workloads import PreparedRequest, request_ring

_RING, _SEED = 200, 1


@contextmanager
def real_app(ground: Ground, slug: str, workload: str) -> Iterator[tuple[RunningApp, tuple[PreparedRequest, ...]]]:
    """The app with its database, and the requests it answers. Raises AppError when it does not start."""
    manifest = ground.stack(slug)
    served = manifest.workloads[workload]
    ring = request_ring(workload, served.path, seed=_SEED, size=_RING)
    host = BenchHost(folder=ground.folder, stacks={slug: manifest}, cores=ground.cores, should_stop=never)
    home = ground.folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    with bench_services(host, run=0, with_upstream=False) as services:
        environment = app_environment(
            home=home,
            database_url=services.database.app_url,
            upstream_url=services.upstream_url,
            pool_size=manifest.settings.get("pool_size"),
        )
        app = AppCommand(
            name=manifest.app_name,
            command=manifest.argv,
            folder=manifest.folder,
            python=str(ensure_environment(manifest.folder, ground.folder / "environments")),
            cpus=ground.cores.app,
            environment=environment,
            log=ground.log(manifest.app_name),
            record_folder=ground.records,
            ready_timeout_s=manifest.ready_timeout_s,
        )
        with start_app(app, workload=ring[0], should_stop=never) as running:
            yield running, ring
