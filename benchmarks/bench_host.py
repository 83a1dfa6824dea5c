"""What a run uses of the host: folders, cores, the benchmark's own PostgreSQL and upstream, and the word to stop."""

import http.client
import json
import secrets
import select
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from benchmarks.app_gate import open_gate
from benchmarks.app_process import HOST, listening_socket
from benchmarks.bench_database import app_database_url, prepare_database
from benchmarks.errors import BenchmarkError
from benchmarks.guarded_process import (
    PROJECT,
    GuardedProcess,
    Program,
    ShouldStop,
    guarded,
    module_program,
    wait_until,
)
from benchmarks.load.engine import Target
from benchmarks.load.network import LoadNetwork
from benchmarks.load.own_journeys import OwnJourney
from benchmarks.process_tree import ProcessTree
from benchmarks.resources import CoreSplit
from benchmarks.stack_catalogue import StackManifest
from benchmarks.window_canary import WindowCanary, window_canary

_DATABASE_START_LIMIT_S = 60.0
_UPSTREAM_START_LIMIT_S = 20.0
NO_UPSTREAM_URL = f"http://{HOST}:9"  # the discard port: nobody listens, so a call fails at once


@dataclass(frozen=True, kw_only=True)
class BenchHost:
    """`folder` keeps environments, database and logs; `ours` are processes whose CPU is not foreign load."""

    folder: Path
    stacks: Mapping[str, StackManifest]
    cores: CoreSplit
    should_stop: Callable[[], bool]
    ours: Sequence[ProcessTree] = ()
    journeys: Mapping[str, OwnJourney] = field(default_factory=dict)  # by slug, of the user's own locustfiles
    locust_processes: int = 1
    load_network: LoadNetwork | None = None  # of the hosts whose Locust workers send instead

    @property
    def records(self) -> Path:
        """Where each started process is written down until it has ended."""
        return self.folder / "processes"

    def log(self, run: int, name: str) -> Path:
        """The log file of one program in one run."""
        return self.folder / "logs" / f"run-{run}" / f"{name}.log"


@dataclass(frozen=True, kw_only=True)
class BenchDatabase:
    """The benchmark's PostgreSQL, freshly filled. `app_url` is all that an app under test learns of it."""

    app_url: str
    process: GuardedProcess


@dataclass(frozen=True, kw_only=True)
class BenchUpstream:
    """The HTTP API that apps under test may call, which takes 100 ms."""

    url: str
    process: GuardedProcess


@dataclass(frozen=True, kw_only=True)
class BenchServices:
    """What apps under test use in one run; `upstream` only where a trial of the run calls it."""

    database: BenchDatabase
    canary: WindowCanary
    upstream: BenchUpstream | None = None

    @property
    def upstream_url(self) -> str:
        """What an app under test is told: apps read it at their start, whatever is asked of them."""
        return self.upstream.url if self.upstream else NO_UPSTREAM_URL

    @property
    def beside_database(self) -> tuple[ProcessTree, ...]:
        """Processes of ours that are neither app, database nor generator: their CPU is not foreign load."""
        return (self.canary.tree, *((self.upstream.process.tree,) if self.upstream else ()))


@contextmanager
def bench_services(host: BenchHost, *, run: int, with_upstream: bool) -> Iterator[BenchServices]:
    """Start what a run needs on the load's cores. Raises BenchmarkError when something does not start."""
    upstream = _upstream_of(host, run) if with_upstream else nullcontext()
    pulses = window_canary(cores=host.cores.app, log=host.log(run, "canary"), record_folder=host.records)
    with bench_database(host, run=run) as database, upstream as called, pulses as canary:
        yield BenchServices(database=database, canary=canary, upstream=called)


def _upstream_of(host: BenchHost, run: int) -> AbstractContextManager[BenchUpstream]:
    log = host.log(run, "upstream")
    return bench_upstream(cpus=host.cores.load, log=log, record_folder=host.records, should_stop=host.should_stop)


@contextmanager
def reachable(target: Target, host: BenchHost, *, run: int) -> Iterator[tuple[Target, tuple[ProcessTree, ...]]]:
    """The target as Locust's users reach it, and what of ours passes their requests on: nothing on one host.

    On a load network it is reached only until the block is left. Raises EngineError.
    """
    network = host.load_network
    if network is None:
        yield target, ()
        return
    log = host.log(run, "gate")
    with open_gate(network, port=target.port, cpus=host.cores.load, log=log, record_folder=host.records) as gate:
        yield replace(target, host=network.address, port=network.app_port), (gate.tree,)


@contextmanager
def bench_upstream(
    *, cpus: Sequence[int], log: Path, record_folder: Path, should_stop: ShouldStop, port: int = 0
) -> Iterator[BenchUpstream]:
    """Start the upstream on `port` (0: any) and wait for its first answer. Raises BenchmarkError."""
    with listening_socket(port) as listener:
        port = listener.getsockname()[1]
        descriptor = listener.fileno()
        program = module_program(
            "the upstream server",
            "benchmarks.upstream_server",
            descriptor,
            cpus=cpus,
            log=log,
            record_folder=record_folder,
            pass_fds=[descriptor],
        )
        running = ExitStack()
        process = running.enter_context(guarded(program))
    with running:
        _await_upstream(process, port, should_stop)
        yield BenchUpstream(url=f"http://{HOST}:{port}", process=process)


def _await_upstream(process: GuardedProcess, port: int, should_stop: ShouldStop) -> None:
    answered = wait_until(
        lambda: not process.running() or _answers(port), limit_s=_UPSTREAM_START_LIMIT_S, should_stop=should_stop
    )
    if not answered or not process.running():
        said = process.last_log_line() or "it said nothing"
        raise BenchmarkError(f"the upstream server did not start: {said}; see {process.program.log}")


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection(HOST, port, timeout=1.0)) as connection:
        try:
            connection.request("GET", "/score?item=0")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def bench_database(host: BenchHost, *, run: int) -> Iterator[BenchDatabase]:
    """Start PostgreSQL on the load's cores and fill it anew. Raises BenchmarkError when it does not start."""
    log = host.log(run, "database")
    program = Program(
        name="the benchmark database",
        argv=[sys.executable, "-m", "benchmarks.database_server", str(host.folder / "postgres")],
        cpus=host.cores.load,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
        cwd=PROJECT,
        log=log,
        record_folder=host.records,
        piped=True,
        grace_s=10.0,
    )
    password = secrets.token_urlsafe(18)
    with guarded(program) as process:
        admin_url = _admin_url(process, host)
        try:
            prepare_database(admin_url, password)
        except psycopg.Error as error:
            raise BenchmarkError(f"the benchmark database could not be filled: {error}; see {log}") from error
        yield BenchDatabase(app_url=app_database_url(admin_url, password), process=process)


def _admin_url(process: GuardedProcess, host: BenchHost) -> str:
    said = process.from_child
    assert said is not None, "started piped"  # noqa: S101
    answered = wait_until(
        lambda: bool(select.select([said], [], [], 0)[0]) or not process.running(),
        limit_s=_DATABASE_START_LIMIT_S,
        should_stop=host.should_stop,
    )
    line = said.readline() if answered else b""
    if not line:
        raise BenchmarkError(
            f"the benchmark database did not start: {process.last_log_line()}; see {process.program.log}"
        )
    url: str = json.loads(line)["admin_url"]
    return url
