"""What every app under test has to keep, whoever wrote it: started for real, on a database of its own."""

import ast
import http.client
import json
import os
import signal
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.environments import ensure_environment, installed_versions
from benchmarks.guarded_process import wait_until
from benchmarks.stack_catalogue import StackManifest, read_manifests
from benchmarks.workloads import PreparedRequest, request_ring, wrong_token_request
from estimator.runtime.environment import PROJECT
from tests.bench_cluster import BenchCluster, bench_cluster

APPS = PROJECT / "apps_under_test"
ENVIRONMENTS = PROJECT / "var" / "bench" / "environments"  # shared with the service: made once, then kept
STACKS = read_manifests(APPS)
OURS = {"estimator", "benchmarks", "apps_under_test", "tests"}

every_stack = pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.slug)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@pytest.fixture(scope="module")
def cluster() -> Iterator[BenchCluster]:
    with bench_cluster() as running:
        running.log_what_the_app_sends()
        yield running


@pytest.fixture(scope="module", params=STACKS, ids=lambda stack: stack.slug)
def stack(request: pytest.FixtureRequest) -> StackManifest:
    chosen: StackManifest = request.param
    return chosen


@pytest.fixture(scope="module")
def app(stack: StackManifest, cluster: BenchCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with started(stack, cluster, tmp_path_factory.mktemp(stack.slug)) as running:
        yield running


def started(stack: StackManifest, cluster: BenchCluster, scratch: Path) -> AbstractContextManager[RunningApp]:
    command = AppCommand(
        name=stack.folder.name,
        command=stack.command,
        folder=stack.folder,
        python=str(ensure_environment(stack.folder, ENVIRONMENTS)),
        cpus=sorted(os.sched_getaffinity(0)),
        environment=app_environment(home=scratch, database_url=cluster.app_url),
        log=scratch / "app.log",
        record_folder=scratch / "processes",
        health=PreparedRequest(path=stack.health_path, expected_json={"status": "ok"}),
        ready_timeout_s=stack.ready_timeout_s,
        grace_s=10.0,
    )
    return start_app(command, workload=lookups(stack, 1)[0], should_stop=lambda: False)


def lookups(stack: StackManifest, count: int) -> tuple[PreparedRequest, ...]:
    return request_ring("user_lookup", stack.workloads["user_lookup"].path, seed=11, size=count)


def connect(app: RunningApp) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(app.host, app.port, timeout=30)


def ask(connection: http.client.HTTPConnection, request: PreparedRequest) -> Answer:
    connection.request(request.method, request.path, request.body or None, dict(request.headers))
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=headers, body=response.read())


def ask_once(app: RunningApp, request: PreparedRequest) -> Answer:
    with closing(connect(app)) as connection:
        return ask(connection, request)


def at_once(app: RunningApp, requests: tuple[PreparedRequest, ...], connections: int) -> list[Answer]:
    """All requests, dealt to so many connections that work at the same time."""

    def deal(number: int) -> list[Answer]:
        with closing(connect(app)) as connection:
            return [ask(connection, request) for request in requests[number::connections]]

    with ThreadPoolExecutor(connections) as pool:
        return [answer for answers in pool.map(deal, range(connections)) for answer in answers]


def open_socket(connection: http.client.HTTPConnection) -> socket.socket:
    assert connection.sock is not None, "the app closed a connection that should be kept alive"
    return connection.sock


# --- answers


@pytest.mark.parametrize("workload", ["json", "user_lookup"])
def test_every_answer_is_right_and_compact(app: RunningApp, stack: StackManifest, workload: str) -> None:
    ring = request_ring(workload, stack.workloads[workload].path, seed=3, size=100)
    with closing(connect(app)) as connection:
        for request in ring:
            answer = ask(connection, request)

            assert answer.status == request.expected_status
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["content-length"] == str(len(answer.body))
            assert json.loads(answer.body) == request.expected_json
            assert answer.body.strip() == json.dumps(json.loads(answer.body), separators=(",", ":")).encode()


def test_health_touches_no_database(app: RunningApp, stack: StackManifest, cluster: BenchCluster) -> None:
    mark = cluster.mark()

    answer = ask_once(app, PreparedRequest(path=stack.health_path))

    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
    assert cluster.statements_since(mark) == []


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic {token}", "{token}", "Bearer{token}", "é"])
def test_missing_or_malformed_token_is_refused_unasked(
    app: RunningApp, stack: StackManifest, cluster: BenchCluster, header: str | None
) -> None:
    token = lookups(stack, 1)[0].headers[0][1].removeprefix("Bearer ")
    headers = () if header is None else (("Authorization", header.format(token=token)),)
    mark = cluster.mark()

    answer = ask_once(app, PreparedRequest(path=stack.workloads["user_lookup"].path, headers=headers))

    assert (answer.status, json.loads(answer.body)) == (401, {"detail": "Invalid token"})
    assert cluster.statements_since(mark) == []


def test_unknown_token_is_refused_after_at_most_one_statement(
    app: RunningApp, stack: StackManifest, cluster: BenchCluster
) -> None:
    request = wrong_token_request(stack.workloads["user_lookup"].path)
    at_once(app, lookups(stack, 200), connections=16)
    mark = cluster.mark()

    answer = ask_once(app, request)

    assert (answer.status, json.loads(answer.body)) == (request.expected_status, request.expected_json)
    assert len(cluster.statements_since(mark)) <= 1


# --- the database


