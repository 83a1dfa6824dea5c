"""What `manage.py up` runs: every argument list of the service in one place."""

import http.client
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from estimator.runtime.errors import ServiceError
from estimator.runtime.ports import is_free
from estimator.runtime.supervisor import Program

# Celery warns root because of pickle; this queue accepts nothing but JSON.
_CELERY = (sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "estimator")
_WORKER = (*_CELERY, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle")


def service_programs(*, listener: socket.socket, var: Path) -> list[Program]:
    """Web on `listener`, then the two workers, then the clock that drives the housekeeping."""
    host, port = listener.getsockname()
    return [
        Program(
            name="web",
            argv=_web_argv(listener),
            # Loopback speaks plain HTTP: secure cookies and redirects to HTTPS would lock everybody out.
            environment={"PUBLIC_HTTPS": os.environ.get("PUBLIC_HTTPS") or "false"},
            restart=False,
            descriptors=(listener.fileno(),),
            ready=partial(answers, host, port),
        ),
        Program(
            name="bench",
            argv=(*_WORKER, "-Q", "bench", "--concurrency", "1", "-n", "bench@%h", "--include", "benchmarks.tasks"),
            stop_signal=signal.SIGQUIT,
        ),
        Program(
            name="housekeeping",
            argv=(*_WORKER, "-Q", "housekeeping", "--concurrency", "1", "-n", "housekeeping@%h"),
            stop_signal=signal.SIGQUIT,
        ),
        Program(name="beat", argv=_beat_argv(var)),
    ]


@contextmanager
def listening_address(host: str, port: int) -> Iterator[socket.socket]:
    """The web's socket, bound before anything else starts, so that nobody takes the port in between.

    Raises ServiceError that names the port and a free one.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ServiceError(_not_bound(host, port, error)) from error
        yield listener


def answers(host: str, port: int) -> bool:
    """Whether the web server answers a request, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _web_argv(listener: socket.socket) -> tuple[str, ...]:
    threads = ("--worker-class", "gthread", "--workers", "2", "--threads", "8")
    bind = ("--bind", f"fd://{listener.fileno()}")
    return (
        sys.executable,
        "-m",
        "gunicorn",
        "estimator.wsgi",
        *bind,
        *threads,
        "--graceful-timeout",
        "5",
        "--no-control-socket",
    )


def _beat_argv(var: Path) -> tuple[str, ...]:
    schedule = ("--schedule", str(var / "beat-schedule"), "--pidfile", "")
    return (*_CELERY, "beat", "--loglevel", "WARNING", *schedule)


def _not_bound(host: str, port: int, error: OSError) -> str:
    other = next((number for number in range(port + 1, port + 100) if number < 65_536 and is_free(number, host)), None)
    remedy = f"choose another, e.g. PORT={other} make up" if other else "choose another with PORT"
    return f"Port {port} on {host} cannot be used ({error.strerror}): {remedy}."
