"""Apps under test, started for real beside a database and an upstream of their own, and a plain client for them."""

import http.client
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.answers import is_right
from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.bench_host import bench_upstream
from benchmarks.environments import ensure_environment
from benchmarks.stack_catalogue import StackManifest, read_manifests
from benchmarks.workloads import PreparedRequest, request_ring
from estimator.runtime.environment import PROJECT
from tests.bench_cluster import BenchCluster

APPS = PROJECT / "apps_under_test"
ENVIRONMENTS = PROJECT / "var" / "bench" / "environments"  # shared with the service: made once, then kept
STACKS = read_manifests(APPS)
CORES = sorted(os.sched_getaffinity(0))


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass(kw_only=True)
class Upstream:
    """The real one, which tests may take away and give back on the same port."""

    folder: Path
    url: str = ""
    running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        place = bench_upstream(
            cpus=CORES,
            log=self.folder / "upstream.log",
            record_folder=self.folder / "processes",
            should_stop=never,
            port=urlsplit(self.url).port or 0,
        )
        self.url = self.running.enter_context(place).url

    def stop(self) -> None:
        self.running.close()


@contextmanager
def upstream_in(folder: Path) -> Iterator[Upstream]:
    upstream = Upstream(folder=folder)
    with upstream.running:
        upstream.start()
        yield upstream


@dataclass(frozen=True, kw_only=True)
class Client:
    """Asks one running app for its workloads."""

    stack: StackManifest
    app: RunningApp

    def ring(self, workload: str, count: int, seed: int = 11) -> tuple[PreparedRequest, ...]:
        return request_ring(workload, self.stack.workloads[workload].path, seed=seed, size=count)

    def connect(self, workload: str = "") -> http.client.HTTPConnection:
        """To the socket that serves the workload; without one, to the first."""
        listener = self.stack.workloads[workload].listener if workload else 1
        return http.client.HTTPConnection(self.app.host, self.app.port_of(listener), timeout=30)

    def ask(self, workload: str, request: PreparedRequest) -> "Answer":
        with closing(self.connect(workload)) as connection:
            return ask(connection, request)

    def at_once(self, workload: str, requests: Sequence[PreparedRequest], connections: int) -> list["Answer"]:
        """All requests in their order, dealt to so many connections that work at the same time and stay open."""

        def deal(number: int) -> list[Answer]:
            with closing(self.connect(workload)) as connection:
                return [
                    (ask(connection, request), open_socket(connection))[0] for request in requests[number::connections]
                ]

        with ThreadPoolExecutor(connections) as pool:
            dealt = list(pool.map(deal, range(connections)))
        return [dealt[number % connections][number // connections] for number in range(len(requests))]


def started(
    stack: StackManifest, cluster: BenchCluster, upstream_url: str, scratch: Path, **settings: int
) -> AbstractContextManager[RunningApp]:
    """The stack as a trial starts it; `settings` in place of the manifest's."""
    pool_size = settings.get("pool_size", stack.settings["pool_size"])
    command = AppCommand(
        name=stack.app_name,
        command=stack.argv,
        folder=stack.folder,
        python=str(ensure_environment(stack.folder, ENVIRONMENTS)),
        cpus=CORES,
        environment=app_environment(
            home=scratch, database_url=cluster.app_url, upstream_url=upstream_url, pool_size=pool_size
        ),
        log=scratch / "app.log",
        record_folder=scratch / "processes",
        health=PreparedRequest(path=stack.health_path, expected_json={"status": "ok"}),
        ready_timeout_s=stack.ready_timeout_s,
        grace_s=10.0,
    )
    lookup = stack.workloads["user_lookup"]
    ring = request_ring("user_lookup", lookup.path, seed=1, size=1)
    return start_app(command, workload=ring[0], listener=lookup.listener, should_stop=never)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(connection: http.client.HTTPConnection, request: PreparedRequest) -> Answer:
    connection.request(request.method, request.path, request.body or None, dict(request.headers))
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=headers, body=response.read())


def open_socket(connection: http.client.HTTPConnection) -> socket.socket:
    assert connection.sock is not None, "the app closed a connection that should be kept alive"
    return connection.sock


def most_seen(count: Callable[[], int], meanwhile: Callable[[], object]) -> int:
    """The highest count while something runs."""
    seen = [0]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(meanwhile)
        while not running.done():
            seen.append(count())
        running.result()
    return max(seen)


def skip_unless_served(stack: StackManifest, workload: str) -> None:
    if workload not in stack.served:
        pytest.skip(stack.unsupported.get(workload, "not in its manifest"))


def wrong(requests: Sequence[PreparedRequest], answers: Sequence[Answer]) -> list[bytes]:
    """The bodies that are not right, by status or content."""
    return [
        answer.body
        for request, answer in zip(requests, answers, strict=True)
        if answer.status != request.expected_status
        or not is_right(answer.body, expected_json=request.expected_json, expected_text=request.expected_text)
    ]
