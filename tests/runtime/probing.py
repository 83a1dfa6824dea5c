"""What the runtime's tests look at from outside: processes, ports, a condition that comes true in time."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from estimator.runtime.environment import PROJECT
from estimator.runtime.processes import is_running

_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAR_DIR", "DJANGO_SETTINGS_MODULE", "PORT", "HOST")


def eventually(condition: Callable[[], bool], *, within_s: float = 20) -> None:
    """Fail when the condition does not come true in time; the time is generous, for busy machines."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A temporary folder that every account may enter (pytest's own are closed); fails when processes of it remain."""
    folder = Path(tempfile.mkdtemp(prefix="runtime-test-"))
    folder.chmod(0o755)
    try:
        yield folder
        eventually(lambda: not processes_of(folder))
    finally:
        shutil.rmtree(folder)


def processes_of(folder: Path) -> dict[int, str]:
    """Running processes that have the folder in their arguments or environment, by id; without this one."""
    return {
        pid: command for pid, command, everything in _processes() if str(folder) in everything and pid != os.getpid()
    }


def _processes() -> Iterator[tuple[int, str, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():  # zombies have neither arguments nor environment
            arguments, environment = _words(entry / "cmdline"), _words(entry / "environ")
            yield int(entry.name), arguments, arguments + " " + environment


def _words(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def bare_environment(**more: str) -> dict[str, str]:
    """Our environment, without what the test run itself was given."""
    return {name: value for name, value in os.environ.items() if name not in _OURS} | more


@contextmanager
def python_process(
    *arguments: str, environment: Mapping[str, str] | None = None, cwd: Path = PROJECT
) -> Iterator["subprocess.Popen[str]"]:
    """A Python process with pipes on its standard streams, killed at the end; output and errors in one stream."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment or bare_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


_USER = """
import json, sys
from pathlib import Path
from estimator.runtime.embedded import services
with services(Path(sys.argv[1]), postgres_settings={"fsync": "off"}) as found:
    print(json.dumps([found.postgres.pid, found.valkey.pid]), flush=True)
    sys.stdin.read()
"""


@contextmanager
def user_of(var: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process inside `services(var)`; it leaves when its standard input is closed."""
    with python_process("-c", _USER, str(var)) as process:
        yield process


def servers_of(user: "subprocess.Popen[str]") -> list[int]:
    """Wait for the user's first line: the ids of the two servers that it uses."""
    assert user.stdout is not None
    line = user.stdout.readline()
    assert line.startswith("["), line + user.stdout.read()
    pids: list[int] = json.loads(line)
    return pids


def leave(user: "subprocess.Popen[str]") -> None:
    """Let a user leave in order, and wait until it has."""
    user.communicate(timeout=30)
    assert user.returncode == 0


def kill_now(pid: int) -> None:
    """As the kernel does when memory is short."""
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_running(pid))