def test_lookup_is_exactly_one_statement(app: RunningApp, stack: StackManifest, cluster: BenchCluster) -> None:
    ring = lookups(stack, 400)
    at_once(app, ring, connections=16)  # every connection is open and has prepared its statement
    mark = cluster.mark()

    answers = at_once(app, ring, connections=16)

    sent = cluster.statements_since(mark)
    assert [answer.status for answer in answers] == [200] * len(ring)
    assert len(sent) == len(ring), set(sent)
    assert all(statement.startswith("SELECT") for statement in sent)


def test_pool_is_as_large_as_the_manifest_says(app: RunningApp, stack: StackManifest, cluster: BenchCluster) -> None:
    seen = [0]
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(at_once, app, lookups(stack, 1000), 64)
        while not load.done():
            seen.append(cluster.app_connections())

    assert {answer.status for answer in load.result()} == {200}
    assert max(seen) == cluster.app_connections() == stack.settings["pool_size"]


# --- connections


def test_second_request_uses_the_same_socket(app: RunningApp, stack: StackManifest) -> None:
    with closing(connect(app)) as connection:
        for request in lookups(stack, 2):
            answer = ask(connection, request)
            assert answer.status == 200
            assert answer.headers.get("connection", "keep-alive") == "keep-alive"
            first = open_socket(connection)

        assert ask(connection, lookups(stack, 1)[0]).status == 200
        assert open_socket(connection) is first


def test_five_hundred_idle_connections_are_kept_and_served(app: RunningApp, stack: StackManifest) -> None:
    ring = lookups(stack, 500)
    with ExitStack() as stay_open:
        connections = [stay_open.enter_context(closing(connect(app))) for _ in ring]
        for connection, request in zip(connections, ring, strict=True):
            assert ask(connection, request).status == 200
        sockets = [open_socket(connection) for connection in connections]

        for connection, request in zip(connections, reversed(ring), strict=True):
            assert json.loads(ask(connection, request).body) == request.expected_json

        assert [open_socket(connection) for connection in connections] == sockets


def test_no_answer_waits_for_an_acknowledgement(app: RunningApp, stack: StackManifest) -> None:
    """With Nagle's algorithm on, a body sent after its headers waits 40 ms for the client's delayed acknowledgement."""
    request = request_ring("json", stack.workloads["json"].path, seed=1, size=1)[0]
    waits_ms = []
    with closing(connect(app)) as connection:
        for _ in range(60):
            before = time.perf_counter()
            ask(connection, request)
            waits_ms.append((time.perf_counter() - before) * 1000)

    assert statistics.median(waits_ms[30:]) < 30, "switch TCP_NODELAY on"


# --- the end


def test_app_ends_cleanly_on_sigterm(stack: StackManifest, cluster: BenchCluster, tmp_path: Path) -> None:
    with started(stack, cluster, tmp_path) as running, closing(connect(running)) as kept_alive:
        assert ask(kept_alive, lookups(stack, 1)[0]).status == 200

        os.kill(running.process.child_pid, signal.SIGTERM)

        assert wait_until(lambda: not running.process.running(), limit_s=15, should_stop=lambda: False)
        # Uvicorn shuts down and then ends by the signal it was sent.
        assert running.process.exit_code() in {0, 128 + signal.SIGTERM}
        assert "Traceback" not in running.app.log.read_text()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((running.host, running.port), timeout=5).close()


# --- the folder


@every_stack
def test_app_imports_nothing_of_ours(stack: StackManifest) -> None:
    others = {folder.name for folder in APPS.iterdir() if folder.is_dir()}

    assert imported_packages(stack.folder).isdisjoint(OURS | others)


def imported_packages(folder: Path) -> set[str]:
    names: set[str] = set()
    for source in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).partition(".")[0])
    return names


@every_stack
def test_every_folder_with_python_is_a_package(stack: StackManifest) -> None:
    """Else the import linter does not see it."""
    for source in stack.folder.rglob("*.py"):
        assert (source.parent / "__init__.py").exists()


@every_stack
def test_named_packages_are_installed(stack: StackManifest) -> None:
    python = ensure_environment(stack.folder, ENVIRONMENTS)

    assert set(installed_versions(python, stack.packages)) == set(stack.packages)


@every_stack
def test_lock_pins_hashes_and_names_no_registry(stack: StackManifest) -> None:
    lock = (stack.folder / "requirements.lock").read_text(encoding="utf-8")
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]

    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned) > 0
    assert "://" not in lock
    assert str(PROJECT) not in lock


@every_stack
def test_settings_say_what_the_command_does(stack: StackManifest) -> None:
    """The equality matrix is printed in every report: it may not drift from what is started."""
    stated = {"--workers": "workers", "--threads": "threads", "--keep-alive": "keep_alive_s"}
    stated |= {"--timeout-keep-alive": "keep_alive_s", "--loop": "event_loop"}
    for option, value in zip(stack.command, stack.command[1:], strict=False):
        if option in stated:
            assert value == str(stack.settings[stated[option]])
    assert stack.settings["access_log"] == ("--access-logfile" in stack.command)


def test_every_stack_states_the_same_settings() -> None:
    matrix = {stack.slug: set(stack.settings) for stack in STACKS}

    assert len(set(map(frozenset, matrix.values()))) == 1, matrix


def test_built_in_stacks_are_set_up_alike() -> None:
    shared = ["workers", "pool_size", "keep_alive_s", "max_requests", "access_log", "debug", "json", "transactions"]

    for setting in [*shared, "database_driver", "prepared_statements"]:
        assert len({stack.settings[setting] for stack in STACKS}) == 1, setting


def test_interpreter_is_the_one_that_measures() -> None:
    python = ensure_environment(STACKS[0].folder, ENVIRONMENTS)
    version = python.parent.parent / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"

    assert version.is_dir()
