"""What a run uses of the host: folders, cores, the benchmark's own PostgreSQL, and the word to stop."""

import json
import secrets
import select
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.bench_database import app_database_url, prepare_database
from benchmarks.errors import BenchmarkError
from benchmarks.guarded_process import GuardedProcess, Program, guarded, wait_until
from benchmarks.process_tree import ProcessTree
from benchmarks.resources import CoreSplit
from benchmarks.stack_catalogue import StackManifest

_PROJECT = Path(__file__).resolve().parent.parent
_DATABASE_START_LIMIT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class BenchHost:
    """`folder` keeps environments, database and logs; `ours` are processes whose CPU is not foreign load."""

    folder: Path
    stacks: Mapping[str, StackManifest]
    cores: CoreSplit
    should_stop: Callable[[], bool]
    ours: Sequence[ProcessTree] = ()

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


@contextmanager
def bench_database(host: BenchHost, *, run: int) -> Iterator[BenchDatabase]:
    """Start PostgreSQL on the load's cores and fill it anew. Raises BenchmarkError when it does not start."""
    log = host.log(run, "database")
    program = Program(
        name="the benchmark database",
        argv=[sys.executable, "-m", "benchmarks.database_server", str(host.folder / "postgres")],
        cpus=host.cores.load,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_PROJECT)},
        cwd=_PROJECT,
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
