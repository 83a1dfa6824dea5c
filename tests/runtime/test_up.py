"""`manage.py up` as a person starts it: the whole service, what kills it does not survive, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from estimator.runtime.ports import LOOPBACK, remembered_or_free_port
from estimator.runtime.processes import is_running
from estimator.runtime.programs import answers
from tests.runtime.probing import bare_environment, eventually, kill_now, processes_of, python_process

# The first start migrates a new database; with a busy machine under it that takes its time.
_START_S = 90


class Service:
    """A running `manage.py up`."""

    def __init__(self, process: "subprocess.Popen[str]", var: Path, port: int) -> None:
        self.process, self.var, self.port = process, var, port
        self.said = ""

    def until(self, text: str) -> None:
        """Read on until it has said so."""
        assert self.process.stdout is not None
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, f"ended without {text!r}:\n{self.said}"
            self.said += line

    def pid_of(self, part: str) -> int | None:
        """The oldest of its processes whose command line holds the text."""
        return min((pid for pid, command in processes_of(self.var).items() if part in command), default=None)


@contextmanager
def started(var: Path) -> Iterator[Service]:
    port = remembered_or_free_port(var / "web-port")
    environment = bare_environment(VAR_DIR=str(var), PORT=str(port), PYTHONUNBUFFERED="1")
    with python_process("manage.py", "up", environment=environment) as process:
        service = Service(process, var, port)
        service.until(f"serves http://127.0.0.1:{port}/")
        yield service


def up(var: Path, port: int) -> "subprocess.CompletedProcess[str]":
    """One more `up` beside the first one, to its end."""
    environment = bare_environment(VAR_DIR=str(var), PORT=str(port))
    argv = [sys.executable, "manage.py", "up"]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=_START_S, check=False)


@pytest.mark.parametrize("port", ["web", "0", "99999"])
def test_what_is_no_port_is_refused_with_an_example(port: str) -> None:
    with pytest.raises(CommandError, match=f"'{port}' is no port; choose one from 1 to 65535, e.g. PORT=8001"):
        call_command("up", f"--port={port}")


def is_back(service: Service, part: str, killed: int) -> bool:
    """Whether there is such a process again, and it is another one."""
    return service.pid_of(part) not in (killed, None)


def ready(service: Service, name: str) -> bool:
    """Whether the worker has said so."""
    log = service.var / "logs" / f"{name}.log"
    return log.exists() and f"{name}@" in log.read_text() and " ready" in log.read_text()


@pytest.mark.timeout(300)
def test_service_from_first_start_to_ctrl_c(open_folder: Path) -> None:
    """One story, as each start of everything costs seconds: up, second up, kill, back, Ctrl-C."""
    with started(open_folder) as service:
        eventually(lambda: answers(LOOPBACK, service.port))
        service.until("Next: ")
        assert f"the password is in {open_folder / 'admin-password'}" in service.said

        second = up(open_folder, service.port)
        assert second.returncode == 1
        assert re.search(rf"already runs at http://127\.0\.0\.1:{service.port}/ \(process \d+\)", second.stderr)
        assert "Traceback" not in second.stderr

        for name in ("bench", "housekeeping"):
            eventually(partial(ready, service, name), within_s=_START_S)
        for part in ("-Q bench", "-Q housekeeping", " beat "):
            killed = service.pid_of(part)
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            eventually(partial(is_back, service, part, killed), within_s=_START_S)
        eventually(lambda: answers(LOOPBACK, service.port))

        os.killpg(service.process.pid, signal.SIGINT)
        output, _ = service.process.communicate(timeout=60)
        assert service.process.returncode == 0, service.said + output
        assert not answers(LOOPBACK, service.port)
        assert not [line for line in output.splitlines() if "Traceback" in line], output


@pytest.mark.timeout(300)
def test_nothing_outlives_a_killed_service_and_the_next_start_recovers(open_folder: Path) -> None:
    with started(open_folder) as service:
        eventually(lambda: ready(service, "housekeeping"), within_s=_START_S)
        kill_now(service.process.pid)
        eventually(lambda: not processes_of(open_folder), within_s=10)

    with started(open_folder) as service:
        postgres = service.pid_of("postgres -D")
        assert postgres is not None
        kill_now(postgres)
        output, _ = service.process.communicate(timeout=60)
        assert service.process.returncode == 1
        assert "PostgreSQL has ended; see" in output
        assert not is_running(postgres)


def test_taken_port_is_named_with_another_to_choose(open_folder: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        result = up(open_folder, port)

    assert result.returncode == 1
    assert re.search(rf"Port {port} on 127\.0\.0\.1 .*: choose another, e\.g\. PORT=\d+ make up\.", result.stderr)
    assert "Traceback" not in result.stderr
