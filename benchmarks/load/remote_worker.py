"""On another host: sends for the benchmark host whenever Locust's users are measured there, until it is ended.

    python -m benchmarks.load.remote_worker ADDRESS [--port PORT] [--processes COUNT]

ADDRESS and PORT are the benchmark host's LOAD_ADDRESS and LOAD_PORT. Each of COUNT processes is one Locust worker.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.guarded_process import Program, guarded, module_program
from benchmarks.load.network import DEFAULT_PORT

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_PAUSE_S = 0.5  # so that a worker which cannot start does not take the whole host
_QUIET = ("--loglevel", "WARNING", "--exit-code-on-error", "0")  # a request that failed is no failure of the worker


def main(argv: Sequence[str]) -> None:
    """A new worker for each window; a run's windows are minutes apart."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _say(f"waiting for {options.address}:{options.port}; Ctrl-C ends this")
    with suppress(KeyboardInterrupt), TemporaryDirectory(prefix="locust-worker-") as folder:
        while True:
            _say(_sent(_program(options, Path(folder))))
            time.sleep(_PAUSE_S)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load.remote_worker", description="Sends for a benchmark host when it measures."
    )
    parser.add_argument("address", help="LOAD_ADDRESS of the benchmark host")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="its LOAD_PORT")
    parser.add_argument("--processes", type=int, default=1, help="Locust workers; as many as this host has free cores")
    return parser.parse_args(argv)


def _program(options: argparse.Namespace, folder: Path) -> Program:
    several = ["--processes", options.processes] if options.processes > 1 else []
    return module_program(
        "Locust's worker",
        "locust",
        *("-f", _LOCUSTFILE, "--worker", *_QUIET, *several),
        *("--master-host", options.address, "--master-port", options.port),
        cpus=sorted(os.sched_getaffinity(0)),
        log=folder / "locust.log",
        record_folder=folder / "processes",
    )


def _sent(program: Program) -> str:
    """Wait for one worker's end; returns what to tell of it."""
    with guarded(program) as worker:
        worker.guard.wait()
        return f"could not send: {worker.last_log_line()}" if worker.exit_code() else "sent for one window"


def _say(message: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {message}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
