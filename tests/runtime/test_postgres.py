"""A real PostgreSQL in a folder of its own: started, found again, stopped, brought back."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from estimator.runtime import postgres
from estimator.runtime.errors import ServiceError
from estimator.runtime.ports import LOOPBACK
from estimator.runtime.postgres import PostgresCluster, PostgresServer
from estimator.runtime.processes import command_line, is_running
from tests.runtime.probing import eventually, kill_now, open_to_all, processes_of, python_process


@pytest.fixture
def cluster(used_folder: Path) -> Iterator[PostgresCluster]:
    wanted = PostgresCluster(folder=used_folder / "postgres", settings={"fsync": "off"})
    yield wanted
    postgres.stop_cluster(wanted)


@pytest.fixture
def new_cluster(open_folder: Path) -> Iterator[PostgresCluster]:
    wanted = PostgresCluster(folder=open_folder / "postgres", settings={"fsync": "off"})
    yield wanted
    postgres.stop_cluster(wanted)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One for all tests that only look."""
    with open_to_all() as folder, postgres.running(PostgresCluster(folder=folder)) as running:
        yield running


def ask(server: PostgresServer, query: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_role_owns_its_database_and_is_no_superuser(server: PostgresServer) -> None:
    assert ask(server, "SELECT current_user || ' ' || current_database()") == "estimator estimator"
    assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    ask(server, "CREATE DATABASE test_estimator")


def test_text_sorts_the_same_on_every_machine(server: PostgresServer) -> None:
    assert ask(server, "SHOW server_encoding") == "UTF8"
    locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
    assert ask(server, locale) == "bC.UTF-8"


def test_only_loopback_and_only_with_a_password(server: PostgresServer) -> None:
    with psycopg.connect(server.admin_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == (LOOPBACK,)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://estimator:wrong@{LOOPBACK}:{server.port}/estimator")


def test_passwords_are_in_files_of_mode_600_and_nowhere_else(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server:
        passwords = {path: path.read_text().strip() for path in cluster.folder.glob("*-password")}

        assert len(set(passwords.values())) == 2
        assert {path.stat().st_mode & 0o777 for path in (*passwords, cluster.folder / "port")} == {0o600}
        told = " ".join(command_line(server.pid)) + cluster.log_file.read_text() + repr(server)
        assert not any(password in told for password in passwords.values())


def test_stopping_does_not_wait_for_open_connections(cluster: PostgresCluster) -> None:
    server = postgres.start(cluster)

    with psycopg.connect(server.url):
        postgres.stop(server, timeout_s=10)

    assert not server.is_alive()
    assert "database system is shut down" in cluster.log_file.read_text().splitlines()[-1]


def test_data_and_port_are_the_same_after_a_restart(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as first:
        ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")

    with postgres.running(cluster) as second:
        assert ask(second, "SELECT answer FROM kept") == 42
        assert second.port == first.port


def test_starting_what_runs_already_finds_it(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server:
        assert postgres.start(cluster).pid == server.pid
        found = postgres.find(cluster)
        assert found is not None
        assert (found.pid, found.url, found.admin_url) == (server.pid, server.url, server.admin_url)
    assert postgres.find(cluster) is None


def test_killed_server_comes_back_with_what_was_committed(cluster: PostgresCluster) -> None:
    server = postgres.start(cluster)
    ask(server, "CREATE TABLE committed AS SELECT 42 AS answer")

    kill_now(server.pid)

    assert (server.data / "postmaster.pid").exists()
    with postgres.running(cluster) as after:
        assert ask(after, "SELECT answer FROM committed") == 42


def test_pid_file_that_names_a_stranger_is_stale(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server:
        pid_file = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *pid_file[1:]]))

    with postgres.running(cluster) as after:
        assert ask(after, "SELECT 1") == 1


def test_taken_port_is_exchanged(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server:
        pass

    with socket.create_server((LOOPBACK, server.port)), postgres.running(cluster) as after:
        assert after.port != server.port
        assert ask(after, "SELECT 1") == 1


def test_start_killed_during_initdb_is_repeated(new_cluster: PostgresCluster) -> None:
    code = "import sys, pathlib; from estimator.runtime import postgres as p; "
    code += "p.start(p.PostgresCluster(folder=pathlib.Path(sys.argv[1])))"
    with python_process("-c", code, str(new_cluster.folder)) as starter:
        eventually(lambda: any(new_cluster.folder.glob("data.new-*/data/base")))
        starter.kill()
        starter.wait()
    assert not (new_cluster.folder / "data").exists()

    with postgres.running(new_cluster) as server:
        assert ask(server, "SELECT 1") == 1
    eventually(lambda: not processes_of(new_cluster.folder))
    with postgres.running(new_cluster):
        assert not any(new_cluster.folder.glob("data.new-*"))


def test_missing_database_and_role_are_made_again(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server, psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE estimator WITH (FORCE)")
        connection.execute("DROP ROLE estimator")

    with postgres.running(cluster) as after:
        assert ask(after, "SELECT 1") == 1


def test_lost_password_files_are_replaced_and_the_data_kept(cluster: PostgresCluster) -> None:
    with postgres.running(cluster) as server:
        ask(server, "CREATE TABLE guarded AS SELECT 42 AS answer")
    for path in cluster.folder.glob("*-password"):
        path.unlink()

    with postgres.running(cluster) as after:
        assert ask(after, "SELECT answer FROM guarded") == 42


def test_settings_prefix_and_pinning_reach_every_process(open_folder: Path) -> None:
    core = min(os.sched_getaffinity(0))
    wanted = PostgresCluster(
        folder=open_folder, settings={"work_mem": "7MB"}, cpus=frozenset({core}), prefix=("nice", "-n", "3")
    )

    with postgres.running(wanted) as server:
        assert ask(server, "SHOW work_mem") == "7MB"
        with psycopg.connect(server.url) as connection:
            backend = connection.info.backend_pid
            assert os.sched_getaffinity(backend) == {core}
            assert os.getpriority(os.PRIO_PROCESS, backend) == os.getpriority(os.PRIO_PROCESS, 0) + 3
    assert os.sched_getaffinity(0) != set()


def test_server_that_cannot_start_tells_why_and_where_to_look(open_folder: Path) -> None:
    wanted = PostgresCluster(folder=open_folder, settings={"shared_buffers": "plenty"})

    with pytest.raises(ServiceError, match=r"shared_buffers.*postgres\.log"):
        postgres.start(wanted)


def test_nobody_is_left_after_a_start_that_timed_out(new_cluster: PostgresCluster) -> None:
    with pytest.raises(ServiceError, match="did not start"):
        postgres.start(new_cluster, timeout_s=0)

    eventually(lambda: not processes_of(new_cluster.folder))


def test_finding_never_makes_anything(tmp_path: Path) -> None:
    assert postgres.find(PostgresCluster(folder=tmp_path / "nothing")) is None
    assert not (tmp_path / "nothing").exists()


def test_end_of_the_server_is_noticed(cluster: PostgresCluster) -> None:
    server = postgres.start(cluster)
    assert server.is_alive()

    kill_now(server.pid)

    assert not server.is_alive()
    assert not is_running(server.pid)
